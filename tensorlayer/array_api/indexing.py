"""Elements at places that a tensor of integers names: computed at once."""

from __future__ import annotations

from typing import Any

from tensorlayer.array_api.arguments import as_tensor, checked_axis
from tensorlayer.array_api.eager import eagerly
from tensorlayer.errors import DtypeError, ShapeError
from tensorlayer.language.operand import as_node
from tensorlayer.language.tensor import Tensor

__all__ = ["take", "take_along_axis"]


def _indices(indices: Any, what: str) -> Tensor:
    tensor = as_tensor(indices)
    if tensor.dtype.kind not in "iu":
        raise DtypeError(f"{what}: indices must be integers, got {tensor.dtype}")
    return tensor


def take(x: Any, indices: Any, /, *, axis: int | None = None) -> Tensor:
    """The parts of `x` at the places `indices` (a vector) of an axis, which a vector may leave out.

    Raises
    ------
    ShapeError
        If there is no such axis, or it must be given and is not.
    """
    rank = as_node(x).ndim
    if axis is None and rank != 1:
        raise ShapeError(f"take needs an axis for a tensor of rank {rank}")
    return eagerly("take", x, _indices(indices, "take"), axis=checked_axis(axis, rank, "take") or 0)


def take_along_axis(x: Any, indices: Any, /, *, axis: int = -1) -> Tensor:
    """The elements of `x` at the places `indices`, of the same rank, along an axis; what `argsort` gives fits."""
    rank, places = as_node(x).ndim, _indices(indices, "take_along_axis")
    if places.ndim != rank:
        raise ShapeError(f"take_along_axis: indices of rank {places.ndim} for a tensor of rank {rank}")
    return eagerly("take_along_axis", x, places, axis=checked_axis(axis, rank, "take_along_axis"))
