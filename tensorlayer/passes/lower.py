"""Pass 6: rewrite what a backend does not know in terms of what it does, or say what it lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tensorlayer.backend import Backend, get_backend
from tensorlayer.codegen import product_map
from tensorlayer.graph import (
    Concatenate,
    Convert,
    Delta,
    Einsum,
    Fill,
    Fused,
    Generate,
    Input,
    Map,
    Node,
    OpGraph,
    Place,
    Reduce,
    Update,
)
from tensorlayer.passes.placement import Target, assign_places, runner
from tensorlayer.scalar import constant

__all__ = ["lower"]


def lower(graph: OpGraph, target: Target) -> OpGraph:
    """Leave only operations that the backend of each node runs.

    Raises
    ------
    UnsupportedOperationError
        If a backend neither runs an operation nor anything it can be rewritten to.
    """
    places = assign_places(graph, target)
    done: dict[Node, Node] = {}
    for node in graph.operations:
        made = node.with_inputs(done[source] for source in node.inputs)
        done[node] = made if isinstance(node, Input | Convert) else _lowered(made, runner(node, places), frozenset())
    return graph.with_sinks(done[sink] for sink in graph.sink_nodes)


def _lowered(node: Node, place: Place, tried: frozenset[type[Node]]) -> Node:
    """The node itself if its backend runs it, else the first spelling that the backend runs all of."""
    backend = get_backend(place[0])
    if isinstance(node, Convert) or backend.supports(node):
        return node
    for spelling in _spellings(node, place):
        found = _supported(spelling, node, place, tried | {type(node)})
        if found is not None:
            return found
    if not tried:
        backend.require_support(node)
    return node


def _supported(spelling: Node, node: Node, place: Place, tried: frozenset[type[Node]]) -> Node | None:
    """The spelling of `node` with every new part lowered; None if a part cannot be."""
    if spelling in node.inputs or isinstance(spelling, Convert):
        return spelling
    parts = [_supported(source, node, place, tried) for source in spelling.inputs]
    if type(spelling) in tried or any(part is None for part in parts):
        return None
    made = _lowered(spelling.with_inputs(part for part in parts if part is not None), place, tried)
    return made if _runs(get_backend(place[0]), made) else None


def _runs(backend: Backend, node: Node) -> bool:
    return isinstance(node, Convert) or backend.supports(node)


def _spellings(node: Node, place: Place) -> Iterator[Node]:
    for rule in _RULES.get(type(node), ()):
        spelling = rule(node)
        if spelling is not None:
            yield spelling
    # What has no operands can be made on the host and handed over.
    if isinstance(node, Fill | Delta | Generate) and get_backend(place[0]).holds(node.dtype):
        yield Convert.of(node, place)


def _unfused(node: Fused) -> Node:
    return Reduce.of(node.unfused(), node.kind, node.reduced)


def _constant(node: Fill) -> Node:
    return Map.of([], [], node.shape, ("astype", constant(node.value), node.dtype.name))


def _sum_as_product(node: Reduce) -> Node | None:
    axes = range(node.inputs[0].ndim)
    return Einsum.of(node.inputs, [axes], [a for a in axes if a not in node.axes]) if node.kind == "sum" else None


def _product_as_loop(node: Einsum) -> Node | None:
    """A map over all labels and a sum; diagonals have no such form."""
    product = product_map(node)
    if product is None or not node.summed:
        return product
    return Reduce.of(product, "sum", range(len(node.output), product.ndim))


def _pieces_written(node: Concatenate) -> Node:
    result: Node = Fill.of(node.shape, 0, node.dtype)
    start = 0
    for part in node.inputs:
        stop = start + part.shape[node.axis]
        key = tuple((start, stop, 1) if a == node.axis else (0, n, 1) for a, n in enumerate(node.shape))
        result, start = Update.of(result, part, key), stop
    return result


#: Other spellings of an operation, the best first.
_RULES: dict[type[Node], tuple[Callable[[Any], Node | None], ...]] = {
    Concatenate: (_pieces_written,),
    Einsum: (_product_as_loop,),
    Fill: (_constant,),
    Fused: (_unfused,),
    Reduce: (_sum_as_product,),
}
