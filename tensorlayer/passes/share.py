"""Pass 2: common subexpressions, across everything that is evaluated together."""

from __future__ import annotations

from tensorlayer.graph import Input, OpGraph, rewrite
from tensorlayer.passes.placement import Target

__all__ = ["share"]


def share(graph: OpGraph, target: Target) -> OpGraph:
    """Make equal nodes one node.

    Nodes are hash-consed, so what is equal is already one object; what remains is to re-make every node on
    the shared inputs, which matters for graphs that were unpickled in parts or made by other hands.
    """
    del target
    return graph.with_sinks(
        rewrite(graph.sink_nodes, lambda n: n if isinstance(n, Input) else type(n).make(n.inputs, *n.parameters))
    )
