"""Products, norms and decompositions of unlabelled tensors against NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import tensorlayer as tl
from tensorlayer import array_api as xp
from tests.tensorlayer.array_api.comparison import assert_same

KINDS = ["int64", "float32", "float64", "complex128"]


def matrices(*shape: int, dtype: str = "float64", seed: int = 1) -> np.ndarray[Any, Any]:
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "i":
        return rng.integers(-3, 4, shape).astype(dtype)
    real = rng.normal(size=shape)
    return (real + 1j * rng.normal(size=shape) if np.dtype(dtype).kind == "c" else real).astype(dtype)


def definite(*shape: int, dtype: str = "float64") -> np.ndarray[Any, Any]:
    x = matrices(*shape, dtype=dtype)
    return (x @ np.conj(np.swapaxes(x, -1, -2)) + 3 * np.eye(shape[-1], dtype=dtype)).astype(dtype)


# -- products ----------------------------------------------------------------------------------------------------

SHAPES = [
    ((3,), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3,)),
    ((2, 3), (3, 4)),
    ((5, 2, 3), (5, 3, 4)),
    ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)),
    ((1, 2, 3), (5, 3, 4)),
    ((6, 1, 2, 3), (5, 3, 4)),
    ((6, 5, 2, 3), (3,)),
    ((3,), (6, 1, 3, 4)),
    ((0, 3), (3, 4)),
    ((2, 0), (0, 4)),
    ((1, 2, 3), (0, 3, 4)),
]


@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize(("left", "right"), SHAPES, ids=str)
def test_matmul(left: Any, right: Any, dtype: str, wrap: Any) -> None:
    x, y = matrices(*left, dtype=dtype), matrices(*right, dtype=dtype, seed=2)
    assert_same(xp.matmul(wrap(x), wrap(y)), x @ y)
    assert_same(wrap(x) @ wrap(y), x @ y)


@pytest.mark.parametrize(
    "wrong", [((3,), (4,)), ((2, 3), (2, 3)), ((), (3,)), ((3,), ()), ((2, 2, 3), (3, 3, 4))], ids=str
)
def test_matmul_refuses_shapes_when_it_is_called(wrong: Any) -> None:
    with pytest.raises(tl.errors.ShapeError):
        xp.matmul(*map(tl.tensor, map(np.ones, wrong)))


def test_narrow_integers_stay_narrow_in_unlabelled_products(wrap: Any) -> None:
    x = np.full((2, 2), 100, np.int8)
    assert_same(xp.matmul(wrap(x), wrap(x)), x @ x)
    assert_same(xp.vecdot(wrap(x), wrap(x)), np.vecdot(x, x))
    assert_same(xp.tensordot(wrap(x), wrap(x)), np.tensordot(x, x).astype(np.int8))


@pytest.mark.parametrize("axes", [0, 1, 2, ((0,), (0,)), ((-1, 0), (1, 0)), ((), ())], ids=str)
@pytest.mark.parametrize("dtype", KINDS)
def test_tensordot(axes: Any, dtype: str, wrap: Any) -> None:
    x, y = matrices(3, 3, dtype=dtype), matrices(3, 3, dtype=dtype, seed=2)
    assert_same(xp.tensordot(wrap(x), wrap(y), axes=axes), np.tensordot(x, y, axes=axes))


@pytest.mark.parametrize("axes", [3, -1, ((0,), (0, 1)), ((2,), (0,)), ((0, 0), (0, 1)), ((0,), (1,))], ids=str)
def test_tensordot_refuses_axes_when_it_is_called(axes: Any) -> None:
    with pytest.raises(tl.errors.ShapeError, match="tensordot"):
        xp.tensordot(tl.tensor(np.ones((2, 3))), tl.tensor(np.ones((3, 4))), axes=axes)


@pytest.mark.parametrize("dtype", KINDS)
def test_vecdot(dtype: str, wrap: Any) -> None:
    x, y = matrices(4, 1, 3, dtype=dtype), matrices(5, 3, dtype=dtype, seed=2)
    assert_same(xp.vecdot(wrap(x), wrap(y)), np.vecdot(x, y))
    assert_same(xp.vecdot(wrap(y.T), wrap(y.T), axis=0), np.vecdot(y.T, y.T, axis=0))
    assert_same(xp.vecdot(wrap(x.swapaxes(1, 2)), wrap(y.T), axis=-2), np.vecdot(x.swapaxes(1, 2), y.T, axis=-2))


def test_vecdot_refuses_what_does_not_fit() -> None:
    x, y, z = tl.tensor(np.ones((2, 3))), tl.tensor(np.ones(1)), tl.tensor(1.0)
    for operands, axis in (((x, y), -1), ((x, z), -1), ((x, x), 2), ((x, x), -3), ((x, y), 0)):
        with pytest.raises(tl.errors.ShapeError, match="vecdot"):
            xp.vecdot(*operands, axis=axis)


@given(mutually_broadcastable_shapes(signature="(m,k),(k,n)->(m,n)", max_dims=3, max_side=3, min_side=0))
def test_any_stacks_of_matrices(shapes: Any) -> None:
    x, y = (np.arange(float(np.prod(shape))).reshape(shape) for shape in shapes.input_shapes)
    assert_same(xp.matmul(tl.tensor(x), tl.tensor(y)), x @ y)


@pytest.mark.parametrize("name", ["matmul", "tensordot", "vecdot"])
def test_products_anywhere(name: str, wrap_anywhere: Any) -> None:
    x = matrices(3, 3)
    assert_same(getattr(xp, name)(wrap_anywhere(x), wrap_anywhere(x)), getattr(np, name)(x, x))


def test_outer_and_cross(wrap: Any) -> None:
    x, y = matrices(4, 3, dtype="complex128"), matrices(3)
    assert_same(xp.linalg.outer(wrap(x[0]), wrap(y)), np.outer(x[0], y))
    assert_same(xp.linalg.cross(wrap(x), wrap(y)), np.cross(x, y))
    assert_same(xp.linalg.cross(wrap(x.T), wrap(x.T), axis=0), np.cross(x.T, x.T, axis=0))
    for wrong in (lambda: xp.linalg.outer(wrap(x), wrap(y)), lambda: xp.linalg.cross(wrap(x[:, :2]), wrap(y[:2]))):
        with pytest.raises(tl.errors.ShapeError):
            wrong()


# -- diagonals and norms -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("offset", range(-5, 6))
def test_diagonal_and_trace(offset: int, wrap: Any) -> None:
    x = matrices(2, 3, 4, dtype="float32")
    assert_same(xp.linalg.diagonal(wrap(x), offset=offset), np.linalg.diagonal(x, offset=offset))
    assert_same(xp.linalg.trace(wrap(x), offset=offset), np.linalg.trace(x, offset=offset))
    wide = np.linalg.trace(x, offset=offset, dtype=np.float64)
    assert_same(xp.linalg.trace(wrap(x), offset=offset, dtype=xp.float64), wide)


def test_a_trace_of_narrow_integers_is_wide(wrap: Any) -> None:
    x = np.full((3, 3), 100, np.int8)
    assert_same(xp.linalg.trace(wrap(x)), np.trace(x))
    assert_same(xp.linalg.trace(wrap(x), dtype=xp.int8), np.trace(x, dtype=np.int8))


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("order", [2, 1, 0, np.inf, -np.inf, 3, -1, 0.5])
@pytest.mark.parametrize("dtype", KINDS)
def test_vector_norm(dtype: str, order: float, keepdims: bool, wrap: Any) -> None:
    x = matrices(2, 3, 4, dtype=dtype) + np.asarray(5, dtype)
    for axis in (None, 1, (0, 2)):
        expected = np.linalg.vector_norm(
            x.astype(float) if dtype == "int64" else x, axis=axis, keepdims=keepdims, ord=order
        )
        assert_same(xp.linalg.vector_norm(wrap(x), axis=axis, keepdims=keepdims, ord=order), expected)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("order", ["fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", KINDS)
def test_matrix_norm(dtype: str, order: Any, keepdims: bool, wrap: Any) -> None:
    x = matrices(2, 3, 4, dtype=dtype)
    expected = np.linalg.matrix_norm(x.astype(float) if dtype == "int64" else x, keepdims=keepdims, ord=order)
    assert_same(xp.linalg.matrix_norm(wrap(x), keepdims=keepdims, ord=order), expected)


def test_norms_refuse_what_there_is_not() -> None:
    x = tl.tensor(np.ones((2, 3)))
    with pytest.raises(tl.errors.ShapeError, match=r"'fro'.*'max'"):
        xp.linalg.matrix_norm(x, ord="max")
    with pytest.raises(tl.errors.ShapeError, match="matrices"):
        xp.linalg.matrix_norm(x[0])
    with pytest.raises(tl.errors.ShapeError, match="axes"):
        xp.linalg.vector_norm(x, axis=2)


# -- decompositions ----------------------------------------------------------------------------------------------

#: name -> the function of square positive definite matrices, whose result is determined.
OF_DEFINITE: dict[str, Callable[[Any, Any], Any]] = {
    "cholesky": lambda p, x: p.cholesky(x),
    "cholesky upper": lambda p, x: p.cholesky(x, upper=True),
    "det": lambda p, x: p.det(x),
    "eigvalsh": lambda p, x: p.eigvalsh(x),
    "inv": lambda p, x: p.inv(x),
    "matrix_power": lambda p, x: p.matrix_power(x, 3),
    "matrix_power of zero": lambda p, x: p.matrix_power(x, 0),
    "matrix_power inverse": lambda p, x: p.matrix_power(x, -2),
    "matrix_transpose": lambda p, x: p.matrix_transpose(x),
    "slogdet": lambda p, x: tuple(p.slogdet(x)),
    "svdvals": lambda p, x: p.svdvals(x),
    "pinv": lambda p, x: p.pinv(x),
    "solve": lambda p, x: p.solve(x, x[..., :2]),
    "solve a vector": lambda p, x: p.solve(x[0], x[0, 0]),
    "solve stacks": lambda p, x: p.solve(x[0], x[..., :2]),
}


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128"])
@pytest.mark.parametrize("name", OF_DEFINITE)
def test_of_definite_matrices(name: str, dtype: str, wrap: Any) -> None:
    x = definite(2, 3, 3, dtype=dtype)
    result = OF_DEFINITE[name](xp.linalg, wrap(x))
    assert not (result[0] if isinstance(result, tuple) else result).is_computed
    assert_same(result, OF_DEFINITE[name](np.linalg, x), 2e-3 if dtype in ("float32", "complex64") else 1e-9)


@pytest.mark.parametrize("name", ["det", "inv", "eigvalsh", "solve"])
def test_decompositions_anywhere(name: str, wrap_anywhere: Any) -> None:
    x = definite(2, 3, 3)
    assert_same(OF_DEFINITE[name](xp.linalg, wrap_anywhere(x)), OF_DEFINITE[name](np.linalg, x), 1e-9)


@pytest.mark.parametrize("shape", [(4, 3), (3, 4), (2, 4, 3), (3, 3), (4, 0)], ids=str)
@pytest.mark.parametrize("dtype", ["float64", "complex128", "int64"])
def test_factors_multiply_to_the_matrix(dtype: str, shape: tuple[int, ...], wrap: Any) -> None:
    x = matrices(*shape, dtype=dtype)
    for mode in ("reduced", "complete"):
        factors = xp.linalg.qr(wrap(x), mode=mode)
        expected = np.linalg.qr(x, mode=mode)
        assert (factors.Q.shape, factors.R.shape) == (expected.Q.shape, expected.R.shape)
        np.testing.assert_allclose(np.asarray(factors.Q @ factors.R), x, atol=1e-12)
    for full in (True, False):
        u, s, vh = xp.linalg.svd(wrap(x), full_matrices=full)
        expected = np.linalg.svd(x, full_matrices=full)
        assert (u.shape, s.shape, vh.shape) == tuple(part.shape for part in expected)
        k = s.shape[-1]
        np.testing.assert_allclose(np.asarray((u[..., :k] * s[..., None, :]) @ vh[..., :k, :]), x, atol=1e-12)
        unit = np.broadcast_to(np.eye(u.shape[-1]), (*shape[:-2], u.shape[-1], u.shape[-1]))
        np.testing.assert_allclose(np.asarray(xp.matrix_transpose(xp.conj(u)) @ u), unit, atol=1e-12)


def test_eigenvectors(wrap: Any) -> None:
    x = definite(2, 3, 3, dtype="complex128")
    values, vectors = xp.linalg.eigh(wrap(x))
    np.testing.assert_allclose(np.asarray(wrap(x) @ vectors), np.asarray(vectors * values[:, None, :]), atol=1e-12)
    values, vectors = xp.linalg.eig(wrap(x.real))
    np.testing.assert_allclose(np.asarray(wrap(x.real) @ vectors), np.asarray(vectors * values[:, None, :]), atol=1e-12)
    found = np.sort(np.asarray(xp.linalg.eigvals(wrap(x.real))), axis=-1)
    np.testing.assert_allclose(found, np.sort(np.linalg.eigvals(x.real), axis=-1), atol=1e-12)


def test_slogdet_of_determinants_that_no_float_holds(wrap: Any) -> None:
    x = matrices(40, 40) * 1e30
    x[0] *= -1
    assert_same(tuple(xp.linalg.slogdet(wrap(x))), tuple(np.linalg.slogdet(x)), 1e-9)
    assert_same(tuple(xp.linalg.slogdet(wrap(np.zeros((2, 2))))), tuple(np.linalg.slogdet(np.zeros((2, 2)))))


@pytest.mark.parametrize("rtol", [None, 1e-3, 0.5])
def test_rank_and_inverse_of_matrices_without_full_rank(rtol: float | None, wrap: Any) -> None:
    x = matrices(2, 5, 2) @ matrices(2, 2, 4)
    assert_same(xp.linalg.matrix_rank(wrap(x), rtol=rtol), np.linalg.matrix_rank(x, rtol=rtol))
    assert_same(xp.linalg.pinv(wrap(x), rtol=rtol), np.linalg.pinv(x, rtol=rtol or 5 * 2.3e-16), 1e-9)
    each = np.array([1e-3, 0.5])
    assert_same(xp.linalg.matrix_rank(wrap(x), rtol=wrap(each)), np.linalg.matrix_rank(x, rtol=each))


def test_the_inverse_of_zeros_is_zeros_and_divides_by_none_of_them(wrap: Any) -> None:
    # Outside assert_same, which silences NumPy: a warning is an error here.
    assert np.asarray(xp.linalg.pinv(wrap(np.zeros((2, 3))))).tolist() == np.zeros((3, 2)).tolist()


def test_of_nothing(wrap: Any) -> None:
    for shape in ((0, 0), (2, 0, 0), (0, 3, 3)):
        x = np.zeros(shape)
        for name in ("det", "inv", "eigvalsh", "svdvals", "pinv"):
            assert_same(getattr(xp.linalg, name)(wrap(x)), getattr(np.linalg, name)(x))
    assert_same(xp.linalg.matrix_rank(wrap(np.zeros((3, 0)))), np.int64(0))


@pytest.mark.parametrize("name", ["cholesky", "det", "eig", "eigh", "eigvalsh", "inv", "slogdet"])
def test_square_matrices_are_asked_for_at_once(name: str) -> None:
    for shape in ((2, 3), (3,), ()):
        with pytest.raises(tl.errors.ShapeError, match="shape"):
            getattr(xp.linalg, name)(tl.tensor(np.ones(shape)))


def test_other_errors_come_at_once() -> None:
    x = tl.tensor(np.ones((2, 2)))
    with pytest.raises(tl.errors.ShapeError, match="mode"):
        xp.linalg.qr(x, mode="r")
    with pytest.raises(tl.errors.ShapeError, match="integer"):
        xp.linalg.matrix_power(x, 0.5)
    for wrong in (np.ones(3), np.ones((3, 1)), np.ones(())):
        with pytest.raises(tl.errors.ShapeError, match="solve"):
            xp.linalg.solve(x, tl.tensor(wrong))
    with pytest.raises(tl.errors.DtypeError, match="bool"):
        xp.linalg.solve(x > 0, x)
    for name in ("svd", "qr", "pinv", "matrix_rank", "diagonal", "trace"):
        with pytest.raises(tl.errors.ShapeError):
            getattr(xp.linalg, name)(x[0])


@given(st.integers(0, 3), st.integers(0, 3))
def test_any_matrix_has_a_pseudoinverse(rows: int, columns: int) -> None:
    x = matrices(rows, columns)
    assert_same(xp.linalg.pinv(tl.tensor(x)), np.linalg.pinv(x), 1e-7)
