"""Pass 6: rewrite what a backend does not know in terms of what it does, or say what it lacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tensorlayer.backend import get_backend
from tensorlayer.graph import Convert, Fill, Fused, Input, Map, Node, OpGraph, Reduce, rewrite
from tensorlayer.passes.placement import Target, assign_places
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
    lacking = [
        node
        for node, (backend, _) in places.items()
        if not isinstance(node, Input | Convert) and not get_backend(backend).supports(node)
    ]
    for node in lacking:
        if type(node) not in _REWRITTEN:
            get_backend(places[node][0]).require_support(node)
    kinds = frozenset(map(type, lacking))
    return graph.with_sinks(rewrite(graph.sink_nodes, lambda node: _lower(node, kinds))) if kinds else graph


def _lower(node: Node, lacking: frozenset[type[Node]]) -> Node:
    return _REWRITTEN[type(node)](node) if type(node) in lacking else node


def _unfused(node: Fused) -> Node:
    return Reduce.of(node.unfused(), node.kind, node.reduced)


def _constant(node: Fill) -> Node:
    return Map.of([], [], node.shape, ("astype", constant(node.value), node.dtype.name))


#: What has another spelling.
_REWRITTEN: dict[type[Node], Callable[[Any], Node]] = {Fill: _constant, Fused: _unfused}
