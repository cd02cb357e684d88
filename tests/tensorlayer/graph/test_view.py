"""The bipartite picture answers as a graph library would; networkx is the oracle."""

from __future__ import annotations

import sys

import networkx as nx
import pytest
from hypothesis import given

from tensorlayer.errors import GraphError
from tensorlayer.graph import Einsum, Input, Linalg, OpGraph, Result
from tests.tensorlayer.strategies import graphs


def matrix_product() -> OpGraph:
    a, b = Input.of(0, (2, 3), "float64"), Input.of(1, (3, 4), "float64")
    return OpGraph([Einsum.of([a, b], ["ij", "jk"], "ik")], ["C"])


def test_a_product_is_three_tensors_and_an_operation() -> None:
    graph = matrix_product()
    assert (graph.num_nodes, graph.num_edges) == (4, 3)
    assert [type(graph.node(n)).__name__ for n in graph.nodes()] == [
        "TensorNode",
        "TensorNode",
        "OperationNode",
        "TensorNode",
    ]
    assert [edge.labels for edge in graph.edges(2)] == [("a", "b"), ("b", "c"), ("a", "c")]
    assert graph.adjacent_nodes(0) == (2,)
    assert graph.results == {"C": 3}


def test_results_of_a_decomposition_leave_one_operation_by_slot() -> None:
    a = Linalg.of("eigh", [Input.of(0, (3, 3), "float64")])
    graph = OpGraph([Result.of(a, 1), Result.of(a, 0)])
    assert [(e.source, e.slot) for n in graph.results.values() for e in graph.in_edges(n)] == [(1, 1), (1, 0)]
    assert graph.out_degree(1) == 2


def test_a_decomposition_read_without_result_gives_its_first() -> None:
    graph = OpGraph([Linalg.of("eigh", [Input.of(0, (3, 3), "float64")])])
    assert graph.results == {"out0": 2}
    assert graph.in_edges(2)[0].slot == 0


@given(graphs())
def test_queries_agree_with_networkx(graph: OpGraph) -> None:
    picture = graph.to_networkx()
    assert nx.is_directed_acyclic_graph(picture)
    assert nx.is_bipartite(picture.to_undirected())
    assert (graph.num_nodes, graph.num_edges) == (picture.number_of_nodes(), picture.number_of_edges())
    for n in graph.nodes():
        assert (graph.in_degree(n), graph.out_degree(n)) == (picture.in_degree(n), picture.out_degree(n))
        assert set(graph.adjacent_nodes(n)) == set(picture.successors(n))
        assert graph.degree(n) == picture.degree(n) == len(graph.edges(n))
    assert graph.sources() == tuple(n for n in picture if picture.in_degree(n) == 0)
    assert graph.sinks() == tuple(n for n in picture if picture.out_degree(n) == 0)


def test_a_number_that_is_no_node_is_refused() -> None:
    with pytest.raises(GraphError, match="no node 9: the graph has nodes 0 to 3"):
        matrix_product().degree(9)


def test_without_networkx_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(ImportError, match=r"pip install 'tensorlayer-graph\[plan\]'"):
        matrix_product().to_networkx()
