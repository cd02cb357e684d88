"""Functions that move elements, against NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import array_api_compat.numpy as standard
import array_api_strict
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

import tensorlayer as tl
from tensorlayer import array_api as xp
from tests.tensorlayer.array_api.comparison import assert_same

X = np.arange(24.0).reshape(2, 3, 4)
#: name -> the function on any standard namespace and an array.
CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "broadcast_arrays": lambda p, x: list(p.broadcast_arrays(x, x[:, :1], x[0])),
    "broadcast_to": lambda p, x: p.broadcast_to(x, (5, 2, 3, 4)),
    "broadcast_to of extent one": lambda p, x: p.broadcast_to(x[:1], (2, 3, 4)),
    "concat": lambda p, x: p.concat((x, x[:, :1], x), axis=1),
    "concat from the back": lambda p, x: p.concat([x, x[..., :0]], axis=-1),
    "concat flat": lambda p, x: p.concat([x, x[0]], axis=None),
    "concat mixed": lambda p, x: p.concat([p.astype(x, p.int32), p.astype(x, p.float32)], axis=0),
    "expand_dims": lambda p, x: p.expand_dims(x, axis=0),
    "expand_dims at the end": lambda p, x: p.expand_dims(x, axis=-1),
    "expand_dims inside": lambda p, x: p.expand_dims(x, axis=2),
    "flip": lambda p, x: p.flip(x),
    "flip one": lambda p, x: p.flip(x, axis=-2),
    "flip two": lambda p, x: p.flip(x, axis=(0, 2)),
    "matrix_transpose": lambda p, x: p.matrix_transpose(x),
    "moveaxis": lambda p, x: p.moveaxis(x, 0, -1),
    "moveaxis of two": lambda p, x: p.moveaxis(x, (0, 1), (-1, 0)),
    "permute_dims": lambda p, x: p.permute_dims(x, (2, 0, 1)),
    "permute_dims of a scalar": lambda p, x: p.permute_dims(x[0, 0, 0], ()),
    "repeat": lambda p, x: p.repeat(x, 2),
    "repeat along": lambda p, x: p.repeat(x, 3, axis=-2),
    "repeat never": lambda p, x: p.repeat(x, 0, axis=1),
    "reshape": lambda p, x: p.reshape(x, (4, 6)),
    "reshape flat": lambda p, x: p.reshape(x, (-1,)),
    "reshape with one unknown": lambda p, x: p.reshape(x, (3, -1, 2)),
    "reshape of nothing": lambda p, x: p.reshape(x[:0], (0, 7)),
    "roll": lambda p, x: p.roll(x, 5),
    "roll back": lambda p, x: p.roll(x, -1, axis=2),
    "roll far": lambda p, x: p.roll(x, 11, axis=1),
    "roll two": lambda p, x: p.roll(x, (1, -2), axis=(0, -1)),
    "roll both": lambda p, x: p.roll(x, 1, axis=(0, 1)),
    "roll nothing": lambda p, x: p.roll(x[:, :0], 1, axis=1),
    "squeeze": lambda p, x: p.squeeze(x[:1, :, :1], axis=(0, -1)),
    "squeeze one": lambda p, x: p.squeeze(x[:1], axis=0),
    "stack": lambda p, x: p.stack([x, x + 1]),
    "stack at the end": lambda p, x: p.stack((x, x + 1, x), axis=-1),
    "stack mixed": lambda p, x: p.stack([p.astype(x, p.int8), x]),
    "tile": lambda p, x: p.tile(x, (2, 1, 3)),
    "tile short": lambda p, x: p.tile(x, (2,)),
    "tile long": lambda p, x: p.tile(x, (2, 1, 1, 2)),
    "tile never": lambda p, x: p.tile(x, (0, 1, 1)),
    "unstack": lambda p, x: p.unstack(x),
    "unstack at the end": lambda p, x: p.unstack(x, axis=-1),
    "diff": lambda p, x: p.diff(x),
    "diff along": lambda p, x: p.diff(x, axis=0),
    "diff twice": lambda p, x: p.diff(x**2, n=2),
    "diff never": lambda p, x: p.diff(x, n=0),
    "diff too often": lambda p, x: p.diff(x, n=9),
    "diff of Booleans": lambda p, x: p.diff(x > 3, axis=1),
    "diff with ends": lambda p, x: p.diff(x, axis=1, prepend=x[:, :1], append=x[:, :2] * 3),
    "meshgrid": lambda p, x: list(p.meshgrid(x[0, 0], x[0, :, 0], x[:, 0, 0])),
    "meshgrid ij": lambda p, x: list(p.meshgrid(x[0, 0], x[0, :, 0], indexing="ij")),
    "meshgrid of one": lambda p, x: list(p.meshgrid(x[0, 0])),
    "meshgrid of none": lambda p, x: list(p.meshgrid()),
    "meshgrid of a scalar": lambda p, x: list(p.meshgrid(x[0, 0], x[0, 0, 0])),
    "astype": lambda p, x: p.astype(x, p.int16),
    "astype to bool": lambda p, x: p.astype(x * 1j, p.bool),
    "astype to complex": lambda p, x: p.astype(x, p.complex64),
}


@pytest.mark.parametrize("name", CALLS)
def test_as_numpy_does(name: str, wrap: Any) -> None:
    assert_same(CALLS[name](xp, wrap(X)), CALLS[name](standard, X))


@pytest.mark.parametrize("name", ["concat", "flip one", "permute_dims", "reshape", "roll two", "stack", "tile", "diff"])
def test_anywhere(name: str, wrap_anywhere: Any) -> None:
    assert_same(CALLS[name](xp, wrap_anywhere(X)), CALLS[name](standard, X))


@pytest.mark.parametrize("name", CALLS)
def test_nothing_is_computed_yet(name: str) -> None:
    results = CALLS[name](xp, tl.tensor(X) * 1)
    for result in results if isinstance(results, list | tuple) else [results]:
        assert not result.is_computed


REFUSED: dict[str, Callable[[Any, Any], Any]] = {
    "broadcast_to smaller": lambda p, x: p.broadcast_to(x, (3, 4)),
    "broadcast_to another": lambda p, x: p.broadcast_to(x, (2, 3, 5)),
    "broadcast_arrays": lambda p, x: p.broadcast_arrays(x, x[:, :2]),
    "broadcast_shapes": lambda p, x: p.broadcast_shapes((2, 3), (3, 2)),
    "concat of nothing": lambda p, x: p.concat([]),
    "concat of shapes": lambda p, x: p.concat([x, x[:, :1]], axis=0),
    "concat of ranks": lambda p, x: p.concat([x, x[0]], axis=0),
    "concat along none": lambda p, x: p.concat([x, x], axis=3),
    "expand_dims": lambda p, x: p.expand_dims(x, axis=4),
    "expand_dims below": lambda p, x: p.expand_dims(x, axis=-5),
    "flip": lambda p, x: p.flip(x, axis=3),
    "matrix_transpose": lambda p, x: p.matrix_transpose(x[0, 0]),
    "moveaxis": lambda p, x: p.moveaxis(x, 3, 0),
    "moveaxis repeated": lambda p, x: p.moveaxis(x, (0, 0), (1, 2)),
    "moveaxis uneven": lambda p, x: p.moveaxis(x, (0, 1), (1,)),
    "permute_dims short": lambda p, x: p.permute_dims(x, (0, 1)),
    "permute_dims repeated": lambda p, x: p.permute_dims(x, (0, 0, 1)),
    "permute_dims outside": lambda p, x: p.permute_dims(x, (0, 1, 3)),
    "reshape": lambda p, x: p.reshape(x, (5, 5)),
    "reshape unknown": lambda p, x: p.reshape(x, (-1, 5)),
    "reshape twice unknown": lambda p, x: p.reshape(x, (-1, -1, 2)),
    "reshape negative": lambda p, x: p.reshape(x, (-2, -12)),
    "repeat": lambda p, x: p.repeat(x, -1),
    "repeat along none": lambda p, x: p.repeat(x, 2, axis=3),
    "roll": lambda p, x: p.roll(x, 1, axis=3),
    "squeeze": lambda p, x: p.squeeze(x, axis=0),
    "squeeze none": lambda p, x: p.squeeze(x, axis=3),
    "stack of nothing": lambda p, x: p.stack([]),
    "stack of shapes": lambda p, x: p.stack([x, x[0]]),
    "stack along none": lambda p, x: p.stack([x, x], axis=5),
    "tile": lambda p, x: p.tile(x, (-1,)),
    "unstack": lambda p, x: p.unstack(x, axis=3),
    "unstack of a scalar": lambda p, x: p.unstack(x[0, 0, 0]),
    "diff": lambda p, x: p.diff(x, axis=3),
    "diff backwards": lambda p, x: p.diff(x, n=-1),
    "diff of a scalar": lambda p, x: p.diff(x[0, 0, 0]),
    "meshgrid": lambda p, x: p.meshgrid(x[0, 0], x[0]),
    "meshgrid indexing": lambda p, x: p.meshgrid(x[0, 0], indexing="yx"),
    "transpose": lambda p, x: x[0, 0].mT,
    "index": lambda p, x: x[2],
    "too many indices": lambda p, x: x[0, 0, 0, 0],
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_when_it_is_called(name: str) -> None:
    with pytest.raises(tl.errors.ShapeError):
        REFUSED[name](xp, tl.tensor(X))
    with pytest.raises((ValueError, IndexError)):
        REFUSED[name](array_api_strict, array_api_strict.asarray(X))


@given(shape=array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3), data=st.data())
def test_any_order_of_any_shape(shape: tuple[int, ...], data: st.DataObject) -> None:
    x = np.arange(np.prod(shape)).reshape(shape)
    order = data.draw(st.permutations(range(len(shape))))
    assert_same(xp.permute_dims(tl.tensor(x), order), x.transpose(order))
    assert_same(xp.flip(tl.tensor(x)), np.flip(x))
    assert_same(tl.tensor(x).T, x.T)
    axis = data.draw(st.integers(-len(shape) - 1, len(shape)))
    assert_same(xp.expand_dims(tl.tensor(x), axis=axis), np.expand_dims(x, axis))


@given(shape=array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4), data=st.data())
def test_any_part_of_any_shape(shape: tuple[int, ...], data: st.DataObject) -> None:
    x = np.arange(np.prod(shape)).reshape(shape)
    key = data.draw(keys(shape))
    assert_same(tl.tensor(x)[key], x[key])


def keys(shape: tuple[int, ...]) -> st.SearchStrategy[Any]:
    """Integers, slices, ``...`` and ``None``, as the standard allows them."""
    entries = [st.slices(n) | (st.integers(-n, n - 1) if n else st.slices(0)) for n in shape]
    new = st.lists(st.integers(0, len(shape)), max_size=2)
    return st.tuples(st.tuples(*entries), new, st.booleans()).map(_with_new_modes)


def _with_new_modes(drawn: Any) -> tuple[Any, ...]:
    entries, places, dots = drawn
    key = list(entries)
    for place in places:
        key.insert(place, None)
    return (*key, ...) if dots else tuple(key)


def test_views_share_memory() -> None:
    x = X.copy()
    for view in (
        xp.permute_dims(tl.tensor(x), (2, 0, 1)),
        xp.flip(tl.tensor(x)),
        tl.tensor(x)[1:, ::2],
        tl.tensor(x).T,
    ):
        assert np.shares_memory(np.asarray(view), x)
        assert not np.asarray(view).flags.writeable


def test_astype_gives_the_tensor_itself_only_if_it_may() -> None:
    x = tl.tensor(X)
    assert xp.astype(x, xp.float64, copy=False) is x
    assert xp.astype(x, xp.float64) is not x
    assert xp.astype(x, xp.float64, device="cpu").device == "cpu"
    with pytest.raises(tl.errors.DtypeError, match="text"):
        xp.astype(x, "text")
    with pytest.raises(tl.errors.ConversionError, match="copy=False"):
        xp.reshape(x, (24,), copy=False)
