"""How many bytes are alive at each step of a graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tensorlayer.graph.einsum import Einsum
from tensorlayer.graph.leaves import Input
from tensorlayer.graph.movement import Slice
from tensorlayer.graph.node import Node, postorder
from tensorlayer.graph.result import Result

__all__ = ["Liveness", "is_permutation", "is_view", "liveness", "peak_bytes", "result_bytes"]


class Liveness(NamedTuple):
    """Memory while one node is computed.

    Attributes
    ----------
    node : Node
        What is computed.
    before : int
        Bytes alive when it starts: inputs of the graph, results so far, and intermediates still needed.
    during : int
        The same, the node's own result, and the scratch space of its kernel.
    """

    node: Node
    before: int
    during: int


def is_permutation(node: Node) -> bool:
    """Whether `node` only moves modes."""
    if not isinstance(node, Einsum) or len(node.inputs) != 1:
        return False
    return sorted(node.output) == sorted(node.labels[0]) and len(set(node.labels[0])) == len(node.labels[0])


def is_view(node: Node) -> bool:
    """Whether `node` shows elements of its first input and needs no memory of its own."""
    return isinstance(node, Slice | Result) or is_permutation(node)


def result_bytes(node: Node) -> int:
    """Bytes that the result of `node` takes by itself."""
    if is_view(node):
        return 0
    return sum(_bytes(shape, dtype.itemsize) for shape, dtype in node.signatures)


def _bytes(shape: tuple[int, ...], itemsize: int) -> int:
    for extent in shape:
        itemsize *= extent
    return itemsize


def _storage(node: Node) -> Node:
    while is_view(node):
        node = node.inputs[0]
    return node


def _none(_: Node) -> int:
    return 0


def liveness(sinks: Sequence[Node], scratch: Callable[[Node], int] = _none) -> list[Liveness]:
    """Walk the graph in its order of execution.

    Inputs are alive throughout, results from when they are computed; an intermediate dies after its last
    use, or that of a view of it.

    Parameters
    ----------
    sinks : sequence of Node
        The results that are wanted.
    scratch : callable, optional
        Bytes that the kernel of a node takes while it runs, beside operands and result; none when left out.
    """
    order = [node for node in postorder(sinks) if not isinstance(node, Input)]
    inputs = [node for node in postorder(sinks) if isinstance(node, Input)]
    users: Counter[Node] = Counter(_storage(source) for node in order for source in node.inputs)
    # Never freed: what the caller holds, and what he is given.
    users.update([*inputs, *map(_storage, sinks)])
    alive = sum(node.nbytes for node in inputs)
    steps = []
    for node in order:
        during = alive + result_bytes(node)
        steps.append(Liveness(node, alive, during + scratch(node)))
        alive = during - _released(node, users)
    return steps


def _released(node: Node, users: Counter[Node]) -> int:
    """Bytes that are free once `node` is computed."""
    if is_view(node):
        # The view takes over the claim on its storage; its own readers were counted there.
        users[_storage(node)] -= 1
        return 0
    released = 0
    for source in node.inputs:
        storage = _storage(source)
        users[storage] -= 1
        if not users[storage]:
            released += result_bytes(storage)
    return released


def peak_bytes(sinks: Sequence[Node], scratch: Callable[[Node], int] = _none) -> int:
    """The most bytes that are alive at once while the graph runs: inputs, intermediates, results and scratch."""
    inputs = sum(node.nbytes for node in postorder(sinks) if isinstance(node, Input))
    return max((step.during for step in liveness(sinks, scratch)), default=inputs)
