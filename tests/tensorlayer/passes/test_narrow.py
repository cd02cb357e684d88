"""Of what only a slice reads, only the slice is computed: counted in flops and in elements generated."""

from __future__ import annotations

import numpy as np
import pytest

from tensorlayer.graph import Einsum, Generate, Input, Map, Node, OpGraph, Reduce, Slice
from tensorlayer.passes import Target, canonicalise
from tensorlayer.scalar import argument, call
from tests.tensorlayer.naive import evaluate

A, B = Input.of(0, (6, 8), "float64"), Input.of(1, (8, 10), "float64")
PRODUCT = Einsum.of([A, B], ["ij", "jk"], "ik")
EXP = Map.of([PRODUCT], [(1, 0)], (10, 6), call("exp", argument(0)))
PARTS = [
    Slice.of(PRODUCT, ((1, 4, 1), (0, 10, 3))),
    Slice.of(PRODUCT, (2, (9, -1, -2))),
    Slice.of(EXP, ((3, 5, 1), 5)),
    Slice.of(Slice.of(EXP, ((8, 0, -3), (0, 6, 2))), (1, (2, -1, -1))),
    Slice.of(Reduce.of(EXP, "max", (0,)), ((1, 3, 1),)),
    Slice.of(Einsum.of([Map.of([B], [(0, 1)], (8, 10), call("abs", argument(0)))], ["jk"], "kj"), (4, (0, 8, 7))),
]


class Counting:
    """A generator that remembers how many elements it was asked for."""

    def __init__(self) -> None:
        self.asked = 0

    def generate(self, region: tuple[tuple[int, int, int], ...]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        rows, columns = (np.arange(*bounds, dtype=float) for bounds in region)
        self.asked += rows.size * columns.size
        return 1 / (1 + rows[:, None] + 2 * columns)


def narrowed(*sinks: Node) -> OpGraph:
    return canonicalise(OpGraph(sinks), Target())


@pytest.mark.parametrize("part", PARTS, ids=range(len(PARTS)))
def test_slices_keep_their_elements_and_cost_their_share(part: Node) -> None:
    graph = narrowed(part)
    arrays = [np.random.default_rng(i).standard_normal(node.shape) for i, node in enumerate((A, B))]
    np.testing.assert_allclose(evaluate(graph, arrays)[0], evaluate(OpGraph([part]), arrays)[0])
    assert graph.flops() < OpGraph([part]).flops()
    assert all(isinstance(node.inputs[0], Input) for node in graph.operations if isinstance(node, Slice))


def test_the_flops_of_a_sliced_product_are_those_of_the_slice() -> None:
    assert narrowed(Slice.of(PRODUCT, ((0, 2, 1), 3))).flops() == PRODUCT.flops() * 2 // 60


def test_what_others_read_whole_is_computed_whole() -> None:
    graph = narrowed(PRODUCT, Slice.of(PRODUCT, ((0, 2, 1), 3)))
    assert graph.flops() == PRODUCT.flops()


def test_an_on_demand_tensor_is_asked_only_for_what_is_read() -> None:
    generator = Counting()
    huge = Generate.of(generator, ((0, 10**9, 1), (0, 10**9, 2)), "float64")
    part = Slice.of(Einsum.of([huge], ["ij"], "ji"), ((10, 13, 1), (7, 3, -2)))
    (result,) = evaluate(narrowed(part), [])
    assert generator.asked == 6
    expected = 1 / (1 + np.array([7, 5]) + 4 * np.array([[10], [11], [12]]))
    np.testing.assert_allclose(result, expected)
