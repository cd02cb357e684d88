"""Scalar factors: maps that multiply every element by one number, moved to where they cost least."""

from __future__ import annotations

import cmath
from collections.abc import Iterable

import numpy as np

from tensorlayer.graph import DType, Einsum, Map, Node, consumers, postorder
from tensorlayer.scalar import Body, argument, substitute

__all__ = ["pull_scales", "push_scales", "same_precision"]


def same_precision(a: DType, b: DType) -> bool:
    """Whether both are inexact with equally long mantissas, real or complex."""
    return a.kind in "fc" and b.kind in "fc" and bool(np.finfo(a).dtype == np.finfo(b).dtype)


def _is_linear(body: Body) -> bool:
    """Whether `body` is a finite multiple of its one argument."""
    if body == argument(0):
        return True
    if body[0] == "negative":
        return _is_linear(body[1])
    if body[0] == "multiply":
        return any(_is_factor(a) and _is_linear(b) for a, b in (body[1:], body[:0:-1]))
    return body[0] == "divide" and _is_factor(body[2]) and body[2][2] != 0 and _is_linear(body[1])


def _is_factor(body: Body) -> bool:
    # Not NumPy's: a Python integer may have more than 64 bits.
    return body[0] == "c" and cmath.isfinite(body[2])


def _is_scale(node: Node) -> bool:
    return (
        isinstance(node, Map)
        and len(node.inputs) == 1
        and len(node.axes[0]) == node.ndim
        and same_precision(node.dtype, node.inputs[0].dtype)
        and _is_linear(node.body)
    )


def pull_scales(node: Einsum) -> tuple[Einsum, Body]:
    """The product without the scalar factors of its operands, and their product as a body."""
    inputs, labels, body = list(node.inputs), list(node.labels), argument(0)
    for i, source in enumerate(node.inputs):
        if isinstance(source, Map) and _is_scale(source) and same_precision(source.dtype, node.dtype):
            inputs[i] = source.inputs[0]
            labels[i] = tuple(node.labels[i][axis] for axis in source.axes[0])
            body = substitute(source.body, [body])
    if body == argument(0):
        return node, body
    bare = Einsum.of(inputs, labels, node.output)
    scaled = Map.of([bare], [range(bare.ndim)], bare.shape, body)
    return (bare, body) if scaled.dtype == node.dtype else (node, argument(0))


def push_scales(sinks: Iterable[Node]) -> tuple[Node, ...]:
    """Move scalar factors of pairwise products to an operand, where that is smaller than the result.

    A product that others read unscaled keeps its factor outside.
    """
    sinks = tuple(sinks)
    if not any(map(_is_scale, postorder(sinks))):
        return sinks
    readers = consumers(sinks)
    done: dict[Node, Node] = {}

    def scaled(node: Node, body: Body, axes: tuple[int, ...]) -> Node:
        """The (old) node times the factor, in terms of new nodes."""
        if readers[node] == 1 and isinstance(node, Einsum) and axes == tuple(range(node.ndim)):
            smallest = min(range(len(node.inputs)), key=lambda i: node.inputs[i].size)
            source = node.inputs[smallest]
            if source.size < node.size and same_precision(source.dtype, node.dtype):
                inputs = [done[n] for n in node.inputs]
                inputs[smallest] = scaled(source, body, tuple(range(source.ndim)))
                moved = node.with_inputs(inputs)
                if moved.dtype == _scaled(done[node], body, axes).dtype:
                    return moved
        return _scaled(done[node], body, axes)

    for node in postorder(sinks):
        if isinstance(node, Map) and _is_scale(node):
            done[node] = scaled(node.inputs[0], node.body, node.axes[0])
        else:
            done[node] = node.with_inputs(done[source] for source in node.inputs)
    return tuple(done[sink] for sink in sinks)


def _scaled(node: Node, body: Body, axes: tuple[int, ...]) -> Map:
    return Map.of([node], [axes], [node.shape[axes.index(a)] for a in range(node.ndim)], body)
