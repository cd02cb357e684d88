"""Products of tensors as loops."""

from __future__ import annotations

from tensorlayer.graph import Einsum, Map
from tensorlayer.scalar import Body, argument, call

__all__ = ["product_map"]


def product_map(node: Einsum) -> Map | None:
    """The product of all operands at every point, before any sum.

    Its axes are the labels of the output and then, in order, those that are summed over. None for diagonals: of an
    operand with the same label twice no map has such axes.
    """
    if any(len(set(one)) < len(one) for one in node.labels):
        return None
    loop = (*node.output, *sorted(node.summed))
    axes = [[loop.index(label) for label in one] for one in node.labels]
    return Map.of(node.inputs, axes, [node.extents[label] for label in loop], _body(node))


def _body(node: Einsum) -> Body:
    """Whole numbers are multiplied in the type of the sum."""
    exact = node.dtype.kind in "biu"
    operands = [
        ("astype", argument(i), node.dtype.name) if exact and source.dtype != node.dtype else argument(i)
        for i, source in enumerate(node.inputs)
    ]
    body = operands[0]
    for operand in operands[1:]:
        body = call("multiply", body, operand)
    return body
