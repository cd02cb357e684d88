"""The bipartite picture of a graph: tensor nodes and operation nodes, numbered, joined by labelled edges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, final

from tensorlayer.errors import GraphError
from tensorlayer.graph.leaves import Input
from tensorlayer.graph.node import DType, Node, postorder
from tensorlayer.graph.result import Result

__all__ = ["Edge", "OperationNode", "TensorNode", "View", "label_of", "letter"]


def letter(label: int) -> str:
    """How label number `label` is printed: ``a`` to ``z``, ``A`` to ``Z``, then letters beyond ASCII.

    Examples
    --------
    >>> letter(0), letter(27)
    ('a', 'B')
    """
    if label < 52:
        return chr(ord("a") + label) if label < 26 else chr(ord("A") + label - 26)
    return chr(0x4E00 + label - 52)


def label_of(character: str) -> int:
    """The number that `letter` prints as `character`."""
    if "a" <= character <= "z":
        return ord(character) - ord("a")
    return ord(character) - ord("A") + 26 if character <= "Z" else ord(character) - 0x4E00 + 52


class TensorNode(NamedTuple):
    """A tensor: its number, the `Node` that defines it, its shape and element type."""

    number: int
    node: Node
    shape: tuple[int, ...]
    dtype: DType


class OperationNode(NamedTuple):
    """An operation: its number, and the `Node` that says what it is."""

    number: int
    node: Node

    @property
    def name(self) -> str:
        """Name of the operation, such as ``"Einsum"``."""
        return self.node.operation


class Edge(NamedTuple):
    """The modes of one tensor flowing into or out of an operation.

    Attributes
    ----------
    source, target : int
        Numbers of the nodes it joins.
    labels : tuple of str
        One label per mode of the tensor; equal labels around one operation are the same index.
    slot : int
        Position among the operands (into an operation) or the results (out of it).
    """

    source: int
    target: int
    labels: tuple[str, ...]
    slot: int


@final
class View:
    """Nodes and edges of the graph that `sinks` need; numbers follow the order of execution."""

    __slots__ = ("_incoming", "_operations", "_outgoing", "_tensors", "edges", "nodes", "results")

    def __init__(self, sinks: Iterable[Node]) -> None:
        sinks = tuple(sinks)
        self.nodes: list[TensorNode | OperationNode] = []
        self.edges: list[Edge] = []
        self._tensors: dict[Node, int] = {}
        self._operations: dict[Node, int] = {}
        for node in postorder(sinks):
            self._add(node)
        #: Numbers of the tensors that are wanted, in order.
        self.results = tuple(self._tensor(node) for node in sinks)
        self._incoming: list[list[Edge]] = [[] for _ in self.nodes]
        self._outgoing: list[list[Edge]] = [[] for _ in self.nodes]
        for edge in self.edges:
            self._outgoing[edge.source].append(edge)
            self._incoming[edge.target].append(edge)

    def _add(self, node: Node) -> None:
        if not isinstance(node, Input | Result):
            number = self._operations[node] = self._append(OperationNode(len(self.nodes), node))
            incoming, _ = node.edge_labels()
            for slot, (source, labels) in enumerate(zip(node.inputs, incoming, strict=True)):
                self.edges.append(Edge(self._tensor(source), number, tuple(map(letter, labels)), slot))
        # Several results are tensors of their own, one for each that is read.
        if len(node.signatures) == 1:
            self._tensor(node)

    def _tensor(self, node: Node) -> int:
        """Number of the tensor that `node` defines; the tensor is added when it is asked for first."""
        if node not in self._tensors:
            number = self._tensors[node] = self._append(TensorNode(len(self.nodes), node, node.shape, node.dtype))
            if not isinstance(node, Input):
                maker = node.inputs[0] if isinstance(node, Result) else node
                slot = node.index if isinstance(node, Result) else 0
                self.edges.append(
                    Edge(self._operations[maker], number, tuple(map(letter, node.edge_labels()[1])), slot)
                )
        return self._tensors[node]

    def _append(self, entry: TensorNode | OperationNode) -> int:
        self.nodes.append(entry)
        return entry.number

    def check(self, number: int) -> int:
        """Give `number` back if there is such a node.

        Raises
        ------
        GraphError
            If there is none.
        """
        if not 0 <= number < len(self.nodes):
            raise GraphError(f"no node {number}: the graph has nodes 0 to {len(self.nodes) - 1}")
        return number

    def incoming(self, number: int) -> tuple[Edge, ...]:
        """Edges into a node, by slot."""
        return tuple(self._incoming[self.check(number)])

    def outgoing(self, number: int) -> tuple[Edge, ...]:
        """Edges out of a node."""
        return tuple(self._outgoing[self.check(number)])

    def attributes(self, number: int) -> Mapping[str, Any]:
        """What is known about a node, for graph libraries."""
        entry = self.nodes[self.check(number)]
        if isinstance(entry, TensorNode):
            return {"kind": "tensor", "shape": entry.shape, "dtype": str(entry.dtype)}
        named = zip(entry.node.parameter_names, entry.node.parameters, strict=True)
        return {"kind": "operation", "operation": entry.name, **dict(named)}
