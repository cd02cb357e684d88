"""Reductions over axes against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tensorlayer as tl
from tensorlayer import array_api as xp
from tests.tensorlayer.array_api.comparison import assert_same

KINDS = ["all", "any", "max", "mean", "min", "prod", "std", "sum", "var", "count_nonzero"]
NONEMPTY = {"max", "mean", "min", "std", "var"}
AXES: list[Any] = [None, 0, -1, (0, 2), (1, -1), ()]
X = np.random.default_rng(7).integers(-3, 4, (2, 3, 4))


@pytest.mark.parametrize("keepdims", [False, True], ids=["dropped", "kept"])
@pytest.mark.parametrize("axis", AXES, ids=str)
@pytest.mark.parametrize("dtype", ["bool", "int8", "int64", "float32", "float64", "complex128"])
@pytest.mark.parametrize("kind", KINDS)
def test_over_axes(kind: str, dtype: str, axis: Any, keepdims: bool, wrap: Any) -> None:
    x = X.astype(dtype)
    call = getattr(xp, kind)
    if (kind in ("max", "min") and dtype == "complex128") or (kind in ("std", "var") and dtype == "bool"):
        with pytest.raises(tl.errors.DtypeError, match=dtype[:4]):
            call(wrap(x), axis=axis, keepdims=keepdims)
        return
    expected = np.asarray(getattr(np, kind)(x, axis=axis, keepdims=keepdims))
    if kind == "count_nonzero":
        expected = expected.astype(np.int64)
    result = call(wrap(x), axis=axis, keepdims=keepdims)
    assert not result.is_computed
    assert_same(result, expected)


@pytest.mark.parametrize("kind", KINDS)
def test_anywhere(kind: str, wrap_anywhere: Any) -> None:
    x = X.astype(float)
    expected = np.asarray(getattr(np, kind)(x, axis=1))
    assert_same(getattr(xp, kind)(wrap_anywhere(x), axis=1), expected)


@pytest.mark.parametrize("wanted", ["int8", "int32", "int64", "float32", "float64", "complex128"])
@pytest.mark.parametrize("dtype", ["bool", "int8", "int64", "float32"])
@pytest.mark.parametrize("kind", ["sum", "prod"])
def test_element_type_of_sums_and_products(kind: str, dtype: str, wanted: str, wrap: Any) -> None:
    x = X.astype(dtype)
    expected = getattr(np, kind)(x, axis=1, dtype=wanted)
    assert_same(getattr(xp, kind)(wrap(x), axis=1, dtype=getattr(xp, wanted)), expected)


def test_narrow_integers_wrap_only_if_their_type_is_asked_for() -> None:
    x = np.full(3, 100, np.int8)
    assert_same(xp.sum(tl.tensor(x)), np.int64(300))
    assert_same(xp.sum(tl.tensor(x), dtype=xp.int8), np.sum(x, dtype=np.int8))
    assert_same(xp.sum(tl.tensor(x.astype("uint8"))), np.uint64(300))


def test_a_mean_of_large_integers_does_not_wrap(wrap: Any) -> None:
    x = np.full(4, 2**62)
    assert_same(xp.mean(wrap(x)), np.mean(x))


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 3)], ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_of_nothing(kind: str, shape: tuple[int, ...], wrap: Any) -> None:
    x = np.zeros(shape)
    for axis in (None, *range(len(shape))):
        folded = shape if axis is None else (shape[axis],)
        if kind in NONEMPTY and 0 in folded:
            with pytest.raises(tl.errors.ShapeError, match="nothing"):
                getattr(xp, kind)(wrap(x), axis=axis)
        else:
            assert_same(getattr(xp, kind)(wrap(x), axis=axis), np.asarray(getattr(np, kind)(x, axis=axis)))


@pytest.mark.parametrize("kind", KINDS)
def test_of_a_scalar(kind: str, wrap: Any) -> None:
    x = np.array(2.5)
    assert_same(getattr(xp, kind)(wrap(x)), np.asarray(getattr(np, kind)(x)))
    with pytest.raises(tl.errors.ShapeError, match="axes"):
        getattr(xp, kind)(wrap(x), axis=0)


@pytest.mark.parametrize("correction", [0, 1, 1.5, 4, 5])
@pytest.mark.parametrize("kind", ["std", "var"])
def test_correction(kind: str, correction: float, wrap: Any) -> None:
    x = X.astype(float)
    with np.errstate(all="ignore"):
        degrees = 4 - correction
        expected = np.divide(np.sum((x - x.mean(-1, keepdims=True)) ** 2, -1), degrees)
        expected = np.sqrt(expected) if kind == "std" else expected
    assert_same(getattr(xp, kind)(wrap(x), axis=-1, correction=correction), expected)


@pytest.mark.parametrize("axis", [3, -4, (0, 0), (0, -3), (0, 5)], ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_axes_that_are_not_there_are_refused_at_once(kind: str, axis: Any) -> None:
    with pytest.raises(tl.errors.ShapeError, match="axes"):
        getattr(xp, kind)(tl.tensor(X), axis=axis)


def test_an_axis_is_an_integer() -> None:
    with pytest.raises(TypeError):
        xp.sum(tl.tensor(X), axis=1.0)
    assert_same(xp.sum(tl.tensor(X), axis=np.int64(1)), X.sum(1))


@given(st.data())
def test_any_shape_and_axes(data: st.DataObject) -> None:
    shape = tuple(data.draw(st.lists(st.integers(0, 3), max_size=4)))
    axes = tuple(data.draw(st.lists(st.sampled_from(range(len(shape))), unique=True))) if shape else ()
    keepdims = data.draw(st.booleans())
    x = np.arange(float(np.prod(shape))).reshape(shape) - 3
    for kind in ("sum", "prod", "any", "all"):
        assert_same(
            getattr(xp, kind)(tl.tensor(x), axis=axes, keepdims=keepdims),
            np.asarray(getattr(np, kind)(x, axis=axes, keepdims=keepdims)),
        )


def test_of_an_expression_they_go_over_all_labels() -> None:
    x = tl.tensor(X)
    assert float(xp.sum(x["i,j,k"])["  "]) == X.sum()
    with pytest.raises(tl.errors.LabelError, match="over='k'"):
        xp.max(x["i,j,k"], axis=0)
