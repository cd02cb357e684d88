"""Pass 1: one form for equal things, and nothing that does nothing."""

from __future__ import annotations

from tensorlayer.graph import Concatenate, Einsum, Map, Node, OpGraph, Reduce, Reshape, Slice, rewrite
from tensorlayer.passes.canonical_map import canonical_map
from tensorlayer.passes.canonical_product import canonical_product
from tensorlayer.passes.canonical_slice import canonical_slice
from tensorlayer.passes.narrow import narrow
from tensorlayer.passes.placement import Target
from tensorlayer.passes.ranks import Ranks

__all__ = ["canonical", "canonicalise"]


def canonicalise(graph: OpGraph, target: Target) -> OpGraph:
    """Give equal things one form, and remove what does nothing.

    * a slice of a product, map or on-demand tensor that nothing else reads computes only that slice;
    * permutations are merged into the product or map that reads them; sums are products of one operand;
    * a contraction with the identity matrix renames a label, a product with zero is zero;
    * scalar factors are pulled out of products;
    * operands of products and commutative functions are put in order, so that A*B and B*A are one node;
    * scalar expressions are simplified; arguments read twice or not at all are merged or dropped;
    * full slices, reshapes to the same shape and concatenations of one part are removed.
    """
    del target
    ranks = Ranks()
    return graph.with_sinks(rewrite(narrow(graph.sink_nodes), lambda node: canonical(node, ranks)))


def canonical(node: Node, ranks: Ranks | None = None) -> Node:
    """The canonical form of a node whose inputs are canonical; operands are ordered by `ranks`, if given."""
    if isinstance(node, Reduce) and node.kind == "sum" and node.axes:
        axes = range(node.inputs[0].ndim)
        node = Einsum.of(node.inputs, [axes], [a for a in axes if a not in node.axes])
    if isinstance(node, Einsum):
        return canonical_product(node, ranks)
    if isinstance(node, Map):
        return canonical_map(node, ranks)
    if isinstance(node, Slice):
        return canonical_slice(node)
    return _without_effect(node)


def _without_effect(node: Node) -> Node:
    if isinstance(node, Reduce) and not node.axes and node.dtype == node.inputs[0].dtype:
        return node.inputs[0]
    if isinstance(node, Reshape):
        source = node.inputs[0].inputs[0] if isinstance(node.inputs[0], Reshape) else node.inputs[0]
        return source if source.shape == node.shape else Reshape.of(source, node.shape)
    if isinstance(node, Concatenate) and len(node.inputs) == 1:
        return node.inputs[0]
    return node
