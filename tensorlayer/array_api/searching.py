"""Where elements are: computed at once, because shapes or indices depend on the elements."""

from __future__ import annotations

from typing import Any, Literal

from tensorlayer.array_api.arguments import checked_axis
from tensorlayer.array_api.eager import eagerly, eagerly_several
from tensorlayer.errors import ShapeError
from tensorlayer.language.operand import as_node
from tensorlayer.language.tensor import Tensor

__all__ = ["argmax", "argmin", "nonzero", "searchsorted"]


def _extremum(name: str, x: Any, axis: int | None, keepdims: bool) -> Tensor:
    shape = as_node(x).shape
    place = checked_axis(axis, len(shape), name)
    if 0 in (shape if place is None else shape[place : place + 1]):
        raise ShapeError(f"{name} over axis {axis} of shape {shape}: there is nothing to choose from")
    return eagerly(name, x, axis=place, keepdims=keepdims)


def argmax(x: Any, /, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Index of the first largest element along an axis; of the flattened tensor if `axis` is None."""
    return _extremum("argmax", x, axis, keepdims)


def argmin(x: Any, /, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Index of the first smallest element along an axis; of the flattened tensor if `axis` is None."""
    return _extremum("argmin", x, axis, keepdims)


def nonzero(x: Any, /) -> tuple[Tensor, ...]:
    """Indices of the elements that are not zero, one tensor per mode, in row-major order."""
    if not as_node(x).ndim:
        raise ShapeError("nonzero needs rank 1 or more, got a scalar")
    return eagerly_several("nonzero", x)


def searchsorted(
    x1: Any, x2: Any, /, *, side: Literal["left", "right"] = "left", sorter: Tensor | None = None
) -> Tensor:
    """Where the elements of `x2` would be inserted into the sorted vector `x1`.

    Parameters
    ----------
    x1 : tensor, shape (n,)
        Ascending, or in the order that `sorter` gives.
    x2 : tensor
        What is looked up.
    side : {"left", "right"}
        Before or after equal elements.
    sorter : tensor of int, shape (n,), optional
        Indices that sort `x1`.
    """
    if as_node(x1).ndim != 1:
        raise ShapeError(f"searchsorted needs a vector to search in, got shape {as_node(x1).shape}")
    order = x1 if sorter is None else eagerly("take", x1, sorter, axis=0)
    return eagerly("searchsorted", order, x2, side=side)
