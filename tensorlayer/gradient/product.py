"""The adjoint of a product over axes: the product of the other elements.

Without dividing, so that zeros are right, and higher derivatives too.
"""

from __future__ import annotations

import math

from tensorlayer.gradient.adjoint import conjugate, elementwise
from tensorlayer.graph import Concatenate, Einsum, Fill, Map, Node, Reduce, Reshape, Slice, Update
from tensorlayer.scalar import argument, call

__all__ = ["product_adjoint"]

_TIMES = call("multiply", argument(0), argument(1))


def product_adjoint(node: Reduce, g: Node) -> Node:
    """Adjoint of the input of a product, given the adjoint of the product."""
    source = node.inputs[0]
    kept = tuple(a for a in range(source.ndim) if a not in node.axes)
    order = (*kept, *node.axes)
    everywhere = tuple(range(source.ndim))
    moved = Einsum.of([source], [everywhere], order)
    flat = Reshape.of(moved, (*node.shape, math.prod(source.shape[a] for a in node.axes)))
    others = Einsum.of([Reshape.of(products_of_others(flat), moved.shape)], [order], everywhere)
    return Map.of([conjugate(others), g], [everywhere, kept], source.shape, _TIMES)


def products_of_others(node: Node) -> Node:
    """For every element, the product of the others along the last axis; linear in the number of elements.

    Neighbours are multiplied, the products of the other pairs found in the same way, and every element is
    missing its neighbour only.
    """
    n = node.shape[-1]
    if n < 2:
        return Fill.of(node.shape, 1, node.dtype)
    if n % 2:
        most, last = _part(node, 0, n - 1), _part(node, n - 1, n)
        whole = Reshape.of(Reduce.of(most, "prod", [node.ndim - 1]), last.shape)
        every = tuple(range(node.ndim))
        rest = Einsum.of([products_of_others(most), _part(node, n - 1, n, chip=True)], [every, every[:-1]], every)
        return Concatenate.of([rest, whole], node.ndim - 1)
    even, odd = _part(node, 0, n, 2), _part(node, 1, n, 2)
    others = products_of_others(elementwise(_TIMES, even, odd))
    result: Node = Fill.of(node.shape, 0, node.dtype)
    for start, neighbours in ((0, odd), (1, even)):
        key = (*((0, extent, 1) for extent in node.shape[:-1]), (start, n, 2))
        result = Update.of(result, elementwise(_TIMES, others, neighbours), key)
    return result


def _part(node: Node, start: int, stop: int, step: int = 1, *, chip: bool = False) -> Node:
    last: int | tuple[int, int, int] = start if chip else (start, stop, step)
    return Slice.of(node, (*((0, extent, 1) for extent in node.shape[:-1]), last))
