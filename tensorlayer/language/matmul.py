"""The array API's matrix product of unlabelled tensors."""

from __future__ import annotations

from typing import Any

from tensorlayer.errors import ShapeError
from tensorlayer.graph import Einsum, Node
from tensorlayer.language.operand import as_node

__all__ = ["matmul"]


def matmul(left: Any, right: Any) -> Node:
    """Product of vectors, matrices, or stacks of matrices with equal or missing stack modes.

    Raises
    ------
    ShapeError
        If an operand is a scalar or the extents do not fit.
    """
    a, b = as_node(left), as_node(right)
    if not a.ndim or not b.ndim:
        raise ShapeError(f"@ needs operands of rank 1 or more, got shapes {a.shape} and {b.shape}")
    rows = () if a.ndim == 1 else ("i",)
    columns = () if b.ndim == 1 else ("j",)
    depth = max(a.ndim, b.ndim, 2) - 2
    stack = tuple(range(depth))
    labels_a = (*stack[depth - max(a.ndim - 2, 0) :], *rows, "k")
    labels_b = (*stack[depth - max(b.ndim - 2, 0) :], "k", *columns)
    extents: dict[Any, int] = {}
    for node, labels in ((a, labels_a), (b, labels_b)):
        for label, extent in zip(labels, node.shape, strict=True):
            if extents.setdefault(label, extent) != extent:
                raise ShapeError(f"@: shapes {a.shape} and {b.shape} do not fit; extents of a stack are not stretched")
    return Einsum.of([a, b], [labels_a, labels_b], (*stack, *rows, *columns))
