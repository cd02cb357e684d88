"""OpGraph: what a backend is to do."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, final

from tensorlayer.errors import GraphError, LibraryNotInstalledError
from tensorlayer.graph.drawing import Drawing, dot_source
from tensorlayer.graph.leaves import Input
from tensorlayer.graph.node import Node, postorder
from tensorlayer.graph.parse import parse_graph
from tensorlayer.graph.text import format_graph, text_objects
from tensorlayer.graph.view import Edge, OperationNode, TensorNode, View

__all__ = ["OpGraph"]


@final
class OpGraph:
    """A directed acyclic graph of operations with named results.

    Its public picture is bipartite: tensor nodes and operation nodes, addressed by number in order of
    execution, joined by edges that carry the labels of the modes that flow.

    Parameters
    ----------
    sinks : iterable of Node
        The results that are wanted, in order.
    names : sequence of str, optional
        A distinct name for every result; ``"out0", "out1", ...`` when left out.

    Raises
    ------
    GraphError
        If names and sinks do not match.

    Notes
    -----
    Graphs are immutable; equal graphs compare equal because their nodes are hash-consed.

    Examples
    --------
    >>> from tensorlayer.graph import Einsum, Input
    >>> a, b = Input.of(0, (3, 4), "float64"), Input.of(1, (4, 5), "float64")
    >>> graph = OpGraph([Einsum.of([a, b], ["ij", "jk"], "ik")], ["C"])
    >>> print(graph)
    n0: float64[3, 4] = Input(0)
    n1: float64[4, 5] = Input(1)
    n2: float64[3, 5] = Einsum('ab,bc->ac', n0, n1)
    return {'C': n2}
    >>> graph.sources(), graph.sinks(), graph.in_degree(2)
    ((0, 1), (3,), 2)
    >>> graph.in_edges(2)[1].labels
    ('b', 'c')
    >>> OpGraph.parse(str(graph)) == graph
    True
    """

    __slots__ = ("_order", "_view", "names", "sink_nodes")

    def __init__(self, sinks: Iterable[Node], names: Sequence[str] | None = None) -> None:
        self.sink_nodes = tuple(sinks)
        self.names = tuple(names) if names is not None else tuple(f"out{i}" for i in range(len(self.sink_nodes)))
        if len(self.names) != len(self.sink_nodes) or len(set(self.names)) != len(self.names):
            raise GraphError(f"{len(self.sink_nodes)} sinks need as many distinct names, got {self.names}")
        self._order: tuple[Node, ...] | None = None
        self._view: View | None = None

    # -- what the passes read ------------------------------------------------------------------------------

    @property
    def operations(self) -> tuple[Node, ...]:
        """Every `Node`, inputs before users."""
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

    # -- the bipartite picture -----------------------------------------------------------------------------

    @property
    def view(self) -> View:
        """Nodes and edges as lists."""
        if self._view is None:
            self._view = View(self.sink_nodes)
        return self._view

    @property
    def num_nodes(self) -> int:
        """How many tensors and operations there are."""
        return len(self.view.nodes)

    @property
    def num_edges(self) -> int:
        """How many edges there are."""
        return len(self.view.edges)

    def nodes(self) -> tuple[int, ...]:
        """The numbers of all nodes."""
        return tuple(range(self.num_nodes))

    def node(self, number: int) -> TensorNode | OperationNode:
        """The node of that number.

        Raises
        ------
        GraphError
            If there is none; so do all the queries below.
        """
        return self.view.nodes[self.view.check(number)]

    def edges(self, number: int | None = None) -> tuple[Edge, ...]:
        """All edges, or those at one node."""
        return tuple(self.view.edges) if number is None else self.in_edges(number) + self.out_edges(number)

    def in_edges(self, number: int) -> tuple[Edge, ...]:
        """The edges into a node, in the order of the operands."""
        return self.view.incoming(number)

    def out_edges(self, number: int) -> tuple[Edge, ...]:
        """The edges out of a node."""
        return self.view.outgoing(number)

    def in_degree(self, number: int) -> int:
        """How many edges end at a node."""
        return len(self.in_edges(number))

    def out_degree(self, number: int) -> int:
        """How many edges start at a node."""
        return len(self.out_edges(number))

    def degree(self, number: int) -> int:
        """How many edges a node has."""
        return self.in_degree(number) + self.out_degree(number)

    def adjacent_nodes(self, number: int) -> tuple[int, ...]:
        """The nodes that the edges out of a node reach, each once."""
        return tuple(dict.fromkeys(edge.target for edge in self.out_edges(number)))

    def sources(self) -> tuple[int, ...]:
        """The nodes without incoming edges."""
        return tuple(n for n in self.nodes() if not self.in_degree(n))

    def sinks(self) -> tuple[int, ...]:
        """The nodes without outgoing edges; a result that is read further is not one, see `results`."""
        return tuple(n for n in self.nodes() if not self.out_degree(n))

    @property
    def results(self) -> dict[str, int]:
        """The number of the tensor behind every name."""
        return dict(zip(self.names, self.view.results, strict=True))

    def to_networkx(self) -> Any:
        """The picture as a ``networkx.MultiDiGraph``: nodes with their facts, edges with ``labels`` and ``slot``.

        Raises
        ------
        LibraryNotInstalledError
            If networkx is not installed; the message has the pip line.
        """
        try:
            import networkx as nx
        except ImportError as error:
            raise LibraryNotInstalledError(
                "to_networkx() needs networkx: pip install 'tensorlayer-graph[plan]'"
            ) from error
        graph = nx.MultiDiGraph(names=self.names)
        graph.add_nodes_from((n, self.view.attributes(n)) for n in self.nodes())
        graph.add_edges_from((e.source, e.target, {"labels": e.labels, "slot": e.slot}) for e in self.edges())
        return graph

    # -- text and pictures ---------------------------------------------------------------------------------

    @property
    def objects(self) -> tuple[Hashable, ...]:
        """What the text form calls ``objects[0]``, ...: parameters without a literal, such as generators."""
        return text_objects(self.sink_nodes)

    @classmethod
    def parse(cls, text: str, objects: Sequence[Hashable] = ()) -> OpGraph:
        """Read the text form: ``OpGraph.parse(str(graph), graph.objects) == graph``.

        Inputs are keyed by position, as in a plan.

        Raises
        ------
        GraphError
            If it cannot be read; the message has the line.
        """
        return cls(*parse_graph(text, objects))

    def to_dot(self) -> str:
        """Graphviz source of the picture."""
        return dot_source(self.view, self.names)

    def draw(self) -> Drawing:
        """The picture; shown as SVG in notebooks, written by ``.save("graph.svg")``."""
        return Drawing(self.to_dot())

    def _repr_svg_(self) -> str | None:
        return self.draw().svg

    def _repr_html_(self) -> str | None:
        from html import escape

        # Notebooks prefer HTML to SVG: say something only where there is no picture.
        return f"<pre>{escape(str(self))}</pre>" if self._repr_svg_() is None else None

    def __str__(self) -> str:
        return format_graph(self.sink_nodes, self.names)

    def __repr__(self) -> str:
        made = len(self.operations) - len(self.inputs)
        return f"<OpGraph: {len(self.inputs)} inputs, {made} operations, results {', '.join(self.names)}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OpGraph):
            return NotImplemented
        return self.sink_nodes == other.sink_nodes and self.names == other.names

    def __hash__(self) -> int:
        return hash((self.sink_nodes, self.names))
