"""Slices go to the sources: what is asked of generators, counted, and what is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorlayer.buffer.generator import Generator, shape_of_region
from tensorlayer.graph import (
    Concatenate,
    Convert,
    Delta,
    Einsum,
    Fill,
    Generate,
    Input,
    Map,
    Node,
    OpGraph,
    Reduce,
    Reshape,
    Slice,
    SliceKey,
)
from tensorlayer.passes import Target, check, exploit
from tensorlayer.passes.narrow import narrow
from tensorlayer.passes.parts import part
from tensorlayer.scalar import argument, call
from tests.tensorlayer.naive import evaluate
from tests.tensorlayer.strategies import arrays_for, graphs

X, Y = argument(0), argument(1)
A = Input.of(0, (6, 4), "float64")
B = Input.of(1, (4, 6), "float64")


@dataclass(frozen=True, eq=False)
class Counting(Generator):
    """Ten times the first index plus the second; remembers what was asked for."""

    asked: list[Any] = field(default_factory=list)

    def generate(self, region: Any) -> np.ndarray[Any, Any]:
        self.asked.append(region)
        rows, columns = (np.arange(*bounds) for bounds in region)
        return 10.0 * rows[:, None] + columns

    @property
    def elements(self) -> int:
        return sum(int(np.prod(shape_of_region(region))) for region in self.asked)


def on_demand(rows: int, columns: int) -> Generate:
    return Generate.of(Counting(), ((0, rows, 1), (0, columns, 1)), "float64")


def run(graph: OpGraph, *generated: Generate) -> tuple[list[Any], int]:
    """Results, and how many elements the generators made."""
    for node in generated:
        node.generator.asked.clear()
    results = evaluate(graph, arrays_for(OpGraph([A, B]), 3))
    return results, sum(node.generator.elements for node in generated)


def rows(node: Node, first: int, last: int) -> Slice:
    return Slice.of(node, ((first, last, 1), *((0, n, 1) for n in node.shape[1:])))


G = on_demand(6, 4)
T = Einsum.of([G], ["ij"], "ji")
READERS: list[tuple[str, Callable[[], Node], int]] = [
    ("slice", lambda: rows(G, 1, 3), 8),
    ("slice of a slice", lambda: Slice.of(rows(G, 1, 5), (1, (3, -1, -2))), 2),
    ("permutation", lambda: rows(T, 1, 3), 12),
    ("chip of a permutation", lambda: Slice.of(T, (2, (0, 6, 1))), 6),
    ("map", lambda: rows(Map.of([G, A], [(0, 1)] * 2, (6, 4), call("multiply", X, Y)), 0, 3), 12),
    (
        "broadcast map",
        lambda: Slice.of(Map.of([G], [(2, 0)], (4, 5, 6), call("exp", X)), ((0, 2, 1), 3, (5, 2, -1))),
        6,
    ),
    ("map of a permutation", lambda: rows(Map.of([T, B], [(0, 1)] * 2, (4, 6), call("add", X, Y)), 0, 1), 6),
    ("reduction", lambda: Slice.of(Reduce.of(G, "max", [1]), ((0, 2, 1),)), 8),
    ("product", lambda: rows(Einsum.of([G, B], ["ik", "kj"], "ij"), 0, 3), 12),
    ("chip of a product", lambda: Slice.of(Einsum.of([G, B], ["ik", "kj"], "ij"), (4, (0, 6, 1))), 4),
    ("diagonal", lambda: Slice.of(Einsum.of([G, B], ["ik", "ki"], "i"), ((2, 4, 1),)), 8),
    ("concatenation", lambda: rows(Concatenate.of([A, G], 0), 5, 8), 8),
    ("conversion", lambda: rows(Convert.of(G, ("numpy", "cpu")), 0, 1), 4),
    ("reshape", lambda: Slice.of(Reshape.of(G, (24,)), ((0, 2, 1),)), 24),
]


@pytest.mark.parametrize(("name", "reader", "most"), READERS)
def test_generators_are_asked_for_what_is_read(name: str, reader: Callable[[], Node], most: int) -> None:
    graph = OpGraph([reader()])
    expected, _ = run(graph, G)
    after = exploit(graph, Target())
    check(after, "exploit")
    found, elements = run(after, G)
    np.testing.assert_array_equal(found[0], expected[0])
    assert elements <= most


def test_several_slices_are_generated_piece_by_piece() -> None:
    scaled = Map.of([G], [(0, 1)], G.shape, call("exp", X))
    graph = OpGraph([rows(scaled, 0, 2), rows(scaled, 4, 6)])
    after = OpGraph(narrow(graph.sink_nodes))
    expected, _ = run(graph, G)
    found, elements = run(after, G)
    for new, old in zip(found, expected, strict=True):
        np.testing.assert_array_equal(new, old)
    assert elements == 16
    assert max(node.size for node in after.operations) == 8


def test_a_product_that_is_read_in_full_is_formed_once() -> None:
    product = Einsum.of([A, B], ["ik", "kj"], "ij")
    halves = OpGraph([rows(product, 0, 3), rows(product, 3, 6)])
    whole = OpGraph([product, rows(product, 0, 3)])
    for graph in (halves, whole):
        assert narrow(graph.sink_nodes) == graph.sink_nodes


def test_overlapping_slices_are_not_worth_it() -> None:
    graph = OpGraph([rows(G, 0, 5), rows(G, 1, 6)])
    _, elements = run(OpGraph(narrow(graph.sink_nodes)), G)
    assert elements == 24


def test_a_slice_deep_in_a_chain_reaches_every_product() -> None:
    product = A
    for _ in range(3):
        product = Einsum.of([Einsum.of([product, B], ["ik", "kj"], "ij"), A], ["ik", "kj"], "ij")
    graph = OpGraph([rows(product, 2, 3)])
    after = exploit(graph, Target())
    assert after.flops() * 6 == graph.flops()
    np.testing.assert_allclose(run(after)[0][0], run(graph)[0][0])


def test_blocks_of_the_identity_matrix() -> None:
    delta = Delta.of(6, "float64")
    assert part(delta, ((1, 3, 1), (1, 3, 1))) == Delta.of(2, "float64")
    assert part(delta, ((0, 3, 1), (3, 6, 1))) == Fill.of((3, 3), 0, "float64")
    assert isinstance(part(delta, ((0, 3, 1), (2, 6, 1))), Slice)


@st.composite
def sliced(draw: st.DrawFn) -> tuple[OpGraph, OpGraph]:
    """A graph, and slices of its results."""
    graph = draw(graphs())
    keys: list[SliceKey] = [tuple(_entry(draw, n) for n in node.shape) for node in graph.sink_nodes]
    return graph, OpGraph([Slice.of(node, key) for node, key in zip(graph.sink_nodes, keys, strict=True)])


def _entry(draw: st.DrawFn, extent: int) -> Any:
    if extent and draw(st.booleans()):
        return draw(st.integers(0, extent - 1))
    first, last = sorted(draw(st.tuples(st.integers(0, extent), st.integers(0, extent))))
    backward = (last - 1, first - 1, -draw(st.integers(1, 2)))
    return draw(st.sampled_from([(first, last, 1), (first, last, 2), backward])) if last > first else (0, 0, 1)


@given(pair=sliced(), seed=st.integers(0, 2**16))
def test_slices_have_the_elements_of_the_whole(pair: tuple[OpGraph, OpGraph], seed: int) -> None:
    graph, slices = pair
    after = OpGraph(narrow(slices.sink_nodes))
    assert after.flops() <= slices.flops()
    arrays = arrays_for(graph, seed)
    with np.errstate(all="ignore"):
        for old, new in zip(evaluate(slices, arrays), evaluate(after, arrays), strict=True):
            assert (new.shape, new.dtype) == (old.shape, old.dtype)
            np.testing.assert_allclose(new, old, rtol=1e-5)
