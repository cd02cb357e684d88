"""Rewriting a graph from its leaves to its sinks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from tensorlayer.graph.node import Node, postorder

__all__ = ["consumers", "rewrite"]


def rewrite(sinks: Iterable[Node], rule: Callable[[Node], Node]) -> tuple[Node, ...]:
    """Apply `rule` to every node, after its inputs have been rewritten.

    Parameters
    ----------
    sinks : iterable of Node
        What is wanted.
    rule : callable
        Gives the replacement of a node whose inputs are already final; the node itself to keep it.

    Returns
    -------
    tuple of Node
        The new sinks, in order.
    """
    sinks = tuple(sinks)
    done: dict[Node, Node] = {}
    for node in postorder(sinks):
        inputs = tuple(done[child] for child in node.inputs)
        done[node] = rule(node if inputs == node.inputs else node.with_inputs(inputs))
    return tuple(done[sink] for sink in sinks)


def consumers(sinks: Iterable[Node]) -> Counter[Node]:
    """How often each node is read: once per edge, and once per time it is a sink."""
    sinks = tuple(sinks)
    counts: Counter[Node] = Counter(sinks)
    for node in postorder(sinks):
        counts.update(node.inputs)
    return counts
