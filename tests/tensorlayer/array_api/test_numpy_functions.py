"""NumPy's functions on tensors and expressions: recorded where there is an operation, else looked at."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorlayer as tl
from tensorlayer.array_api.numpy_functions import UFUNCS
from tests.tensorlayer.array_api.comparison import assert_same

X = np.random.default_rng(5).uniform(0.1, 0.9, (3, 3))
Y = np.random.default_rng(6).uniform(0.1, 0.9, (3, 3))

#: Functions that are recorded: of `a(X)` and `a(Y)` with the same `np`.
RECORDED: dict[str, Callable[[Any, Any], Any]] = {
    "concatenate": lambda x, y: np.concatenate([x, y], axis=1),
    "stack": lambda x, y: np.stack([x, y], axis=-1),
    "transpose": lambda x, y: np.transpose(x),
    "transpose of axes": lambda x, y: np.transpose(x, (1, 0)),
    "reshape": lambda x, y: np.reshape(x, (9,)),
    "moveaxis": lambda x, y: np.moveaxis(x, 0, 1),
    "expand_dims": lambda x, y: np.expand_dims(x, 0),
    "squeeze": lambda x, y: np.squeeze(x[:1]),
    "squeeze axis": lambda x, y: np.squeeze(x[:1], axis=0),
    "flip": lambda x, y: np.flip(x, 0),
    "roll": lambda x, y: np.roll(x, 1, axis=0),
    "diff": lambda x, y: np.diff(x),
    "broadcast_to": lambda x, y: np.broadcast_to(x, (2, 3, 3)),
    "tensordot": lambda x, y: np.tensordot(x, y, axes=1),
    "einsum": lambda x, y: np.einsum("ij,jk->ki", x, y),
    "einsum implicit": lambda x, y: np.einsum("ij,jk", x, y),
    "einsum dots": lambda x, y: np.einsum("...j,j...->...", x, y),
    "einsum of lists": lambda x, y: np.einsum(x, [0, 1], y, [1, 2], [2, 0]),
    "einsum of three": lambda x, y: np.einsum("ij,jk,kl->il", x, y, x, optimize=True),
    "einsum trace": lambda x, y: np.einsum("ii", x),
    "trace": lambda x, y: np.trace(x, 1),
    "diagonal": lambda x, y: np.diagonal(x, -1),
    "where": lambda x, y: np.where(x > y, x, y),
    "clip": lambda x, y: np.clip(x, 0.2, 0.7),
    "clip below": lambda x, y: np.clip(x, None, 0.7),
    "real": lambda x, y: np.real(x),
    "imag": lambda x, y: np.imag(x),
    "sum": lambda x, y: np.sum(x),
    "sum axis": lambda x, y: np.sum(x, 0, keepdims=True),
    "sum dtype": lambda x, y: np.sum(x, axis=0, dtype="float32"),
    "prod": lambda x, y: np.prod(x, axis=(0, 1)),
    "mean": lambda x, y: np.mean(x, axis=-1),
    "max": lambda x, y: np.max(x),
    "all": lambda x, y: np.all(x > 0.2, axis=0),
    "var": lambda x, y: np.var(x, axis=0, ddof=1),
    "std": lambda x, y: np.std(x, keepdims=True),
    "count_nonzero": lambda x, y: np.count_nonzero(x, axis=0),
    "linalg.norm": lambda x, y: np.linalg.norm(x, axis=1),
    "linalg.inv": lambda x, y: np.linalg.inv(x),
    "linalg.solve": np.linalg.solve,
    "linalg.svd": lambda x, y: tuple(np.linalg.svd(x))[1],
    "linalg.slogdet": lambda x, y: tuple(np.linalg.slogdet(x)),
    "linalg.cholesky": lambda x, y: np.linalg.cholesky(x @ x.T),
    "matmul": np.matmul,
    "vecdot": np.vecdot,
    "add": np.add,
    "add a list": lambda x, y: np.add(x, [1.0, 2.0, 3.0]),
    "add a scalar array": lambda x, y: np.add(np.array(2.0), x),
}

#: Functions, or options of functions, that look at the elements and give what NumPy gives.
LOOKED_AT: dict[str, Callable[[Any, Any], Any]] = {
    "sort": lambda x, y: np.sort(x, axis=0),
    "dot": np.dot,
    "allclose": lambda x, y: np.allclose(x, x + 0.0),
    "array_equal": np.array_equal,
    "median": lambda x, y: np.median(x, axis=0),
    "median of several": lambda x, y: np.median([x, y], axis=0),
    "linalg.norm of an order": lambda x, y: np.linalg.norm(x, ord=1),
    "linalg.qr of a mode": lambda x, y: np.linalg.qr(x, mode="r"),
    "linalg.svd of an option": lambda x, y: np.linalg.svd(x, compute_uv=False),
    "sum where": lambda x, y: np.sum(x, where=np.asarray(x) > 0.3),
    "sum initial": lambda x, y: np.sum(x, initial=4.0),
    "where alone": lambda x, y: np.where(x > y)[0],
    "einsum stretched": lambda x, y: np.einsum("ij,ij->ij", x, y[:1]),
    "add.reduce": lambda x, y: np.add.reduce(x, axis=0),
    "add.accumulate": lambda x, y: np.add.accumulate(x),
    "multiply.outer": lambda x, y: np.multiply.outer(x[0], y[0]),
    "add where": lambda x, y: np.add(x, y, where=True),
    "fmax": lambda x, y: np.fmax(x, np.where(np.asarray(y) > 0.5, np.nan, np.asarray(y))),
    "heaviside": np.heaviside,
    "divmod": lambda x, y: np.divmod(x, y)[1],
    "modf": lambda x, y: np.modf(x)[0],
    "apply_along_axis": lambda x, y: np.apply_along_axis(np.sum, 0, x),
    "histogram": lambda x, y: np.histogram(x)[0],
    "interp": lambda x, y: np.interp(0.5, np.sort(x[0]), y[0]),
}


@pytest.mark.parametrize("name", RECORDED)
def test_recorded(name: str, wrap: Any) -> None:
    result = RECORDED[name](wrap(X), wrap(Y))
    for part in result if isinstance(result, tuple) else (result,):
        assert not part.is_computed
    expected = RECORDED[name](X, Y)
    assert_same(result, tuple(map(np.asarray, expected)) if isinstance(expected, tuple) else np.asarray(expected))


@pytest.mark.parametrize("name", LOOKED_AT)
def test_looked_at(name: str, wrap: Any) -> None:
    result, expected = LOOKED_AT[name](wrap(X), wrap(Y)), LOOKED_AT[name](X, Y)
    assert not isinstance(result, tl.Tensor)
    np.testing.assert_allclose(result, expected)


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda ufunc: ufunc.__name__)
def test_ufuncs_of_tensors_and_expressions(ufunc: Any) -> None:
    kind = int if "bit" in ufunc.__name__ or "shift" in ufunc.__name__ or ufunc is np.invert else float
    operands = [(x * 4).astype(kind) + 1 for x in (X, Y)][: ufunc.nin]
    with np.errstate(all="ignore"):
        expected = ufunc(*operands)
        assert_same(ufunc(*map(tl.tensor, operands)), expected)
        recorded = ufunc(*(tl.tensor(x)["i,j"] for x in operands))
        assert isinstance(recorded, tl.Expression)
        assert_same(recorded["i,j"], expected)


def test_what_is_known_without_the_elements_is_told_without_them() -> None:
    x = tl.tensor(X) * 2j
    assert (np.shape(x), np.ndim(x), np.size(x), np.size(x, 0)) == ((3, 3), 2, 9, 3)
    assert np.iscomplexobj(x)
    assert not np.isrealobj(x)
    assert np.result_type(x, np.float32) == np.complex128
    assert not x.is_computed


def test_numpy_scalars_on_the_left_of_expressions_are_recorded() -> None:
    e = tl.tensor(X)["i,j"]
    for left in (np.float64(2), np.float32(2), np.int64(2), np.array(2.0)):
        for recorded, expected in ((left * e, 2 * X), (left - e, 2 - X), (left / e, 2 / X), (left**e, 2**X)):
            assert isinstance(recorded, tl.Expression)
            assert_same(recorded["i,j"], expected)
        assert_same(operator.lt(left, e)["i,j"], X > 2)
    assert_same((e * np.float64(2))["i,j"], X * 2)


def test_arrays_on_the_left_of_tensors_are_recorded() -> None:
    x = tl.tensor(X)
    assert_same(Y * x, Y * X)
    assert_same(Y @ x, Y @ X)
    assert_same(x > Y, Y < X)
    assert not (Y * x).is_computed


def test_arrays_beside_expressions_are_refused_with_advice() -> None:
    e = tl.tensor(X)["i,j"]
    for call in (lambda: Y * e, lambda: e * Y, lambda: np.add(Y, e), lambda: operator.lt(Y, e)):
        with pytest.raises(tl.errors.LabelError, match=r"ndarray of shape \(3, 3\).*tensor\(a\)\['i,j'\]"):
            call()
    with pytest.raises(tl.errors.LabelError, match=r"A\['i,k'\] \* B\['k,j'\]"):
        Y @ e
    with pytest.raises(tl.errors.LabelError, match="closed"):
        np.sort(e)


def test_in_place_into_arrays() -> None:
    for wrap in (tl.tensor, lambda x: tl.tensor(x, backend="torch")):
        array = X.copy()
        array += wrap(Y)
        array *= wrap(Y)["i,j"]["i,j"]
        np.testing.assert_allclose(array, (X + Y) * Y)
        out = np.empty_like(X)
        assert np.add(wrap(X), wrap(Y), out=out) is out
        np.testing.assert_allclose(out, X + Y)
    with pytest.raises(tl.errors.LabelError, match="not closed"):
        array += tl.tensor(Y)["i,j"]
    np.testing.assert_allclose(array, (X + Y) * Y)


def test_numpy_does_not_write_into_tensors() -> None:
    x, y = tl.tensor(X.copy()), tl.tensor(Y)
    for call in (lambda: np.add(x, y, out=x), lambda: np.add.at(x, ([0], [0]), 1.0), lambda: np.add(X, Y, out=(y,))):
        with pytest.raises(tl.errors.UnsupportedOperationError, match=r"T\[\.\.\.\] ="):
            call()
    np.testing.assert_array_equal(np.asarray(x), X)
    np.testing.assert_array_equal(np.asarray(y), Y)


def test_functions_of_expressions_are_recorded() -> None:
    e = tl.tensor(X)["i,j"]
    assert_same(np.sum(e)[""], X.sum())
    assert_same(np.max(e)[""], X.max())
    assert_same(np.where(e > 0.5, e, 0)["i,j"], np.where(X > 0.5, X, 0))
    assert_same(np.clip(e, 0.2, 0.5)["i,j"], np.clip(X, 0.2, 0.5))
    with pytest.raises(tl.errors.LabelError, match="over='k'"):
        np.sum(e, axis=0)


def test_testing_functions_look_at_tensors() -> None:
    np.testing.assert_allclose(tl.tensor(X) * 2, 2 * X)
    np.testing.assert_array_equal(X, tl.tensor(X))
    with pytest.raises(AssertionError, match="Mismatched elements"):
        np.testing.assert_allclose(tl.tensor(X), 2 * X)


def test_variance_of_complex_numbers(wrap: Any) -> None:
    z = X + 1j * Y
    assert_same(np.var(wrap(z), axis=0), np.var(z, axis=0))


def test_nan_is_ignored_where_numpy_ignores_it() -> None:
    x = np.array([np.nan, 1.0])
    assert np.fmax(tl.tensor(x), 0.0).tolist() == [0.0, 1.0]
    assert np.isnan(np.asarray(np.maximum(tl.tensor(x), 0.0))[0])
