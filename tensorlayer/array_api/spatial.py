"""Diagonals, traces and cross products, recorded."""

from __future__ import annotations

from typing import Any

from tensorlayer.array_api import statistics
from tensorlayer.array_api.movement import broadcast_arrays, stack
from tensorlayer.errors import ShapeError
from tensorlayer.graph import Einsum, Slice
from tensorlayer.language.operand import as_node
from tensorlayer.language.tensor import Tensor

__all__ = ["cross", "diagonal", "trace"]


def diagonal(x: Any, /, *, offset: int = 0) -> Tensor:
    """The elements ``[..., i, i + offset]`` of matrices.

    Raises
    ------
    ShapeError
        If `x` has rank below 2.
    """
    node = as_node(x)
    if node.ndim < 2:
        raise ShapeError(f"diagonal needs matrices, got shape {node.shape}")
    *depth, rows, columns = node.shape
    row, column = max(-offset, 0), max(offset, 0)
    extent = max(min(rows - row, columns - column), 0)
    ranges = [(0, n, 1) for n in depth] + [(at, at + extent, 1) if extent else (0, 0, 1) for at in (row, column)]
    labels = range(len(depth) + 1)
    square = Slice.of(node, tuple(ranges))
    return Tensor.from_node(Einsum.of([square], [(*labels, labels[-1])], labels))


def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Tensor:
    """Sum of the elements ``[..., i, i + offset]`` of matrices, of type `dtype`; see `sum` for its default."""
    return statistics.sum(diagonal(x, offset=offset), axis=-1, dtype=dtype)


def cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Tensor:
    """Cross product of vectors of three components, which are along `axis`; the other modes are broadcast.

    Raises
    ------
    ShapeError
        If there are not three components, or the shapes cannot be broadcast.
    """
    shapes = as_node(x1).shape, as_node(x2).shape
    rank = min(map(len, shapes))
    if not -rank <= axis < rank or any(shape[axis] != 3 for shape in shapes):
        raise ShapeError(f"cross needs 3 components along axis {axis}, got shapes {shapes[0]} and {shapes[1]}")
    a, b = broadcast_arrays(x1, x2)
    place = axis % a.ndim
    (a0, a1, a2), (b0, b1, b2) = ([part[(*(slice(None),) * place, i)] for i in range(3)] for part in (a, b))
    return stack([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0], axis=place)
