"""Local buffers: parts, graphs, what they show, and what they refuse. NumPy's own indexing is the oracle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorlayer.backend import Backend, get_backend
from tensorlayer.buffer import Buffer, LocalBuffer
from tensorlayer.errors import AllocationError, GraphError, ShapeError, UnsupportedOperationError
from tensorlayer.graph import Convert, Delta, Einsum, Input, OpGraph
from tensorlayer.layout import LogicalLayout, PhysicalLayout
from tensorlayer.symmetry import Symmetry


def wrapped(array: np.ndarray, backend: str = "numpy") -> LocalBuffer:
    held = get_backend(backend)
    return held.allocator().wrap(held.from_numpy(array))


def elements(buffer: Buffer) -> np.ndarray:
    return buffer.backend.to_numpy(buffer.unwrap())


def product(x: np.ndarray, y: np.ndarray, *keys: object) -> OpGraph:
    inputs = [Input.of(key, a.shape, a.dtype) for key, a in zip(keys, (x, y), strict=True)]
    return OpGraph([Einsum.of(inputs, [(0, 1), (1, 2)], (0, 2))])


def test_unwrap_gives_the_object_itself(backend: Backend) -> None:
    native = backend.from_numpy(np.arange(6.0))
    assert backend.allocator().wrap(native).unwrap() is native


def test_the_layout_is_that_of_the_array(backend: Backend) -> None:
    layout = backend.allocator().wrap(backend.from_numpy(np.zeros((2, 3), np.float32))).layout
    assert (layout.extents, layout.dtype, layout.placement, layout.nbytes) == ((2, 3), np.float32, "cpu", 24)


def test_the_order_of_a_transposed_array_is_known() -> None:
    array = np.zeros((2, 3))
    assert [wrapped(x).layout.order for x in (array, array.T, np.zeros((4, 6))[:, ::2])] == ["C", "F", None]


@st.composite
def nested_boxes(draw: st.DrawFn) -> tuple[tuple[int, ...], list[tuple[list[int], list[int]]]]:
    extents = tuple(draw(st.lists(st.integers(0, 6), min_size=0, max_size=3)))
    boxes, inside = [], list(extents)
    for _ in range(draw(st.integers(1, 3))):
        first = [draw(st.integers(0, extent)) for extent in inside]
        last = [draw(st.integers(a, extent)) for a, extent in zip(first, inside, strict=True)]
        boxes.append((first, last))
        inside = [b - a for a, b in zip(first, last, strict=True)]
    return extents, boxes


@given(nested_boxes())
def test_a_slice_of_a_slice_is_numpys(example: tuple[tuple[int, ...], list[tuple[list[int], list[int]]]]) -> None:
    extents, boxes = example
    expected = np.arange(float(np.prod(extents, dtype=int))).reshape(extents)
    buffer = wrapped(expected)
    for first, last in boxes:
        buffer = buffer.slice(first, last)
        expected = expected[tuple(map(slice, first, last))]
    np.testing.assert_array_equal(elements(buffer), expected)
    assert buffer.layout.extents == expected.shape
    assert buffer.layout.shape.origin == tuple(np.sum([first for first, _ in boxes], axis=0, dtype=int))


def test_slices_and_chips_on_every_backend(backend: Backend) -> None:
    array = np.arange(24.0).reshape(2, 3, 4)
    buffer = wrapped(array, backend.name)
    np.testing.assert_array_equal(elements(buffer.slice((0, 1, 2), (2, 3, 3))), array[0:2, 1:3, 2:3])
    np.testing.assert_array_equal(elements(buffer.chip({0: 1, 2: 3})), array[1, :, 3])
    assert elements(buffer.chip({0: 1, 1: 2, 2: 3})) == 23.0


@pytest.mark.parametrize("name", ["numpy", "torch"])
def test_a_slice_is_a_view(name: str) -> None:
    array = np.zeros((3, 4))
    part = elements(wrapped(array, name).slice((1, 1), (3, 2)))
    assert np.shares_memory(part, array)


def test_parts_keep_the_symmetry_that_is_left() -> None:
    layout = PhysicalLayout(LogicalLayout((4, 4, 4), Symmetry.symmetric(3)), "float64")
    buffer = get_backend("numpy").allocator().construct(layout, 0)
    assert buffer.chip({0: 2}).layout.symmetry == Symmetry.symmetric(2)


def test_parts_outside_are_refused() -> None:
    buffer = wrapped(np.zeros((2, 3)))
    with pytest.raises(ShapeError, match=r"slice 0:4 of mode 1 .* <= 3"):
        buffer.slice((0, 0), (2, 4))
    with pytest.raises(ShapeError, match=r"chip at 2 of mode 0"):
        buffer.chip({0: 2})


# -- graphs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_position", [True, False])
def test_compute_is_the_product(backend: Backend, by_position: bool) -> None:
    x, y = np.random.default_rng(0).normal(size=(2, 3, 3))
    left, right = wrapped(x, backend.name), wrapped(y, backend.name)
    graph = product(x, y, 0, 1) if by_position else product(x, y, left, right)
    (result,) = left.compute(graph, right) if by_position else left.compute(graph)
    np.testing.assert_allclose(elements(result), x @ y, rtol=1e-14)
    assert isinstance(result, LocalBuffer)
    assert result.allocator is left.allocator


def test_a_graph_without_inputs_is_run_by_the_receiver() -> None:
    (result,) = wrapped(np.zeros(1)).compute(OpGraph([Delta.of(2, "float64")]))
    np.testing.assert_array_equal(elements(result), np.eye(2))


def test_an_operation_outside_the_vocabulary_is_named() -> None:
    buffer = wrapped(np.zeros((2, 2)))
    graph = OpGraph([Convert.of(Input.of(0, (2, 2), "float64"), ("torch", "cpu"))])
    with pytest.raises(UnsupportedOperationError, match=r"'numpy' does not run Convert.*its operations are .*Einsum"):
        buffer.compute(graph)


def test_operands_that_do_not_fit_are_refused() -> None:
    x = np.zeros((2, 2))
    buffer = wrapped(x)
    with pytest.raises(GraphError, match=r"operand 1, but 1 operands were given"):
        buffer.compute(product(x, x, 0, 1))
    with pytest.raises(GraphError, match=r"shapes and element types must be equal"):
        buffer.compute(product(x, x, 0, 1), wrapped(np.zeros((2, 2), np.float32)))
    with pytest.raises(GraphError, match=r"local buffer of torch.*the graph runs on 'numpy': convert it first"):
        buffer.compute(product(x, x, 0, 1), wrapped(x, "torch"))
    with pytest.raises(GraphError, match=r"is no buffer"):
        buffer.compute(product(x, x, 0, "x"))


# -- kinds -----------------------------------------------------------------------------------------------------


def test_rebinding_to_the_same_kind_gives_the_buffer_itself() -> None:
    buffer = wrapped(np.zeros(2))
    assert buffer.rebind(LocalBuffer) is buffer
    assert buffer.rebind("future").result().unwrap() is buffer.unwrap()


def test_a_kind_that_is_missing_is_told_with_those_there_are() -> None:
    with pytest.raises(AllocationError, match=r"'numpy' has no 'distributed' buffers; it has future, local, on_demand"):
        wrapped(np.zeros(2)).rebind("distributed")


def test_what_a_buffer_shows() -> None:
    buffer = wrapped(np.zeros((2, 3), np.int16))
    assert repr(buffer) == "<local buffer of numpy, int16[2, 3] on cpu>"
    assert "<tr><th>dtype</th><td>int16</td></tr>" in buffer._repr_html_()
