"""Peak memory is counted by hand here, and measured against what NumPy really allocates."""

from __future__ import annotations

import tracemalloc

import numpy as np

from tensorlayer.graph import (
    Einsum,
    Input,
    Linalg,
    Map,
    Node,
    OpGraph,
    Reduce,
    Result,
    Slice,
    is_view,
    liveness,
    peak_bytes,
)
from tensorlayer.options import Options
from tensorlayer.plan import make_plan
from tensorlayer.scalar import argument, call

N = 8
BYTES = N * N * 8
A = Input.of(0, (N, N), "float64")


def exp(node: Node) -> Node:
    return Map.of([node], [range(node.ndim)], node.shape, call("exp", argument(0)))


def test_inputs_and_results_stay_and_intermediates_die_after_their_last_use() -> None:
    first = exp(A)
    second = exp(first)
    third = exp(second)
    assert [(step.before // BYTES, step.during // BYTES) for step in liveness([third])] == [(1, 2), (2, 3), (2, 3)]
    assert peak_bytes([third]) == 3 * BYTES
    assert peak_bytes([third, first]) == 4 * BYTES


def test_an_input_alone_is_the_peak() -> None:
    assert peak_bytes([A]) == BYTES


def test_a_view_takes_nothing_and_keeps_what_it_shows() -> None:
    made = exp(A)
    row = Slice.of(made, (0, (0, N, 1)))
    turned = Einsum.of([made], ["ij"], "ji")
    assert is_view(row)
    assert is_view(turned)
    assert peak_bytes([row]) == 2 * BYTES
    # `made` must outlive `first`, because the row of it is read last.
    first = Reduce.of(exp(exp(turned)), "sum", (0, 1))
    last = Map.of([row, first], [(0,), ()], (N,), call("add", argument(0), argument(1)))
    assert peak_bytes([last]) == 4 * BYTES


def test_all_results_of_a_decomposition_are_counted_once() -> None:
    factors = Linalg.of("svd", [A])
    assert peak_bytes([Result.of(factors, 0), Result.of(factors, 1)]) == 3 * BYTES + 8 * N


def test_numpy_allocates_what_is_predicted() -> None:
    n = 300
    a, b, c = (Input.of(i, (n, n), "float64") for i in range(3))
    graph = OpGraph([Einsum.of([a, b, c], ["ij", "jk", "kl"], "il")])
    plan = make_plan(graph, (a, b, c), Options())
    arrays = [np.random.default_rng(i).random((n, n)) for i in range(3)]
    plan.run(*arrays)
    tracemalloc.start()
    plan.run(*arrays)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    predicted = plan.peak_bytes - 3 * n * n * 8
    assert abs(taken - predicted) < 0.05 * predicted
