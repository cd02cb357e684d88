"""Adjoints of reductions."""

from __future__ import annotations

from collections.abc import Sequence

from tensorlayer.gradient.adjoint import Adjoints, adjoint
from tensorlayer.gradient.product import product_adjoint
from tensorlayer.graph import Map, Node, Reduce
from tensorlayer.scalar import argument, call

__all__: list[str] = []


@adjoint.register
def _reduce(node: Reduce, g: Node, needed: Sequence[bool]) -> Adjoints:
    del needed
    kept = tuple(a for a in range(node.inputs[0].ndim) if a not in node.axes)
    if node.kind == "sum":
        return [Map.of([g], [kept], node.inputs[0].shape, argument(0))]
    if node.kind == "prod":
        return [product_adjoint(node, g)]
    return [_extremum(node, g, kept) if node.kind in ("max", "min") else None]


def _extremum(node: Reduce, g: Node, kept: tuple[int, ...]) -> Node:
    """The adjoint goes to the elements that are the maximum; ties share it equally."""
    source = node.inputs[0]
    everywhere = tuple(range(source.ndim))
    is_it = ("astype", call("equal", argument(0), argument(1)), g.dtype.name)
    hit = Map.of([source, node], [everywhere, kept], source.shape, is_it)
    count = Reduce.of(hit, "sum", node.axes)
    body = call("divide", call("multiply", argument(0), argument(1)), argument(2))
    return Map.of([hit, g, count], [everywhere, kept, kept], source.shape, body)
