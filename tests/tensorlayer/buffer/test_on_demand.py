"""On-demand buffers: a slice computes only the slice; a cache keeps what it may. Counted, not timed."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tensorlayer as tl
from tensorlayer.backend import Backend, get_backend
from tensorlayer.buffer import Cached, Generator, IndexFunction, LocalBuffer, OnDemandBuffer, Region, push_slice
from tensorlayer.errors import AllocationError, GeneratorError
from tensorlayer.graph import Einsum, Generate, Input, OpGraph, Reduce, Slice, generate, sliced_shape
from tensorlayer.layout import PhysicalLayout
from tensorlayer.shape import Nested

LAYOUT = PhysicalLayout((6, 5), "float64")
TILED = LAYOUT.replace(tiling=Nested.from_tiling((6, 5), (4, 2)))


def value(i: Any, j: Any) -> Any:
    return 10.0 * i + j


EXPECTED = np.fromfunction(value, (6, 5))


class Counting(Generator):
    """Remembers the regions it was asked for."""

    def __init__(self) -> None:
        self.asked: list[Region] = []

    def generate(self, region: Region) -> np.ndarray:
        self.asked.append(region)
        return value(*np.ogrid[tuple(slice(*bounds) for bounds in region)])


def elements(buffer: Any) -> np.ndarray:
    return buffer.backend.to_numpy(buffer.unwrap())


def made(layout: PhysicalLayout, source: Any, backend: str = "numpy", **choices: Any) -> OnDemandBuffer:
    return get_backend(backend).allocator("on_demand", **choices).construct(layout, source)


def test_unwrap_gives_all_elements(backend: Backend) -> None:
    buffer = made(LAYOUT, IndexFunction(value), backend.name)
    np.testing.assert_array_equal(elements(buffer), EXPECTED)
    assert backend.recognises(type(buffer.unwrap()))
    assert (buffer.nbytes, buffer.layout.stored) == (0, False)


def test_a_slice_of_a_slice_asks_for_itself_only() -> None:
    counting = Counting()
    part = made(LAYOUT, counting).slice((1, 1), (6, 5)).slice((2, 0), (3, 2)).chip({0: 0})
    assert counting.asked == []
    np.testing.assert_array_equal(elements(part), EXPECTED[3, 1:3])
    assert counting.asked == [((3, 4, 1), (1, 3, 1))]


def test_a_graph_asks_for_what_it_slices_out(backend: Backend) -> None:
    counting = Counting()
    buffer = made(LAYOUT, counting, backend.name)
    sliced = Slice.of(Input.of(0, (6, 5), "float64"), (2, (4, 0, -2)))
    (result,) = buffer.compute(OpGraph([Reduce.of(sliced, "sum", (0,))]))
    assert elements(result) == EXPECTED[2, 4:0:-2].sum()
    assert isinstance(result, LocalBuffer)
    assert counting.asked == [((2, 3, 1), (2, 5, 2))]


def test_a_local_and_an_on_demand_operand() -> None:
    buffer = made(LAYOUT, IndexFunction(value))
    x = np.arange(6.0)
    local = buffer.backend.allocator().wrap(x)
    graph = OpGraph([Einsum.of([Input.of(0, (6,), "float64"), Input.of(1, (6, 5), "float64")], [(0,), (0, 1)], (1,))])
    (result,) = local.compute(graph, buffer)
    np.testing.assert_allclose(elements(result), x @ EXPECTED, rtol=1e-14)


# -- regions ---------------------------------------------------------------------------------------------------


@st.composite
def keys(draw: st.DrawFn, extents: tuple[int, ...]) -> tuple[Any, ...]:
    key: list[Any] = []
    for extent in extents:
        if extent and draw(st.booleans()):
            key.append(draw(st.integers(0, extent - 1)))
            continue
        start, stop, step = draw(st.slices(extent)).indices(extent)
        key.append((start, stop, step) if range(start, stop, step) else (0, 0, 1))
    return tuple(key)


regions = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(1, 3)), min_size=0, max_size=3).map(
    tuple
)


@given(st.data(), regions)
def test_pushing_a_slice_into_a_generator_changes_nothing(data: st.DataObject, region: Region) -> None:
    node = Generate.of(IndexFunction(lambda *ix: sum(10.0**n * i for n, i in enumerate(ix))), region, "float64")
    key = data.draw(keys(node.shape))
    pushed = push_slice(Slice.of(node, key))
    whole = generate(node)
    backend = get_backend("numpy")
    result = backend.compile(OpGraph([pushed])).run()[0]
    index = tuple(e if isinstance(e, int) else [*range(*e)] for e in key)
    expected = whole
    for axis in reversed(range(len(index))):
        expected = np.take(expected, index[axis], axis=axis) if index[axis] != [] else expected.take(range(0), axis)
    np.testing.assert_array_equal(result, expected)
    read = pushed if isinstance(pushed, Generate) else pushed.inputs[0]
    assert read.size == np.prod(sliced_shape(whole.shape, key), dtype=int)


# -- functions -------------------------------------------------------------------------------------------------


def test_a_function_by_block_gets_the_block_that_is_read(backend: Backend) -> None:
    asked = []

    def fill(place: tuple[slice, ...], buffer: LocalBuffer) -> np.ndarray:
        asked.append((place, buffer.layout.extents))
        return value(*np.ogrid[place])

    part = made(LAYOUT, fill, backend.name).slice((2, 1), (4, 4))
    np.testing.assert_array_equal(elements(part), EXPECTED[2:4, 1:4])
    assert asked == [((slice(2, 4, 1), slice(1, 4, 1)), (2, 3))]


def test_one_value_takes_no_memory() -> None:
    huge = made(PhysicalLayout((10**9, 10**9), "float64"), 2.5)
    np.testing.assert_array_equal(elements(huge.slice((5, 7), (6, 9))), [[2.5, 2.5]])


def test_a_stored_buffer_on_demand_is_read_not_copied() -> None:
    array = EXPECTED.copy()
    local = get_backend("numpy").allocator().wrap(array)
    buffer = local.rebind("on_demand")
    array[3, 2] = -1
    assert elements(buffer.slice((3, 0), (4, 5)).chip({0: 0, 1: 2})) == -1


def test_another_backend_takes_the_function_over() -> None:
    counting = Counting()
    there = get_backend("torch").allocator("on_demand").construct(made(LAYOUT, counting))
    assert counting.asked == []
    np.testing.assert_array_equal(elements(there), EXPECTED)


def test_a_function_that_fails_is_named() -> None:
    with pytest.raises(GeneratorError, match=r"raised ValueError: no.*asked for \[0:6, 0:5"):
        made(LAYOUT, IndexFunction(lambda i, j: (_ for _ in ()).throw(ValueError("no")))).unwrap()
    with pytest.raises(GeneratorError, match=r"ValueError.*broadcast"):
        made(LAYOUT, IndexFunction(lambda i, j: np.zeros(7))).unwrap()


def test_a_function_does_not_lose_imaginary_parts() -> None:
    A = tl.tensor(lambda i: 1j * i, shape=(3,))
    with pytest.raises(GeneratorError, match=r"gave complex128 for a tensor of float64: say dtype="):
        A.compute()
    np.testing.assert_array_equal(tl.tensor(lambda i: 1j * i, shape=(3,), dtype=complex), [0, 1j, 2j])


def test_there_is_nothing_to_allocate() -> None:
    with pytest.raises(AllocationError, match=r"no storage to allocate"):
        get_backend("numpy").allocator("on_demand").allocate(LAYOUT)


# -- cache -----------------------------------------------------------------------------------------------------


def test_what_is_kept_is_not_made_again() -> None:
    counting = Counting()
    buffer = made(TILED, counting, cache=10**6)
    for _ in range(2):
        np.testing.assert_array_equal(elements(buffer), EXPECTED)
    assert len(counting.asked) == len(set(counting.asked)) == 6
    np.testing.assert_array_equal(elements(buffer.slice((1, 1), (6, 3))), EXPECTED[1:6, 1:3])
    assert len(counting.asked) == 6
    assert buffer.nbytes == EXPECTED.nbytes


def test_a_cache_makes_nothing_that_was_not_asked_for() -> None:
    counting = Counting()
    part = made(TILED, counting, cache=10**6).slice((3, 1), (5, 2))
    for _ in range(2):
        np.testing.assert_array_equal(elements(part), EXPECTED[3:5, 1:2])
    assert counting.asked == [((3, 4, 1), (1, 2, 1)), ((4, 5, 1), (1, 2, 1))]


@pytest.mark.parametrize("limit", [1, 64, 100, 200])
def test_the_cache_stays_within_its_limit(limit: int) -> None:
    buffer = made(TILED, Counting(), cache=limit)
    for _ in range(3):
        np.testing.assert_array_equal(elements(buffer), EXPECTED)
        assert buffer.nbytes <= limit


def test_the_least_recently_used_goes_first() -> None:
    counting = Counting()
    rows = Cached(counting, LAYOUT.replace(tiling=Nested.from_tiling((6, 5), (1, 5))), 80)
    for row in (0, 1, 0, 2, 0, 1):
        rows.generate(((row, row + 1, 1), (0, 5, 1)))
    assert [region[0][0] for region in counting.asked] == [0, 1, 2, 1]


def test_what_is_kept_cannot_be_changed() -> None:
    array = made(TILED, Counting(), cache=10**6).slice((0, 0), (4, 2)).unwrap()
    assert not array.flags.writeable


@given(regions.filter(lambda region: len(region) == 2))
def test_a_cache_changes_no_element(region: Region) -> None:
    layout = PhysicalLayout((9, 9), "float64", tiling=Nested.from_tiling((9, 9), (4, (1, 3, 5))))
    cached = Cached(Counting(), layout, 10**6)
    for _ in range(2):
        np.testing.assert_array_equal(cached.generate(region), Counting().generate(region))


def test_a_cache_is_pickled_without_what_it_keeps() -> None:
    cached = Cached(IndexFunction(np.add), TILED, 10**6)
    cached.generate(((0, 6, 1), (0, 5, 1)))
    again = pickle.loads(pickle.dumps(cached))
    assert (cached.nbytes, again.nbytes, again.limit) == (240, 0, 10**6)
    np.testing.assert_array_equal(again.generate(((2, 4, 1), (1, 3, 1))), [[3, 4], [4, 5]])
