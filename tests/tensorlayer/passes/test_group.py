"""Loops that share rows become one node, where the backend has it; what goes through other nodes stays apart."""

from __future__ import annotations

import pytest

from tensorlayer.graph import Einsum, Fused, Group, Input, Map, Node, OpGraph, Reduce, Result
from tensorlayer.options import Options
from tensorlayer.passes import Target, check, group
from tensorlayer.scalar import argument, call, constant

SHAPE = (1000, 400)
X, Y = argument(0), argument(1)
HERE = Target()


def matrix(backend: str = "numba") -> Input:
    return Input.of(0, SHAPE, "float64", (backend, "cpu"))


def sinks_of(x: Node) -> list[Node]:
    """The largest element of every row, and exponentials of what is left of it, summed and whole."""
    largest = Reduce.of(x, "max", (1,))
    grown = call("exp", call("subtract", X, Y))
    total = Fused.of(Map.of([x, largest], [(0, 1), (0,)], SHAPE, grown), "sum", (1,))
    return [total, Map.of([x, largest], [(0, 1), (0,)], SHAPE, call("add", grown, constant(1.0)))]


def test_loops_over_the_same_rows_are_one_node_and_slow_parts_are_formed_once() -> None:
    graph = group(OpGraph(sinks_of(matrix())), HERE)
    check(graph, "group", HERE)
    first, second = graph.sink_nodes
    assert isinstance(first, Result)
    assert isinstance(second, Result)
    (made,) = {first.inputs[0], second.inputs[0]}
    assert isinstance(made, Group)
    assert [node.operation for node in made.members] == ["Reduce", "Map", "Fused", "Map"]
    assert [(sink.shape, sink.dtype) for sink in graph.sink_nodes] == [((1000,), "float64"), (SHAPE, "float64")]


@pytest.mark.parametrize(
    ("x", "target"),
    [
        (matrix("numpy"), HERE),
        (matrix(), Target(Options(memory=1 << 30))),
        (Input.of(0, (1000, 20), "float64", ("numba", "cpu")), HERE),
    ],
    ids=["another backend", "a memory budget", "little data"],
)
def test_other_graphs_are_left_alone(x: Node, target: Target) -> None:
    graph = OpGraph([Reduce.of(x, "max", (1,)), Reduce.of(x, "min", (1,))])
    assert group(graph, target) == graph


def test_a_loop_that_reads_the_group_through_a_product_stays_outside() -> None:
    x = matrix()
    total = Reduce.of(x, "max", (1,))
    product = Einsum.of([total, x], ["i", "ij"], "j")
    scaled = Map.of([x, product], [(0, 1), (1,)], SHAPE, call("multiply", X, Y))
    graph = group(OpGraph([scaled, Reduce.of(x, "min", (1,))]), HERE)
    check(graph, "group", HERE)
    assert isinstance(graph.sink_nodes[0], Map)
    (made,) = (node for node in graph.operations if isinstance(node, Group))
    assert [node.operation for node in made.members] == ["Reduce", "Reduce"]


def test_rows_must_run_along_the_same_axis() -> None:
    x = matrix()
    square = Input.of(1, (400, 1000), "float64", ("numba", "cpu"))
    crossed = Map.of([x, square], [(0, 1), (1, 0)], SHAPE, call("add", X, Y))
    graph = group(OpGraph([crossed, Reduce.of(square, "sum", (1,)), Reduce.of(x, "max", (1,))]), HERE)
    groups = [node for node in graph.operations if isinstance(node, Group)]
    assert all(set(node.rows) == {0} for node in groups)
    check(graph, "group", HERE)
