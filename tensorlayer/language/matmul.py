"""The array API's matrix product of unlabelled tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlayer.errors import ShapeError
from tensorlayer.graph import Einsum, Node
from tensorlayer.language.arithmetic import broadcast_shapes, broadcast_to, stretch
from tensorlayer.language.operand import as_node

__all__ = ["matmul", "promoted", "stretched"]


def promoted(product: Einsum) -> Node:
    """A product with the element type the array API gives it: that of its operands together, for integers too."""
    dtype = np.result_type(*(node.dtype for node in product.inputs))
    return product if product.dtype == dtype else broadcast_to(product, product.shape, dtype)


def stretched(*nodes: Node) -> list[tuple[Node, tuple[int, ...]]]:
    """Operands without the modes that broadcasting would stretch, and the axes that the others have then.

    Raises
    ------
    ShapeError
        If the shapes cannot be broadcast.
    """
    shape = broadcast_shapes(*(node.shape for node in nodes))
    return [stretch(node, shape) for node in nodes]


def matmul(left: Any, right: Any) -> Node:
    """Product of vectors, matrices, or stacks of matrices, whose stack modes are broadcast.

    Raises
    ------
    ShapeError
        If an operand is a scalar or the extents do not fit.
    """
    a, b = as_node(left), as_node(right)
    if not a.ndim or not b.ndim:
        raise ShapeError(f"@ needs operands of rank 1 or more, got shapes {a.shape} and {b.shape}")
    if a.shape[-1] != b.shape[max(b.ndim - 2, 0)]:
        raise ShapeError(f"@: the last extent of {a.shape} is not the last but one of {b.shape}")
    rows = () if a.ndim == 1 else ("i",)
    columns = () if b.ndim == 1 else ("j",)
    shape = broadcast_shapes(a.shape[:-2], b.shape[:-2])
    (a, stack_a), (b, stack_b) = (stretch(node, shape, min(node.ndim, 2)) for node in (a, b))
    labels = [(*stack_a, *rows, "k"), (*stack_b, "k", *columns)]
    return promoted(Einsum.of([a, b], labels, (*range(len(shape)), *rows, *columns)))
