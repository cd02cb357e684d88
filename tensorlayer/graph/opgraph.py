"""OpGraph: what a backend is to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tensorlayer.errors import GraphError
from tensorlayer.graph.leaves import Input
from tensorlayer.graph.node import Node, postorder

__all__ = ["OpGraph"]


class OpGraph:
    """A directed acyclic graph of operations with named sinks.

    Parameters
    ----------
    sinks : iterable of Node
        The results that are wanted, in order.
    names : sequence of str, optional
        A distinct name for every sink; ``"out0", "out1", ...`` when left out.

    Raises
    ------
    GraphError
        If names and sinks do not match.

    Notes
    -----
    Graphs are immutable; equal graphs compare equal because their nodes are hash-consed.
    """

    __slots__ = ("_order", "names", "sink_nodes")

    def __init__(self, sinks: Iterable[Node], names: Sequence[str] | None = None) -> None:
        self.sink_nodes = tuple(sinks)
        self.names = tuple(names) if names is not None else tuple(f"out{i}" for i in range(len(self.sink_nodes)))
        if len(self.names) != len(self.sink_nodes) or len(set(self.names)) != len(self.names):
            raise GraphError(f"{len(self.sink_nodes)} sinks need as many distinct names, got {self.names}")
        self._order: tuple[Node, ...] | None = None

    @property
    def operations(self) -> tuple[Node, ...]:
        """Every operation, inputs before users."""
        if self._order is None:
            self._order = tuple(postorder(self.sink_nodes))
        return self._order

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The tensors the graph reads, in order of first use."""
        return tuple(node for node in self.operations if isinstance(node, Input))

    def with_sinks(self, sinks: Iterable[Node]) -> OpGraph:
        """A graph with other sinks under the same names."""
        return OpGraph(sinks, self.names)

    def flops(self) -> int:
        """Scalar operations of all nodes together."""
        return sum(node.flops() for node in self.operations)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OpGraph):
            return NotImplemented
        return self.sink_nodes == other.sink_nodes and self.names == other.names

    def __hash__(self) -> int:
        return hash((self.sink_nodes, self.names))
