"""Pass 7: make every move between backends an explicit node."""

from __future__ import annotations

from tensorlayer.backend import get_backend
from tensorlayer.graph import Convert, Delegated, Node, OpGraph, Place
from tensorlayer.passes.placement import Target, assign_places

__all__ = ["place"]


def place(graph: OpGraph, target: Target) -> OpGraph:
    """Insert a `Convert` on every edge between two places, once per tensor and place."""
    places = assign_places(graph, target)
    done: dict[Node, Node] = {}
    for node in graph.operations:
        where = places[node]
        inputs = tuple(
            done[child] if places[child] == where or _takes_anywhere(node, child) else Convert.of(done[child], where)
            for child in node.inputs
        )
        done[node] = node if inputs == node.inputs else node.with_inputs(inputs)
        if isinstance(node, Convert) and places[node.inputs[0]] == where:
            done[node] = inputs[0]
    return graph.with_sinks(_home(done[sink], places[sink], target) for sink in graph.sink_nodes)


def _takes_anywhere(node: Node, source: Node) -> bool:
    """Whether a node reads an operand wherever it is held."""
    if isinstance(node, Delegated):
        return node.keeps or source is node.inputs[0]
    return isinstance(node, Convert)


def _home(node: Node, where: Place, target: Target) -> Node:
    """A sink that only passes an input through still lands on the backend that was asked for."""
    wanted = target.options.backend
    if wanted and where[0] != wanted and not isinstance(node, Delegated):
        return Convert.of(node, (wanted, target.options.device or get_backend(wanted).device))
    return node
