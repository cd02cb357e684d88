"""A graph survives its text form, whatever is in it; text that is no graph is refused with the line."""

from __future__ import annotations

import math
from inspect import isabstract

import numpy as np
import pytest
from hypothesis import given

from tensorlayer.errors import GraphError
from tensorlayer.graph import (
    Concatenate,
    Convert,
    Delta,
    Einsum,
    Fill,
    Fused,
    Generate,
    Group,
    Input,
    Linalg,
    Map,
    Node,
    OpGraph,
    Reduce,
    Reshape,
    Result,
    Slice,
    Update,
)
from tensorlayer.scalar import FUNCTIONS, argument, call, constant
from tests.tensorlayer.strategies import graphs

A = Input.of(0, (3, 4), "float64")
B = Input.of(1, (3, 4), "float64", ("torch", "cuda:0"), symmetry=frozenset({1}), sparsity=frozenset({2}))
C = Input.of(2, (4,), "complex64")
X, Y = argument(0), argument(1)
EVERY_KIND: list[Node] = [
    A,
    B,
    Fill.of((2,), math.nan, "float32"),
    Fill.of((), -2 - 0.5j, "complex128"),
    Delta.of(3, "int8"),
    Generate.of(len, ((0, 4, 2), (1, 2, 1)), "float64"),
    Einsum.of([A, B, C], ["ij", "ij", "j"], "ji"),
    Einsum.of([A], ["ij"], ""),
    Map.of([A, C], [(1, 0), (0,)], (4, 3), call("add", call("exp", X), Y)),
    Map.of([], [], (2, 2), constant(1.0)),
    Map.of([Reduce.of(A, "sum", (0, 1))], [()], (2,), X),
    Fused.of(Map.of([C], [(1,)], (2, 4), call("abs", X)), "max", (0, 1)),
    Reduce.of(A, "prod", (1,)),
    Slice.of(A, (2, (3, -1, -1))),
    Update.of(A, C, (0, (0, 4, 1))),
    Reshape.of(A, (2, 6)),
    Concatenate.of([A, B], 1),
    Convert.of(A, ("numpy", "cpu")),
    Linalg.of("matrix_power", [Delta.of(3, "float64")], 3),
    Result.of(Linalg.of("svd", [A]), 2),
    Group.of([B], [Reduce.of(A, "max", (1,)), Map.of([A], [(0, 1)], (3, 4), call("exp", X))], [0, 0]),
]
BODIES = [
    call("pow", constant(-1.0), X),
    call("subtract", constant(-0.0), call("multiply", X, constant(np.float32(0.1)))),
    call("where", call("less_equal", X, constant(float("inf"))), constant(True), constant(2)),
    call("add", constant(1 + 2j), call("negative", ("astype", X, "float32"))),
    call("maximum", X, constant(float("-inf"))),
]


@pytest.mark.parametrize("node", EVERY_KIND, ids=[f"{i}-{node.operation}" for i, node in enumerate(EVERY_KIND)])
def test_every_kind_of_node_round_trips(node: Node) -> None:
    graph = OpGraph([node], ["a name"])
    assert OpGraph.parse(str(graph), graph.objects) == graph


def test_every_kind_is_tested() -> None:
    shipped = {
        cls for cls in Node.__subclasses__() if cls.__module__.startswith("tensorlayer.graph.") and not isabstract(cls)
    }
    assert {type(node) for node in EVERY_KIND} | {Linalg} == shipped


@pytest.mark.parametrize("body", BODIES, ids=str)
def test_bodies_round_trip_with_the_types_of_their_constants(body: tuple[object, ...]) -> None:
    graph = OpGraph([Map.of([A], [(0, 1)], (3, 4), body)])
    assert str(OpGraph.parse(str(graph)).sink_nodes[0].parameters) == str(graph.sink_nodes[0].parameters)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_round_trips(name: str) -> None:
    integer = "bit" in name
    arguments = [Input.of(i, (2,), "int64" if integer else "float64") for i in range(FUNCTIONS[name].arity)]
    body = call(name, *(argument(i) for i in range(len(arguments))))
    graph = OpGraph([Map.of(arguments, [(0,)] * len(arguments), (2,), body)])
    assert OpGraph.parse(str(graph)) == graph


@given(graphs())
def test_random_graphs_round_trip(graph: OpGraph) -> None:
    assert OpGraph.parse(str(graph)) == graph


def test_more_labels_than_letters() -> None:
    vectors = [Input.of(i, (1,), "float64") for i in range(60)]
    graph = OpGraph([Einsum.of(vectors, [(i,) for i in range(60)], range(59, -1, -2))])
    assert OpGraph.parse(str(graph)) == graph


def test_inputs_that_are_values_are_printed_by_position() -> None:
    recorded = OpGraph([Einsum.of([Input.of("x", (2,), "float64"), Input.of("y", (2,), "float64")], ["i", "i"], "")])
    assert [node.key for node in OpGraph.parse(str(recorded)).inputs] == [0, 1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "ends with a line as: return"),
        ("n0: float64[3] = Input(0)", "ends with a line as: return"),
        (
            "n0: float64[3] = Input(0)\nn1: float64[4] = Reshape(n0, shape=(3,))",
            r"line 2 .*float64\[3\], not float64\[4\]",
        ),
        ("n0: float64[3] = Nothing()", "no operation Nothing: there are .*Concatenate"),
        ("n0: float64[3] = Reduce(n7, kind='sum', axes=())", "n7 is no node defined above"),
        ("n0: float64[3] = Input(0, symmetry=objects[0])", r"pass objects=graph.objects"),
        ("n0: float64[3] = Input(0)\nn1 = +", "line 2"),
        ("n0: float64[3] = Input(0)\nreturn {'a': n0}\nprint('x')", "line 3"),
        ("n0: float64[3] = Reduce()", "line 1"),
        ("n0: float64[2] = __import__('os')", "no operation __import__"),
    ],
)
def test_text_that_is_no_graph_is_refused(text: str, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        OpGraph.parse(text)
