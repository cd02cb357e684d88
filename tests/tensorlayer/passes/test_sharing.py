"""What statements share is formed once: counted in products and flops, with no annotation by the user."""

from __future__ import annotations

import numpy as np
import pytest

from tensorlayer.graph import Einsum, Input, Map, Node, OpGraph
from tensorlayer.options import Options
from tensorlayer.passes import Target, apply_passes, canonicalise, contract, share
from tensorlayer.scalar import argument, call, constant
from tests.tensorlayer.naive import evaluate

N = 20
A, B, C, D, E = (Input.of(i, (N, N), "float64") for i in range(5))
PASSES = (canonicalise, share, contract)


def contracted(*sinks: Node) -> OpGraph:
    (*_, (_, graph)) = apply_passes(OpGraph(sinks), Target(Options(check=True)), PASSES)
    return graph


def products(graph: OpGraph) -> list[Node]:
    return [node for node in graph.operations if isinstance(node, Einsum) and len(node.inputs) == 2]


def matrix_products(graph: OpGraph) -> list[Node]:
    return [node for node in products(graph) if node.flops() >= N**3]


def same_numbers(graph: OpGraph, *sinks: Node) -> None:
    arrays = [np.random.default_rng(i).standard_normal((N, N)) for i in range(5)]
    for new, old in zip(evaluate(graph, arrays), evaluate(OpGraph(sinks), arrays), strict=True):
        np.testing.assert_allclose(new, old, rtol=1e-9)


def test_six_marginals_of_a_chain_are_eight_products_of_a_matrix_and_a_vector() -> None:
    chain = ["ab", "bc", "cd", "de", "ef"]
    marginals = [Einsum.of([A, B, C, D, E], chain, label) for label in "abcdef"]
    graph = contracted(*marginals)
    # Four vectors go up the chain and four down; they meet in four elementwise products.
    assert not matrix_products(graph)
    assert len(products(graph)) == 8
    assert sum(isinstance(node, Map) for node in graph.operations) == 4
    apart = sum(contracted(one).flops() for one in marginals)
    assert graph.flops() < apart / 2.4
    same_numbers(graph, *marginals)


def test_a_product_used_in_two_terms_is_formed_once() -> None:
    terms = [Einsum.of([A, B, x], ["ij", "jk", "kl"], "il") for x in (C, D)]
    total = Map.of(terms, [(0, 1)] * 2, (N, N), call("add", argument(0), argument(1)))
    graph = contracted(total)
    assert len(matrix_products(graph)) == 3
    same_numbers(graph, total)


@pytest.mark.parametrize(
    "other",
    [
        Einsum.of([B, A], ["jk", "ij"], "ik"),
        Einsum.of([A, B], ["ij", "jk"], "ki"),
        Einsum.of([Einsum.of([A], ["ij"], "ji"), B], ["ji", "jk"], "ik"),
    ],
    ids=["operands swapped", "result transposed", "operand transposed"],
)
def test_equal_products_are_one_however_they_are_written(other: Node) -> None:
    first = Einsum.of([A, B], ["ij", "jk"], "ik")
    graph = contracted(first, other)
    assert len(products(graph)) == 1
    same_numbers(graph, first, other)


def test_a_closed_product_with_two_readers_is_formed_once() -> None:
    shared = Einsum.of([A, B], ["ij", "jk"], "ik")
    sinks = [shared, Einsum.of([shared, C, D], ["ij", "jk", "kl"], "il")]
    graph = contracted(*sinks)
    assert len(matrix_products(graph)) == 3
    same_numbers(graph, *sinks)


def test_a_closed_product_that_is_wanted_anyway_is_not_opened() -> None:
    shared, vector = Einsum.of([A, B], ["ij", "jk"], "ik"), Input.of(5, (N,), "float64")
    through = Einsum.of([shared, vector], ["ij", "j"], "i")
    assert contracted(shared, through).flops() == 2 * N**3 + 2 * N**2
    assert contracted(shared, Einsum.of([shared], ["ii"], "")).flops() == 2 * N**3 + N
    assert contracted(shared, Einsum.of([shared, C], ["ij", "ij"], "")).flops() == 2 * N**3 + 2 * N**2


def test_a_closed_product_with_one_reader_is_opened_where_that_is_cheaper() -> None:
    closed = Einsum.of([Einsum.of([A, B], ["ij", "jk"], "ik"), C], ["ij", "jk"], "ik")
    trace = Einsum.of([closed], ["ii"], "")
    vector = Input.of(5, (N,), "float64")
    through = Einsum.of([closed, vector], ["ij", "j"], "i")
    assert len(matrix_products(contracted(trace))) == 1
    assert not matrix_products(contracted(through))
    assert contracted(through).flops() == 6 * N**2
    same_numbers(contracted(trace), trace)


def test_a_sum_over_a_closed_product_never_forms_it() -> None:
    closed = Einsum.of([A, B], ["ij", "jk"], "ik")
    assert not matrix_products(contracted(Einsum.of([closed], ["ik"], "i")))


def test_powers_of_one_matrix_are_recognised_in_either_order() -> None:
    sinks = [Einsum.of([A, A], ["ij", "jk"], "ik"), Einsum.of([A, A], ["jk", "ij"], "ik")]
    assert len(products(contracted(*sinks))) == 1


def test_commuted_sums_are_one_map() -> None:
    sums = [
        Map.of(pair, [(0, 1)] * 2, (N, N), call("add", argument(0), argument(1))) for pair in ([A, B], [B, A], [A, B])
    ]
    transposed = Map.of([A, B], [(1, 0)] * 2, (N, N), call("add", argument(1), argument(0)))
    graph = contracted(*sums, transposed)
    assert sum(isinstance(node, Map) for node in graph.operations) == 1
    same_numbers(graph, *sums, transposed)


def test_a_scalar_factor_goes_to_the_smallest_tensor() -> None:
    long, wide = Input.of(0, (50, 3), "float64"), Input.of(1, (3, 60), "float64")
    half = call("multiply", constant(0.5), argument(0))
    outside = Map.of([Einsum.of([long, wide], ["ij", "jk"], "ik")], [(0, 1)], (50, 60), half)
    scaled = [node for node in contracted(outside).operations if isinstance(node, Map)]
    assert [node.size for node in scaled] == [150]
    inside = Einsum.of([Map.of([A], [(0, 1)], (N, N), half), B], ["ij", "ij"], "")
    scaled = [node for node in contracted(inside).operations if isinstance(node, Map)]
    assert [node.size for node in scaled] == [1]


def test_a_scalar_factor_does_not_hide_a_shared_product() -> None:
    double = call("multiply", constant(2.0), argument(0))
    plain = Einsum.of([A, B], ["ij", "jk"], "ik")
    scaled = Einsum.of([Map.of([A], [(0, 1)], (N, N), double), B], ["ij", "jk"], "ik")
    graph = contracted(plain, scaled)
    assert len(products(graph)) == 1
    same_numbers(graph, plain, scaled)


def test_the_same_graph_is_contracted_in_the_same_way_every_time() -> None:
    statement = Einsum.of([E, D, C, B, A], ["ab", "bc", "cd", "de", "ef"], "af")
    assert len({str(contracted(statement)) for _ in range(3)}) == 1


def test_what_reads_a_shared_product_in_another_order_reads_it_as_it_is_stored() -> None:
    product, turned = (Einsum.of([A, B], ["ik", "kj"], order) for order in ("ij", "ji"))
    raised = Map.of([turned], [(0, 1)], (N, N), call("exp", argument(0)))
    onwards = Einsum.of([turned, C], ["ij", "jk"], "ik")
    graph = contracted(product, raised, onwards)
    assert len(matrix_products(graph)) == 2
    same_numbers(graph, product, raised, onwards)


def test_each_order_of_an_input_is_a_view_of_it() -> None:
    cube = Input.of(0, (2, 3, 4), "float64")
    orders = [Einsum.of([cube], ["ijk"], order) for order in ("jik", "kij", "ikj", "ijk")]
    graph = contracted(*orders)
    assert all(node.inputs == (cube,) for node in graph.operations if isinstance(node, Einsum))
    array = np.arange(24.0).reshape(2, 3, 4)
    for found, order in zip(evaluate(graph, [array]), ("jik", "kij", "ikj", "ijk"), strict=True):
        np.testing.assert_array_equal(found, np.einsum(f"ijk->{order}", array))
