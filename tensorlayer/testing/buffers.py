"""What every backend's local buffers and their allocator promise, as a pytest class."""

from __future__ import annotations

import pickle
from typing import Any, ClassVar

import numpy as np
import pytest

from tensorlayer.backend import Backend, get_backend
from tensorlayer.buffer import Allocator, Buffer
from tensorlayer.errors import (
    AllocationError,
    DtypeError,
    GeneratorError,
    GraphError,
    LayoutError,
    ShapeError,
    UnsupportedOperationError,
)
from tensorlayer.graph import Einsum, Input, Map, OpGraph, Reduce
from tensorlayer.layout import PhysicalLayout
from tensorlayer.scalar import argument, call
from tensorlayer.shape import Nested
from tensorlayer.testing.case import Array, Unheard
from tensorlayer.testing.cases import sample
from tensorlayer.testing.comparison import assert_same_elements

__all__ = ["BufferContract"]


class BufferContract:
    """Tests of the local buffers of a backend; part of `BackendContract`."""

    backend: ClassVar[str]
    device: ClassVar[str] = "cpu"

    @property
    def subject(self) -> Backend:
        """The backend under test."""
        return get_backend(self.backend)

    @property
    def allocator(self) -> Allocator:
        """What makes its local buffers."""
        return self.subject.allocator(device=self.device)

    def holding(self, array: Array) -> Buffer:
        """A buffer with the elements of `array`."""
        return self.allocator.wrap(self.subject.from_numpy(array, self.device))

    def elements(self, buffer: Buffer) -> Array:
        """The elements of a buffer."""
        return self.subject.to_numpy(self.subject.finish([buffer.unwrap()])[0])

    # -- allocators ----------------------------------------------------------------------------------------

    @pytest.mark.parametrize("shape", [(), (3,), (2, 0), (2, 3)])
    @pytest.mark.parametrize("dtype", ["bool", "int64", "float32", "complex128"])
    def test_allocates_what_the_layout_says(self, shape: tuple[int, ...], dtype: str) -> None:
        """Shape, element type and place are those asked for; the elements are whatever was there."""
        buffer = self.allocator.allocate(PhysicalLayout(shape, dtype))
        assert self.elements(buffer).shape == buffer.layout.extents == shape
        assert self.elements(buffer).dtype == buffer.layout.dtype == np.dtype(dtype)
        assert buffer.layout.placement == self.device
        assert buffer.nbytes == self.elements(buffer).nbytes
        assert buffer.backend is self.subject

    def test_constructs_from_a_value(self) -> None:
        """One value everywhere."""
        buffer = self.allocator.construct(PhysicalLayout((2, 3), "float32"), 2.5)
        assert_same_elements(self.elements(buffer), np.full((2, 3), 2.5, np.float32))

    def test_refuses_a_value_of_another_type(self) -> None:
        """A fraction is no integer."""
        with pytest.raises(DtypeError, match=r"2\.5"):
            self.allocator.construct(PhysicalLayout((2,), "int64"), 2.5)

    def test_refuses_a_layout_without_a_value(self) -> None:
        """What is to be in it must be said."""
        with pytest.raises(LayoutError, match="allocate"):
            self.allocator.construct(PhysicalLayout((2,), "int64"))  # type: ignore[call-overload]

    @pytest.mark.parametrize("tile", [None, (2, 2), (1, 3)])
    def test_constructs_from_a_function_of_blocks(self, tile: tuple[int, ...] | None) -> None:
        """The function is called for every block once, and told which one it is."""
        whole = sample((3, 4), "float64")
        tiling = None if tile is None else Nested.from_tiling(whole.shape, tile)
        asked: list[tuple[slice, ...]] = []

        def block(place: tuple[slice, ...], local: Buffer) -> Array:
            asked.append(place)
            assert local.layout.extents == whole[place].shape
            return whole[place]

        buffer = self.allocator.construct(PhysicalLayout(whole.shape, "float64", tiling=tiling), block)
        assert_same_elements(self.elements(buffer), whole)
        assert sum(whole[place].size for place in asked) == whole.size

    def test_blocks_that_a_function_leaves_are_zero(self) -> None:
        """A function that returns nothing and writes nothing leaves zeros."""
        buffer = self.allocator.construct(PhysicalLayout((2, 2), "float64"), lambda *_: None)
        assert_same_elements(self.elements(buffer), np.zeros((2, 2)))

    @pytest.mark.parametrize("returned", [np.zeros((3, 3)), np.zeros((2, 2), complex)], ids=["shape", "type"])
    def test_refuses_a_block_that_does_not_fit(self, returned: Array) -> None:
        """Blocks have the shape and the kind of element that were asked for."""
        with pytest.raises(GeneratorError):
            self.allocator.construct(PhysicalLayout((2, 2), "float64"), lambda *_: returned)

    def test_says_which_block_failed(self) -> None:
        """An error of the function is kept, with the block."""
        with pytest.raises(GeneratorError, match="ZeroDivisionError"):
            self.allocator.construct(PhysicalLayout((2,), "float64"), lambda *_: 1 / 0)

    @pytest.mark.parametrize("giver", ["reference", "numpy"])
    def test_constructs_from_buffers_of_other_backends(self, giver: str) -> None:
        """A conversion keeps shape, element type and elements, both ways."""
        array = sample((2, 3), "complex64")
        other = get_backend(giver).allocator()
        given = other.wrap(other.backend.from_numpy(array))
        taken = self.allocator.construct(given)
        assert_same_elements(self.elements(taken), array)
        back = other.construct(taken)
        assert_same_elements(other.backend.to_numpy(back.unwrap()), array)

    def test_refuses_a_kind_that_is_not_there(self) -> None:
        """The message lists those there are."""
        with pytest.raises(AllocationError, match="local"):
            self.allocator.rebind("nowhere")

    # -- buffers -------------------------------------------------------------------------------------------

    def test_wrapping_keeps_the_object(self) -> None:
        """What goes in comes out, the same object."""
        native = self.subject.from_numpy(sample((2,), "float64"), self.device)
        assert self.allocator.wrap(native).unwrap() is native

    def test_describes_what_it_holds(self) -> None:
        """The layout of a wrapped array is read off the array."""
        layout = self.holding(sample((2, 3), "float32")).layout
        assert (layout.extents, layout.dtype, layout.placement) == ((2, 3), np.dtype("float32"), self.device)

    def test_slices_and_chips(self) -> None:
        """Parts have the elements and the layout of the part."""
        array = sample((4, 5), "float64")
        buffer = self.holding(array)
        part, chip = buffer.slice((1, 0), (3, 4)), buffer.chip({0: 2})
        assert_same_elements(self.elements(part), array[1:3, 0:4])
        assert_same_elements(self.elements(chip), array[2])
        assert part.layout.extents == (2, 4)
        assert chip.layout.extents == (5,)

    def test_refuses_parts_outside(self) -> None:
        """A bound outside the extents is an error, not a shorter slice."""
        buffer = self.holding(sample((4,), "float64"))
        with pytest.raises(ShapeError):
            buffer.slice((0,), (5,))
        with pytest.raises(ShapeError):
            buffer.chip({0: 4})

    def test_computes_a_graph(self) -> None:
        """Operands are this buffer and the others, in order; results are buffers of the same backend."""
        arrays = sample((2, 3), "float64"), sample((3, 4), "float64", 1)
        nodes = [Input.of(i, array.shape, array.dtype) for i, array in enumerate(arrays)]
        product = Einsum.of(nodes, [(0, 1), (1, 2)], (0, 2))
        grown = Map.of([product], [(0, 1)], (2, 4), call("exp", argument(0)))
        first, second = map(self.holding, arrays)
        results = first.compute(OpGraph([product, Reduce.of(grown, "max", (0,))]), second)
        expected = arrays[0] @ arrays[1]
        assert_same_elements(self.elements(results[0]), expected)
        assert_same_elements(self.elements(results[1]), np.exp(expected).max(axis=0))
        assert all(result.backend is self.subject for result in results)

    def test_refuses_a_graph_that_it_does_not_run(self) -> None:
        """An operation outside the vocabulary is named, and nothing has been run."""
        buffer = self.holding(sample((2,), "float64"))
        with pytest.raises(UnsupportedOperationError, match="Unheard"):
            buffer.compute(OpGraph([Unheard.make((Input.of(0, (2,), "float64"),))]))

    @pytest.mark.parametrize("description", [((3,), "float64"), ((2,), "float32")], ids=["shape", "type"])
    def test_refuses_operands_of_another_description(self, description: tuple[Any, str]) -> None:
        """Inputs of a graph and buffers must agree in shape and element type."""
        buffer = self.holding(sample((2,), "float64"))
        with pytest.raises(GraphError):
            buffer.compute(OpGraph([Reduce.of(Input.of(0, *description), "sum", (0,))]))

    def test_is_pickled_with_its_elements(self) -> None:
        """What is restored has the same elements, layout and backend."""
        array = sample((2, 3), "float64")
        restored = pickle.loads(pickle.dumps(self.holding(array)))  # noqa: S301  # our own bytes
        assert restored.backend is self.subject
        assert restored.layout == self.holding(array).layout
        assert_same_elements(self.elements(restored), array)
