"""Elementwise functions of unlabelled tensors, with the array API's broadcasting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorlayer.errors import ShapeError
from tensorlayer.graph import Map, Node, Slice
from tensorlayer.language.operand import as_node
from tensorlayer.scalar import NUMBERS, Body, argument, call, constant

__all__ = ["broadcast_map", "broadcast_shapes", "broadcast_to", "stretch"]


def broadcast_shapes(*shapes: Sequence[int]) -> tuple[int, ...]:
    """The shape to which all `shapes` are stretched.

    Raises
    ------
    ShapeError
        If two extents differ and neither is 1.
    """
    try:
        return np.broadcast_shapes(*map(tuple, shapes))
    except ValueError:
        raise ShapeError(f"shapes {', '.join(str(tuple(s)) for s in shapes)} cannot be broadcast together") from None


def stretch(node: Node, shape: tuple[int, ...], matrix: int = 0) -> tuple[Node, tuple[int, ...]]:
    """The node without its modes of extent one that broadcasting to `shape` stretches, and the axes of the others.

    The last `matrix` modes are kept, and stand for themselves.
    """
    rank = node.ndim - matrix
    offset = len(shape) - rank
    kept = [a for a in range(rank) if node.shape[a] == shape[offset + a]]
    axes = tuple(offset + a for a in kept)
    if len(kept) == rank:
        return node, axes
    chips = tuple((0, n, 1) if a in kept or a >= rank else 0 for a, n in enumerate(node.shape))
    return Slice.of(node, chips), axes


def broadcast_map(name: str, *operands: Any) -> Node:
    """Apply an elementwise function to tensors, arrays and scalars.

    Raises
    ------
    ShapeError
        If the shapes do not broadcast.
    """
    bodies: list[Body] = []
    nodes: list[Node] = []
    for operand in operands:
        if isinstance(operand, NUMBERS):
            bodies.append(constant(operand))
        else:
            bodies.append(argument(len(nodes)))
            nodes.append(as_node(operand))
    shape = broadcast_shapes(*(node.shape for node in nodes))
    stretched = [stretch(node, shape) for node in nodes]
    return Map.of([n for n, _ in stretched], [axes for _, axes in stretched], shape, call(name, *bodies))


def broadcast_to(operand: Any, shape: tuple[int, ...], dtype: Any) -> Node:
    """A tensor, array or scalar stretched to `shape`, as elements of `dtype`.

    Raises
    ------
    ShapeError
        If its shape cannot be stretched to that.
    """
    if isinstance(operand, NUMBERS):
        body: Body = constant(operand)
        return Map.of([], [], shape, ("astype", body, np.dtype(dtype).name))
    node = as_node(operand)
    modes = zip(reversed(node.shape), reversed(shape), strict=False)
    if node.ndim > len(shape) or not all(extent in (1, wanted) for extent, wanted in modes):
        raise ShapeError(f"a tensor of shape {node.shape} cannot be stretched to {shape}")
    source, axes = stretch(node, shape)
    return Map.of([source], [axes], shape, ("astype", argument(0), np.dtype(dtype).name))
