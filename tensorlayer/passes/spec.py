"""The legality spec: what a graph must be like, as data, and from which pass on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tensorlayer.backend import get_backend
from tensorlayer.errors import GraphError
from tensorlayer.graph import (
    Concatenate,
    Convert,
    Delegated,
    Einsum,
    Fused,
    Input,
    Map,
    Node,
    OpGraph,
    Place,
    Reshape,
    Result,
    Slice,
    equation,
    is_permutation,
)
from tensorlayer.passes.placement import Target, assign_places, runner

__all__ = ["SPEC", "STAGES", "Rule", "check"]

#: The states of a graph, in order: as recorded, then after each pass.
STAGES = (
    "recorded",
    "delegate",
    "canonicalise",
    "share",
    "contract",
    "exploit",
    "fuse",
    "arrange",
    "lower",
    "place",
    "group",
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that holds for every node.

    Attributes
    ----------
    text : str
        What holds, as a sentence.
    broken : callable
        ``broken(node, places)``: whether this node breaks the rule.
    since, until : str
        The first and the last stage at which it holds.
    """

    text: str
    broken: Callable[[Node, Mapping[Node, Place]], bool]
    since: str = "recorded"
    until: str = "group"

    def holds_at(self, stage: str) -> bool:
        """Whether graphs at `stage` must obey."""
        return STAGES.index(self.since) <= STAGES.index(stage) <= STAGES.index(self.until)


def _is_illegal(node: Node, _: Mapping[Node, Place]) -> bool:
    return node.with_inputs(node.inputs) is not node or node._derive() != (node.shape, node.dtype)


def _is_loose(node: Node, _: Mapping[Node, Place]) -> bool:
    several = [n for n in node.inputs if len(n.signatures) > 1]
    return bool(several) and not isinstance(node, Result)


def _is_idle(node: Node, _: Mapping[Node, Place]) -> bool:
    """Whether a node gives back its only operand."""
    if isinstance(node, Einsum):
        return len(node.inputs) == 1 and node.labels[0] == node.output and node.dtype == node.inputs[0].dtype
    if isinstance(node, Slice):
        return all(e == (0, n, 1) for e, n in zip(node.key, node.inputs[0].shape, strict=True))
    if isinstance(node, Reshape):
        return node.shape == node.inputs[0].shape
    return isinstance(node, Concatenate) and len(node.inputs) == 1


def _reads_permuted(node: Node, _: Mapping[Node, Place]) -> bool:
    return isinstance(node, Einsum | Map) and any(map(is_permutation, node.inputs))


def _has_many_operands(node: Node, _: Mapping[Node, Place]) -> bool:
    return isinstance(node, Einsum) and len(node.inputs) > 2


def _is_elementwise(node: Node, _: Mapping[Node, Place]) -> bool:
    return isinstance(node, Einsum) and len(node.inputs) == 2 and not node.summed


def _is_fused(node: Node, _: Mapping[Node, Place]) -> bool:
    return isinstance(node, Fused)


def _is_unknown(node: Node, places: Mapping[Node, Place]) -> bool:
    return not isinstance(node, Input | Convert) and not get_backend(runner(node, places)[0]).supports(node)


def _reads_elsewhere(node: Node, places: Mapping[Node, Place]) -> bool:
    if isinstance(node, Convert) or (isinstance(node, Delegated) and node.keeps):
        return False
    read = node.inputs[1:] if isinstance(node, Delegated) else node.inputs
    return any(places[source] != places[node] for source in read)


def _stays(node: Node, places: Mapping[Node, Place]) -> bool:
    return isinstance(node, Convert) and places[node.inputs[0]] == node.place


#: The spec.
SPEC: tuple[Rule, ...] = (
    Rule("a node is the only one of its kind, and its shape and element type follow from its inputs", _is_illegal),
    Rule("the results of an operation with several are read through Result", _is_loose),
    Rule("no operation gives back its operand", _is_idle, since="canonicalise"),
    Rule("products and maps read their operands as stored, not permuted", _reads_permuted, "canonicalise", "share"),
    Rule("there are no fused loops yet", _is_fused, until="exploit"),
    Rule("a product has at most two operands", _has_many_operands, since="contract"),
    Rule("a product of two operands sums something; else it is a map", _is_elementwise, since="contract"),
    Rule("every operation is in the vocabulary of its backend", _is_unknown, since="lower"),
    Rule("operands are where the operation runs", _reads_elsewhere, since="place"),
    Rule("a conversion goes somewhere else", _stays, since="place"),
)


def check(graph: OpGraph, stage: str = "recorded", target: Target | None = None) -> None:
    """Refuse a graph that is not legal at `stage`.

    Parameters
    ----------
    graph : OpGraph
        The graph.
    stage : str
        One of `STAGES`.
    target : Target, optional
        What the graph is for: decides where its nodes run. Default options when left out.

    Raises
    ------
    GraphError
        If a rule is broken; the message has the rule and the node.
    """
    rules = [rule for rule in SPEC if rule.holds_at(stage)]
    places = assign_places(graph, target or Target()) if STAGES.index(stage) >= STAGES.index("lower") else {}
    _check_inputs(graph, stage)
    for node in graph.operations:
        for rule in rules:
            if rule.broken(node, places):
                labels = f" {equation(node)!r}" if isinstance(node, Einsum | Map | Fused) else ""
                raise GraphError(f"illegal graph at stage {stage!r}: {rule.text}, but there is{labels} {node!r}")


def _check_inputs(graph: OpGraph, stage: str) -> None:
    keys = [node.key for node in graph.inputs]
    twice = [key for key in keys if keys.count(key) > 1]
    if twice:
        raise GraphError(f"illegal graph at stage {stage!r}: inputs have distinct keys, but {twice[0]!r} has several")
