"""Pass 3: products of many operands become products of two, in a good order."""

from __future__ import annotations

from tensorlayer.graph import Einsum, Node, OpGraph, rewrite
from tensorlayer.passes.budget import Attempt, within_budget
from tensorlayer.passes.common_pairs import share_pairs
from tensorlayer.passes.merge import merge_products
from tensorlayer.passes.pairs import Pairs, prepared
from tensorlayer.passes.placement import Target

__all__ = ["attempt_contraction", "contract"]


def contract(graph: OpGraph, target: Target) -> OpGraph:
    """Split every product into pairs, and turn products that sum nothing into maps.

    * A closed product that one product alone reads is opened, if that makes the whole cheaper.
    * Labels that one operand alone carries are summed first.
    * Pairs that several products contain are formed once, where that makes them cheaper together.
    * The order of the rest is searched by opt_einsum (cotengra for large networks, when installed).
    * Where the memory budget asks for it, products are formed in slices, as few as will do.
    * Scalar factors go to the smaller of a last pair and its result.
    """
    return attempt_contraction(graph, target).graph


def attempt_contraction(graph: OpGraph, target: Target) -> Attempt:
    """What `contract` does, and what it tried to keep within the memory budget."""
    optimizer = target.options.optimizer
    sinks = rewrite(merge_products(graph.sink_nodes, optimizer), _prepared)
    return within_budget(graph.with_sinks(share_pairs(sinks, Pairs(optimizer))), target)


def _prepared(node: Node) -> Node:
    return prepared(node) if isinstance(node, Einsum) and len(node.inputs) > 1 else node
