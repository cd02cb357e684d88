"""Pass 3: products of many operands become products of two, in a good order."""

from __future__ import annotations

from tensorlayer.graph import Einsum, Node, OpGraph, rewrite
from tensorlayer.passes.canonicalise import canonical
from tensorlayer.passes.common_pairs import share_pairs
from tensorlayer.passes.merge import merge_products
from tensorlayer.passes.pairs import Pairs, prepared
from tensorlayer.passes.placement import Target
from tensorlayer.passes.scale import push_scales

__all__ = ["contract"]


def contract(graph: OpGraph, target: Target) -> OpGraph:
    """Split every product into pairs, and turn products that sum nothing into maps.

    * A closed product that one product alone reads is opened, if that makes the whole cheaper.
    * Labels that one operand alone carries are summed first.
    * Pairs that several products contain are formed once, where that makes them cheaper together.
    * The order of the rest is searched by opt_einsum (cotengra for large networks, when installed).
    * Scalar factors go to the smaller of a last pair and its result.
    """
    sinks = merge_products(graph.sink_nodes, target.options.optimizer)
    sinks = rewrite(sinks, lambda node: prepared(node) if isinstance(node, Einsum) and len(node.inputs) > 1 else node)
    pairs = Pairs(target.options.optimizer)
    sinks = share_pairs(sinks, pairs)
    return graph.with_sinks(push_scales(pairwise(sinks, pairs)))


def pairwise(sinks: tuple[Node, ...], pairs: Pairs) -> tuple[Node, ...]:
    """Form every product pair by pair."""

    def rule(node: Node) -> Node:
        return pairs.contract(node) if isinstance(node, Einsum) and len(node.inputs) > 1 else canonical(node)

    return rewrite(sinks, rule)
