"""Pass 2: common subexpressions, across everything that is evaluated together."""

from __future__ import annotations

from tensorlayer.graph import Einsum, Map, Node, OpGraph, is_permutation, rewrite
from tensorlayer.passes.canonicalise import canonical
from tensorlayer.passes.placement import Target

__all__ = ["share"]


def share(graph: OpGraph, target: Target) -> OpGraph:
    """Make nodes that differ only in the order of their modes one node and a permutation of it.

    Nodes that are equal are one object from the start; products and maps that are equal but for the order of
    the result, as ``A_ik B_kj`` wanted once as ij and once as ji, become one here.
    """
    del target
    first: dict[Node, Einsum | Map] = {}

    def rule(node: Node) -> Node:
        # An operand that became a permutation is merged into what reads it; a permutation itself costs nothing.
        node = canonical(node) if any(map(is_permutation, node.inputs)) else node
        if not isinstance(node, Einsum | Map) or not node.inputs or is_permutation(node):
            return node
        standard, order = _standard(node)
        known = first.setdefault(standard, node)
        return node if known is node else _permuted(known, _standard(known)[1], order)

    return graph.with_sinks(rewrite(graph.sink_nodes, rule))


def _standard(node: Einsum | Map) -> tuple[Node, tuple[int, ...]]:
    """The node with its modes in order of first appearance in its operands, and its modes in that order."""
    incoming, output = node.edge_labels()
    seen = list(dict.fromkeys(x for labels in incoming for x in labels if x in output))
    seen += [x for x in output if x not in seen]
    order = tuple(seen.index(x) for x in output)
    if isinstance(node, Einsum):
        return Einsum.of(node.inputs, node.labels, seen), order
    axes = [tuple(seen.index(x) for x in labels) for labels in node.axes]
    return Map.of(node.inputs, axes, [node.shape[x] for x in seen], node.body), order


def _permuted(known: Node, have: tuple[int, ...], want: tuple[int, ...]) -> Node:
    return known if have == want else Einsum.of([known], [have], want)
