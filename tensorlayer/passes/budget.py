"""Products in as few slices as the memory budget asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tensorlayer.graph import Einsum, Input, Node, OpGraph, equation, liveness, peak_bytes, postorder, result_bytes
from tensorlayer.interpreter import scratch_bytes
from tensorlayer.passes.arrange import arrange
from tensorlayer.passes.canonicalise import canonical
from tensorlayer.passes.fuse import fuse
from tensorlayer.passes.pairs import Pairs
from tensorlayer.passes.placement import Target
from tensorlayer.passes.scale import push_scales
from tensorlayer.passes.slice_search import Slicing, find_slicing
from tensorlayer.passes.slices import in_slices

__all__ = ["Attempt", "formed", "within_budget"]

#: How often the limits of single products are tightened when they do not fit together.
MOST_ROUNDS = 4


class Attempt(NamedTuple):
    """A graph of pairs, and what was tried to make it fit."""

    graph: OpGraph
    tried: tuple[str, ...]


def formed(graph: OpGraph, slicings: Mapping[Node, Slicing], optimizer: str) -> OpGraph:
    """Form every prepared product pair by pair, some of them in slices."""
    pairs = Pairs(optimizer)
    done: dict[Node, Node] = {}
    for node in postorder(graph.sink_nodes):
        made = node.with_inputs(done[source] for source in node.inputs)
        if not isinstance(made, Einsum) or len(made.inputs) == 1:
            done[node] = canonical(made)
        elif node in slicings:
            done[node] = in_slices(made, slicings[node].parts, pairs, slicings[node].path)
        else:
            done[node] = pairs.contract(made)
    return graph.with_sinks(push_scales(done[sink] for sink in graph.sink_nodes))


def within_budget(graph: OpGraph, target: Target) -> Attempt:
    """Form the products of a graph so that it fits into the memory budget, if it can; whole if it cannot."""
    optimizer, budget = target.options.optimizer, target.options.memory
    whole = formed(graph, {}, optimizer)
    if budget is None or _peak(whole, target) <= budget:
        return Attempt(whole, ())
    tried = [f"whole products, {_peak(whole, target)} bytes"]
    limit = budget
    for _ in range(MOST_ROUNDS):
        slicings = _slicings(graph, limit, optimizer)
        tried += [_described(node, slicing) for node, slicing in slicings.items()]
        if not slicings or not all(_fits(graph, node, slicing, limit) for node, slicing in slicings.items()):
            break
        sliced = formed(graph, slicings, optimizer)
        peak = _peak(sliced, target)
        if peak <= budget:
            return Attempt(sliced, tuple(tried))
        limit -= peak - budget
    return Attempt(whole, tuple(dict.fromkeys(tried)))


def _peak(graph: OpGraph, target: Target) -> int:
    return peak_bytes(arrange(fuse(graph, target), target).sink_nodes, scratch_bytes)


def _slicings(graph: OpGraph, limit: int, optimizer: str) -> dict[Node, Slicing]:
    """How to slice every product that would exceed the limit."""
    found: dict[Node, Slicing] = {}
    for step in liveness(graph.sink_nodes):
        if isinstance(step.node, Einsum) and len(step.node.inputs) > 1:
            room = limit - step.before + _made_in_slices(step.node)
            slicing = find_slicing(step.node, room, optimizer)
            if slicing.parts or slicing.extra > room:
                found[step.node] = slicing
    return found


def _made_in_slices(node: Node) -> int:
    """Bytes of the operands that are not there before the product starts, but made for each slice."""
    made = {source for source in node.inputs if not source.inputs and not isinstance(source, Input)}
    return sum(map(result_bytes, made))


def _fits(graph: OpGraph, node: Node, slicing: Slicing, limit: int) -> bool:
    before = next(step.before for step in liveness(graph.sink_nodes) if step.node is node)
    return before - _made_in_slices(node) + slicing.extra <= limit


def _described(node: Node, slicing: Slicing) -> str:
    if not slicing.parts:
        return f"{equation(node)}, of which no slices help: {slicing.extra} bytes beside its operands"
    return f"{equation(node)} in {slicing.slices} slices, {slicing.extra} bytes beside its operands"
