"""From the inputs of a graph to the buffers that hold them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tensorlayer.buffer.region import push_slice
from tensorlayer.errors import GraphError
from tensorlayer.graph import Generate, Input, Node, OpGraph, Slice, rewrite

if TYPE_CHECKING:
    from tensorlayer.backend import Backend
    from tensorlayer.buffer.allocator import Allocator
    from tensorlayer.buffer.buffer import Buffer

__all__ = ["bind", "run_here"]


def bind(graph: OpGraph, first: Buffer, others: Sequence[Buffer]) -> dict[Input, Buffer]:
    """The buffer of every input of `graph`, once it is known that the graph can be run.

    Parameters
    ----------
    graph : OpGraph
        Keys of its inputs are buffers, or positions in ``(first, *others)``.
    first : Buffer
        Its backend runs the graph.
    others : sequence of Buffer
        More operands.

    Raises
    ------
    GraphError
        If a key is neither, or the buffer does not fit the node or the backend.
    UnsupportedOperationError
        If the backend does not run an operation.
    """
    positions = (first, *others)
    found = {node: _lookup(node, positions) for node in graph.inputs}
    for node, buffer in found.items():
        _require_fit(node, buffer, first.backend)
    for operation in graph.operations:
        if not isinstance(operation, Input):
            first.backend.require_support(operation)
    return found


def _lookup(node: Input, positions: Sequence[Buffer]) -> Buffer:
    if not isinstance(node.key, int):
        if not hasattr(node.key, "layout"):
            raise GraphError(f"the key of {node!r} is no buffer: give a buffer, or a position among the operands")
        return node.key  # type: ignore[no-any-return]
    if not 0 <= node.key < len(positions):
        raise GraphError(f"{node!r} asks for operand {node.key}, but {len(positions)} operands were given")
    return positions[node.key]


def _require_fit(node: Input, buffer: Buffer, backend: Backend) -> None:
    layout = buffer.layout
    if buffer.backend is not backend:
        raise GraphError(f"{node!r} is {buffer!r}, but the graph runs on {backend.name!r}: convert it first")
    if layout.extents != node.shape or layout.dtype != node.dtype:
        raise GraphError(f"{node!r} is {buffer!r}: shapes and element types must be equal")


def run_here(allocator: Allocator, graph: OpGraph, operands: Mapping[Input, Buffer]) -> tuple[Buffer, ...]:
    """Run a graph in this process; on-demand operands make only what the graph reads of them."""

    def rule(node: Node) -> Node:
        if isinstance(node, Input):
            return operands[node].as_node(node)
        return push_slice(node) if isinstance(node, Slice) and isinstance(node.inputs[0], Generate) else node

    backend = allocator.backend
    pushed = graph.with_sinks(rewrite(graph.sink_nodes, rule))
    arrays: list[Any] = [operands[node].unwrap() for node in pushed.inputs]
    results = backend.compile(pushed, allocator.device).run(*arrays)
    return tuple(map(allocator.wrap, backend.finish(results)))
