"""The order of the modes of intermediate products, chosen so that the next product reads them without a copy."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from tensorlayer.graph import Einsum, Node, OpGraph
from tensorlayer.interpreter import classify
from tensorlayer.passes.placement import Target

__all__ = ["arrange"]

Labels = tuple[int, ...]


class _Read(NamedTuple):
    """One operand of a product: who reads it, and where."""

    reader: Einsum
    place: int


def arrange(graph: OpGraph, target: Target) -> OpGraph:
    """Permute the modes of products that only products read.

    A product becomes a matrix product, for which the summed labels of an operand must lie side by side,
    and so must those that are kept. From the results to the inputs, every intermediate is given such an
    order; of the two there are, the one that falls out of the product that makes it.
    """
    del target
    orders: dict[Node, Labels] = {}
    reads = _reads(graph)
    for node in reversed(graph.operations):
        if isinstance(node, Einsum) and reads[node]:
            read = max(reads[node], key=lambda read: read.reader.flops())
            other = read.reader.inputs[1 - read.place] if len(read.reader.inputs) == 2 else node
            orders[node] = _wanted(node, read, orders, is_free=bool(reads[other]))
    done: dict[Node, Node] = {}
    for node in graph.operations:
        done[node] = _arranged(node, orders, done)
    return graph.with_sinks(done[sink] for sink in graph.sink_nodes)


def _reads(graph: OpGraph) -> dict[Node, list[_Read]]:
    """The readers of every node that only products read; none for the others."""
    found: dict[Node, list[_Read]] = defaultdict(list)
    fixed = set(graph.sink_nodes)
    for node in graph.operations:
        for place, source in enumerate(node.inputs):
            if isinstance(node, Einsum) and isinstance(source, Einsum):
                found[source].append(_Read(node, place))
            else:
                fixed.add(source)
    return defaultdict(list, {node: reads for node, reads in found.items() if node not in fixed})


def _wanted(node: Einsum, read: _Read, orders: dict[Node, Labels], *, is_free: bool) -> Labels:
    """The order of a node's modes, as positions in its present order, that its reader likes best."""
    reader, place = read
    own = reader.labels[place]
    if len(set(own)) != len(own):
        return tuple(range(len(own)))
    choices = _readable(reader, place, _permuted(reader.output, orders.get(reader)), is_free=is_free)
    positions = [tuple(own.index(x) for x in choice) for choice in choices]
    return next((order for order in positions if _falls_out(node, order)), positions[0])


def _permuted(labels: Labels, order: Labels | None) -> Labels:
    return labels if order is None else tuple(labels[i] for i in order)


def _readable(reader: Einsum, place: int, output: Labels, *, is_free: bool) -> list[Labels]:
    """Orders of an operand's labels in which its reader needs no copy.

    The summed labels are in the order of the other operand, unless that is free to change its order too.
    """
    own = reader.labels[place]
    kept = tuple(x for x in output if x in own)
    if len(reader.inputs) != 2:
        return [(*kept, *(x for x in own if x not in kept))]
    roles = classify(output, *reader.labels)
    batch = roles.result_batch
    rows = tuple(x for x in kept if x not in batch)
    dummy = roles.lhs_dummy if place or is_free else roles.rhs_dummy
    lone = roles.rhs_trace if place else roles.lhs_trace
    return [(*batch, *rows, *dummy, *lone), (*batch, *dummy, *rows, *lone)]


def _falls_out(node: Einsum, order: Labels) -> bool:
    """Whether a matrix product gives the modes in this order: batch labels, then one operand's, then the other's."""
    if len(node.inputs) != 2:
        return True
    output = [node.output[i] for i in order]
    roles = classify(output, *node.labels)
    batch, rest = len(roles.result_batch), output[len(roles.result_batch) :]
    split = len(roles.lhs_free)
    in_order = set(output[:batch]) == set(roles.result_batch)
    left_first = set(rest[:split]) == set(roles.lhs_free)
    right_first = set(rest[len(roles.rhs_free) :]) == set(roles.lhs_free)
    return in_order and (left_first or right_first)


def _arranged(node: Node, orders: dict[Node, Labels], done: dict[Node, Node]) -> Node:
    inputs = [done[source] for source in node.inputs]
    if not isinstance(node, Einsum):
        return node.with_inputs(inputs)
    labels = [_permuted(own, orders.get(source)) for own, source in zip(node.labels, node.inputs, strict=True)]
    made = Einsum.of(inputs, labels, _permuted(node.output, orders.get(node)))
    # A permutation that was needed before may be the identity now.
    return inputs[0] if made.labels == (made.output,) and inputs[0].dtype == made.dtype else made
