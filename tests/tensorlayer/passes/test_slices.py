"""A memory budget: as few slices as it takes, the same numbers, and a refusal with numbers where nothing fits."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorlayer.errors import MemoryBudgetError
from tensorlayer.graph import Concatenate, Einsum, Generate, Input, Map, Node, OpGraph, Slice, peak_bytes
from tensorlayer.options import Options
from tensorlayer.passes import Target, fuse
from tensorlayer.passes.pairs import Pairs
from tensorlayer.passes.slices import chunks, in_slices
from tensorlayer.plan import Plan, make_plan
from tensorlayer.scalar import argument, call
from tests.tensorlayer.naive import evaluate
from tests.tensorlayer.strategies import arrays_for, graphs


def test_sums_are_finished_before_the_parts_of_the_result_are_joined() -> None:
    a, b = Input.of(0, (6, 8), "float64"), Input.of(1, (8, 4), "float64")
    product = Einsum.of([a, b], ["ij", "jk"], "ik")
    summed, kept = 1, 0
    joined = in_slices(product, {summed: 4, kept: 3}, Pairs("auto"))
    assert isinstance(joined, Concatenate)
    assert [type(part) for part in joined.inputs] == [Map] * 3
    arrays = [np.random.default_rng(i).random(node.shape) for i, node in enumerate((a, b))]
    np.testing.assert_allclose(evaluate(OpGraph([joined]), arrays)[0], arrays[0] @ arrays[1])


class Hilbert:
    """An on-demand matrix."""

    def generate(self, region: tuple[tuple[int, int, int], ...]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        rows, columns = (np.arange(*bounds, dtype=float) for bounds in region)
        return 1 / (1 + rows[:, None] + columns)


HILBERT = Hilbert()


def on_demand() -> OpGraph:
    """H_jk v_k, where all of the matrix is never needed at once."""
    matrix = Generate.of(HILBERT, ((0, 100, 1), (0, 80, 1)), "float64")
    return OpGraph([Einsum.of([matrix, Input.of(0, (80,), "float64")], ["jk", "k"], "j")])


def wide_result() -> OpGraph:
    """A_ix B_xj C_xj with one small result after two wide intermediates: sliced over a label of the result."""
    a, b = Input.of(0, (30, 4), "float64"), Input.of(1, (4, 50), "float64")
    c = Input.of(2, (50, 30), "float64")
    return OpGraph([Einsum.of([a, b, c, a], ["ij", "jk", "km", "mj"], "i")])


def plan_of(graph: OpGraph, memory: int | None = None) -> Plan:
    return make_plan(graph, graph.inputs, Options(memory=memory, check=True))


def arrays_of(graph: OpGraph) -> list[np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    return [0.3 * np.random.default_rng(node.key).standard_normal(node.shape) for node in graph.inputs]


def slices_of(plan: Plan) -> int:
    return sum(isinstance(node, Slice | Generate) for node in plan.final.operations)


def assert_same(graph: OpGraph, plan: Plan) -> None:
    arrays = arrays_of(graph)
    for new, old in zip(plan.run(*arrays), evaluate(graph, arrays), strict=True):
        np.testing.assert_allclose(new, old, rtol=1e-9)


def test_chunks_cover_a_label_once() -> None:
    for extent in range(1, 12):
        for parts in range(1, extent + 1):
            places = [i for start, stop in chunks(extent, parts) for i in range(start, stop)]
            assert places == list(range(extent))
            assert len(chunks(extent, parts)) == parts


@pytest.mark.parametrize("graph", [on_demand(), wide_result()], ids=["on demand", "wide"])
def test_a_budget_that_suffices_changes_nothing(graph: OpGraph) -> None:
    whole = plan_of(graph)
    assert plan_of(graph, whole.peak_bytes).final == whole.final


@pytest.mark.parametrize("graph", [on_demand(), wide_result()], ids=["on demand", "wide"])
@pytest.mark.parametrize("share", [0.95, 0.75, 0.5])
def test_products_are_sliced_until_they_fit(graph: OpGraph, share: float) -> None:
    whole = plan_of(graph)
    held = sum(node.nbytes for node in graph.inputs)
    budget = held + int(share * (whole.peak_bytes - held))
    sliced = plan_of(graph, budget)
    assert sliced.peak_bytes <= budget < whole.peak_bytes
    assert slices_of(sliced) > 1
    assert_same(graph, sliced)


def test_less_memory_takes_more_slices() -> None:
    graph = on_demand()
    held = sum(node.nbytes for node in graph.inputs)
    room = plan_of(graph).peak_bytes - held
    counts = [slices_of(plan_of(graph, held + int(room * share))) for share in (0.8, 0.4, 0.2)]
    assert counts == sorted(counts)
    assert len(set(counts)) == 3


def test_slices_over_a_label_of_the_result_are_joined() -> None:
    graph = on_demand()
    held = sum(node.nbytes for node in graph.inputs)
    sliced = plan_of(graph, held + 2 * 800)
    assert any(isinstance(node, Concatenate) for node in sliced.final.operations)
    assert_same(graph, sliced)


def lattice(side: int, bond: int) -> OpGraph:
    """The closed square lattice of reference measurements: a tensor at every site, a label on every bond."""
    labels: list[list[tuple[int, int, str]]] = []
    for row in range(side):
        for column in range(side):
            around = [(row, column - 1, "h"), (row, column, "h"), (row - 1, column, "v"), (row, column, "v")]
            labels.append([(r, c, d) for r, c, d in around if r >= 0 and c >= 0 and (c if d == "h" else r) < side - 1])
    inputs = [Input.of(i, (bond,) * len(one), "float64") for i, one in enumerate(labels)]
    return OpGraph([Einsum.of(inputs, labels, ())])  # type: ignore[arg-type]  # any hashable is a label here


def test_a_lattice_is_contracted_in_slices() -> None:
    graph = lattice(5, 4)
    whole = plan_of(graph)
    arrays = arrays_of(graph)
    budget = int(0.6 * whole.peak_bytes)
    sliced = plan_of(graph, budget)
    assert sliced.peak_bytes <= budget
    np.testing.assert_allclose(sliced.run(*arrays), whole.run(*arrays), rtol=1e-9)
    # What no sliced label touches is formed once for all slices, so that slicing costs little.
    assert sliced.final.flops() < 1.7 * whole.final.flops()


@pytest.mark.parametrize("share", [1.0, 0.6, 0.4])
def test_numpy_takes_what_the_plan_says(share: float) -> None:
    graph = lattice(5, 6)
    arrays = arrays_of(graph)
    held = sum(array.nbytes for array in arrays)
    plan = plan_of(graph, int(share * plan_of(graph).peak_bytes))
    plan.run(*arrays)
    tracemalloc.start()
    plan.run(*arrays)
    taken = held + tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert abs(taken - plan.peak_bytes) < 0.05 * plan.peak_bytes


def test_terms_are_added_one_after_the_other_where_memory_is_short() -> None:
    thin = [Input.of(i, (20, 1), "float64") for i in range(5)]
    total: Node = Einsum.of([thin[0], thin[0]], ["ia", "ja"], "ij")
    for other in thin[1:]:
        term = Einsum.of([other, other], ["ia", "ja"], "ij")
        total = Map.of([total, term], [(0, 1), (0, 1)], (20, 20), call("add", argument(0), argument(1)))
    graph = OpGraph([total])
    held = sum(node.nbytes for node in thin)
    term_bytes = 20 * 20 * 8
    whole = fuse(graph, Target())
    frugal = fuse(graph, Target(Options(memory=held + 3 * term_bytes)))
    assert peak_bytes(whole.sink_nodes) == held + 6 * term_bytes
    assert peak_bytes(frugal.sink_nodes) == held + 3 * term_bytes


@given(graph=graphs(dtypes=("float64", "int64", "complex128")), seed=st.integers(0, 99), share=st.floats(0.3, 0.99))
def test_any_graph_fits_with_the_same_numbers_or_is_refused(graph: OpGraph, seed: int, share: float) -> None:
    arrays = arrays_for(graph, seed)
    inputs = sorted(graph.inputs, key=lambda node: int(node.key))
    budget = max(int(share * make_plan(graph, inputs, Options()).peak_bytes), 1)
    try:
        plan = make_plan(graph, inputs, Options(memory=budget, check=True))
    except MemoryBudgetError:
        return
    assert plan.peak_bytes <= budget
    results = plan.run(*(arrays[node.key] for node in inputs))
    for new, old in zip(results, evaluate(graph, arrays), strict=True):
        np.testing.assert_allclose(new, old, rtol=1e-9)


def test_what_cannot_fit_is_refused_with_numbers() -> None:
    graph = on_demand()
    held = sum(node.nbytes for node in graph.inputs)
    whole = plan_of(graph).peak_bytes
    with pytest.raises(MemoryBudgetError) as refusal:
        plan_of(graph, held + 900)
    message = str(refusal.value)
    for text in (f"needs {whole} bytes", f"{held + 900} bytes", f"inputs take {held}, results 800", "Tried: whole"):
        assert text in message
    assert "slices, " in message


def test_what_has_no_product_is_refused_too() -> None:
    a = Input.of(0, (10,), "float64")
    graph = OpGraph([Map.of([a], [(0,)], (10,), call("exp", argument(0)))])
    with pytest.raises(
        MemoryBudgetError, match=r"needs 160 bytes .* computes Map 'a->a' of shape .10,., and 100 bytes"
    ):
        plan_of(graph, 100)
