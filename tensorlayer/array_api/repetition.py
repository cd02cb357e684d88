"""Elements repeated, rolled, and compared with their neighbours: recorded as slices and joins."""

from __future__ import annotations

import math
from typing import Any, Literal

from tensorlayer.array_api.arguments import as_axes, as_tensor, checked_axis
from tensorlayer.array_api.eager import eagerly
from tensorlayer.array_api.movement import broadcast_arrays, broadcast_to, concat, expand_dims, reshape
from tensorlayer.errors import ShapeError
from tensorlayer.language.elementwise import not_equal, subtract
from tensorlayer.language.operand import as_node
from tensorlayer.language.tensor import Tensor

__all__ = ["diff", "meshgrid", "repeat", "roll", "tile"]


def _along(axis: int, part: slice) -> tuple[slice, ...]:
    return (*(slice(None),) * axis, part)


def tile(x: Any, repetitions: tuple[int, ...], /) -> Tensor:
    """The tensor laid side by side `repetitions` times along each mode, as one tensor.

    Parameters
    ----------
    x : tensor or array
        What is repeated.
    repetitions : tuple of int
        One number per mode, for the last modes if there are fewer; more of them add modes in front.

    Raises
    ------
    ShapeError
        If a number is negative.
    """
    shape = as_node(x).shape
    rank = max(len(shape), len(repetitions))
    extents = (1,) * (rank - len(shape)) + shape
    counts = (1,) * (rank - len(repetitions)) + tuple(repetitions)
    if any(count < 0 for count in counts):
        raise ShapeError(f"tile: numbers of repetitions must be >= 0, got {tuple(repetitions)}")
    spread = reshape(x, [n for extent in extents for n in (1, extent)])
    stretched = broadcast_to(spread, [n for pair in zip(counts, extents, strict=True) for n in pair])
    return reshape(stretched, [count * extent for count, extent in zip(counts, extents, strict=True)])


def repeat(x: Any, repeats: int | Tensor, /, *, axis: int | None = None) -> Tensor:
    """Each element `repeats` times in a row along an axis; of the flattened tensor if `axis` is None.

    A number is recorded; one number per element (a tensor of integers) is computed at once.

    Raises
    ------
    ShapeError
        If there is no such axis, or `repeats` is negative or does not fit.
    """
    source = reshape(x, -1) if axis is None else as_tensor(x)
    place = checked_axis(axis, source.ndim, "repeat") or 0
    if not isinstance(repeats, int):
        if tuple(repeats.shape) not in ((), (1,), source.shape[place : place + 1]):
            raise ShapeError(f"repeat: {tuple(repeats.shape)} numbers for the extent {source.shape[place]}")
        return eagerly("repeat", source, repeats, axis=place)
    if repeats < 0:
        raise ShapeError(f"repeat: the number of repetitions must be >= 0, got {repeats}")
    shape = source.shape
    stretched = broadcast_to(expand_dims(source, axis=place + 1), (*shape[: place + 1], repeats, *shape[place + 1 :]))
    return reshape(stretched, (*shape[:place], shape[place] * repeats, *shape[place + 1 :]))


def roll(x: Any, /, shift: int | tuple[int, ...], *, axis: int | tuple[int, ...] | None = None) -> Tensor:
    """The elements moved on by `shift` places along an axis, those that leave the end coming back at the start.

    Parameters
    ----------
    x : tensor or array
        What is moved.
    shift : int or tuple of int
        Places, one for all axes or one per axis.
    axis : int or tuple of int, optional
        Axes; the flattened tensor is moved when left out.
    """
    result = as_tensor(x)
    if axis is None:
        if not isinstance(shift, int):
            raise ShapeError(f"roll: shifts {shift} need one axis each")
        return reshape(roll(reshape(result, -1), shift, axis=0), result.shape)
    axes = as_axes(axis)
    shifts = (shift,) * len(axes) if isinstance(shift, int) else tuple(shift)
    if len(shifts) != len(axes):
        raise ShapeError(f"roll: {len(shifts)} shifts for {len(axes)} axes")
    for own, places in zip(axes, shifts, strict=True):
        place = checked_axis(own, result.ndim, "roll")
        extent = result.shape[place]
        cut = -places % extent if extent else 0
        if cut:
            ends = result[_along(place, slice(cut, None))], result[_along(place, slice(cut))]
            result = concat(ends, axis=place)
    return result.copy()


def diff(x: Any, /, *, axis: int = -1, n: int = 1, prepend: Any = None, append: Any = None) -> Tensor:
    """The n-th differences of neighbours along an axis.

    Parameters
    ----------
    x : tensor or array
        Rank 1 or more. Of Booleans, whether neighbours differ.
    axis : int
        Along which the neighbours are.
    n : int
        How often; 0 gives `x`.
    prepend, append : tensor, optional
        Joined to `x` along the axis first.

    Raises
    ------
    ShapeError
        If there is no such axis, or `n` is negative.
    """
    rank = as_node(x).ndim
    place = checked_axis(axis, rank, "diff")
    if n < 0:
        raise ShapeError(f"diff: n must be >= 0, got {n}")
    result = concat([part for part in (prepend, x, append) if part is not None], axis=place)
    for _ in range(n):
        later, former = result[_along(place, slice(1, None))], result[_along(place, slice(None, -1))]
        result = (not_equal if result.dtype.kind == "b" else subtract)(later, former)
    return result


def meshgrid(*arrays: Any, indexing: Literal["xy", "ij"] = "xy") -> list[Tensor]:
    """The coordinates of every point of a grid, one tensor per given vector.

    Parameters
    ----------
    *arrays : tensor of shape (n,)
        Coordinates along each mode.
    indexing : {"xy", "ij"}
        With ``"xy"`` the first two modes are exchanged, as in pictures: rows are y.

    Raises
    ------
    ShapeError
        If an operand is no vector, or `indexing` is neither.
    """
    if indexing not in ("xy", "ij"):
        raise ShapeError(f"meshgrid: indexing must be 'xy' or 'ij', got {indexing!r}")
    shapes = [as_node(x).shape for x in arrays]
    if any(len(shape) > 1 for shape in shapes):
        raise ShapeError(f"meshgrid needs vectors, got shapes {shapes}")
    order = list(range(len(arrays)))
    if indexing == "xy":
        order[:2] = order[:2][::-1]
    spread = [
        reshape(x, tuple(math.prod(shapes[i]) if place == order[i] else 1 for place in range(len(arrays))))
        for i, x in enumerate(arrays)
    ]
    return broadcast_arrays(*spread)
