"""What is fused and what is not; that the numbers stay is tested with the other passes."""

from __future__ import annotations

from tensorlayer.graph import Einsum, Fused, Input, Map, Node, OpGraph, Reduce
from tensorlayer.passes import Target, fuse
from tensorlayer.scalar import argument, call, constant, format_body

N = 5
K, R, R0 = (Input.of(i, (N,), "float64") for i in range(3))
X, Y = argument(0), argument(1)


def elementwise(body: tuple[object, ...], *inputs: Node) -> Map:
    return Map.of(inputs, [range(node.ndim) for node in inputs], inputs[0].shape, body)


def fused(*sinks: Node) -> OpGraph:
    return fuse(OpGraph(sinks), Target())


def made(graph: OpGraph) -> list[Node]:
    return [node for node in graph.operations if not isinstance(node, Input)]


def test_the_harmonic_energy_is_one_loop() -> None:
    squared = elementwise(call("square", X), elementwise(call("subtract", X, Y), R, R0))
    (loop,) = made(fused(Einsum.of([K, squared], ["i", "i"], "")))
    assert isinstance(loop, Fused)
    assert (loop.kind, loop.inputs) == ("sum", (K, R, R0))
    assert format_body(loop.body, ["k", "r", "r0"]) == "(k * square((r - r0)))"


def test_chains_become_one_map_and_reductions_take_it_in() -> None:
    chain = elementwise(call("exp", X), elementwise(call("negative", X), elementwise(call("square", X), K)))
    assert len(made(fused(chain))) == 1
    (loop,) = made(fused(Reduce.of(chain, "max", (0,))))
    assert isinstance(loop, Fused)


def test_a_map_that_is_read_twice_or_wanted_stays() -> None:
    shared = elementwise(call("exp", X), K)
    readers = [elementwise(call("square", X), shared), elementwise(call("negative", X), shared)]
    assert len(made(fused(*readers))) == 3
    assert shared in fused(readers[0], shared).operations


def test_a_matrix_product_is_no_loop() -> None:
    a, b = Input.of(0, (N, N), "float64"), Input.of(1, (N, N), "float64")
    product = Einsum.of([elementwise(call("exp", X), a), b], ["ij", "jk"], "ik")
    assert product in fused(product).operations


def test_a_transposed_map_is_read_through() -> None:
    a = Input.of(0, (2, 3), "float64")
    turned = Map.of([elementwise(call("exp", X), a)], [(1, 0)], (3, 2), call("negative", X))
    (loop,) = made(fused(turned))
    assert isinstance(loop, Map)
    assert loop.axes == ((1, 0),)


def test_whole_numbers_are_multiplied_in_the_type_of_their_sum() -> None:
    small = Input.of(0, (N,), "int8")
    (loop,) = made(fused(Einsum.of([elementwise(call("negative", X), small), small], ["i", "i"], "")))
    assert isinstance(loop, Fused)
    assert "astype" in format_body(loop.body)


def test_a_constant_map_keeps_its_type_in_its_reader() -> None:
    half = Map.of([], [], (N,), ("astype", constant(0.5), "float64"))
    single = Input.of(0, (N,), "float32")
    graph = fused(elementwise(call("multiply", X, Y), single, half))
    assert graph.sink_nodes[0].dtype == "float64"
