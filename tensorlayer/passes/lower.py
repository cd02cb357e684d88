"""Pass 6: rewrite what a backend does not know in terms of what it does, or say what it lacks."""

from __future__ import annotations

from tensorlayer.backend import get_backend
from tensorlayer.errors import UnsupportedOperationError
from tensorlayer.graph import Convert, Fused, Generate, Input, Node, OpGraph, Reduce, rewrite
from tensorlayer.passes.placement import Target, assign_places

__all__ = ["lower"]


def lower(graph: OpGraph, target: Target) -> OpGraph:
    """Leave only operations that the backend of each node runs.

    Raises
    ------
    UnsupportedOperationError
        If a backend neither runs an operation nor anything it can be rewritten to.
    """
    places = assign_places(graph, target)
    lacking = {
        node
        for node, (backend, _) in places.items()
        if not isinstance(node, Input | Convert) and not get_backend(backend).supports(node, node.dtype)
    }
    if not lacking:
        return graph
    named = {type(node): places[node][0] for node in lacking}
    return graph.with_sinks(rewrite(graph.sink_nodes, lambda node: _lower(node, named)))


def _lower(node: Node, lacking: dict[type[Node], str]) -> Node:
    if type(node) not in lacking:
        return node
    if isinstance(node, Fused):
        return Reduce.of(node.unfused(), node.kind, node.reduced)
    if isinstance(node, Generate):
        return node
    raise UnsupportedOperationError(
        f"backend {lacking[type(node)]!r} does not run {node.operation} on {node.dtype}{list(node.shape)}, and it "
        "cannot be rewritten; convert the operands with .to('numpy') or use another backend"
    )
