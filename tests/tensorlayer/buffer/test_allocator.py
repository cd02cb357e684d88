"""Making local buffers: values, functions by block, conversions, and too little memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tensorlayer.backend import Backend, get_backend
from tensorlayer.buffer import IndexFunction, LocalBuffer
from tensorlayer.errors import AllocationError, ConversionError, DtypeError, GeneratorError, LayoutError
from tensorlayer.layout import PhysicalLayout
from tensorlayer.shape import Nested

TILED = PhysicalLayout((5, 4), "float64", tiling=Nested.from_tiling((5, 4), (2, 3)))


def hilbert(i: Any, j: Any) -> Any:
    return 1.0 / (1 + i + j)


EXPECTED = np.fromfunction(hilbert, (5, 4))


def elements(buffer: Any) -> np.ndarray:
    return buffer.backend.to_numpy(buffer.unwrap())


def block_of_hilbert(place: tuple[slice, ...]) -> np.ndarray:
    return hilbert(*np.ogrid[place])


def test_allocate_gives_the_layout_asked_for(backend: Backend) -> None:
    buffer = backend.allocator().allocate(PhysicalLayout((2, 0, 3), "complex64"))
    assert backend.shape_of(buffer.unwrap()) == (2, 0, 3)
    assert (buffer.layout.dtype, backend.dtype_of(buffer.unwrap())) == ("complex64", "complex64")


@pytest.mark.parametrize(
    ("value", "dtype"), [(0, "float64"), (True, "bool"), (2, "int8"), (1.5, "float32"), (1j, "complex128")]
)
def test_one_value_everywhere(backend: Backend, value: complex, dtype: str) -> None:
    buffer = backend.allocator().construct(PhysicalLayout((2, 3), dtype), value)
    np.testing.assert_array_equal(elements(buffer), np.full((2, 3), value, dtype), strict=True)


@pytest.mark.parametrize(("value", "dtype"), [(1.5, "int32"), (1j, "float64"), (2, "bool"), (300, "int8")])
def test_a_value_that_would_change_is_refused(value: complex, dtype: str) -> None:
    with pytest.raises(DtypeError, match=rf"{value!r} is no {dtype}".replace("(", r"\(").replace(")", r"\)")):
        get_backend("numpy").allocator().construct(PhysicalLayout((2,), dtype), value)


@pytest.mark.parametrize("kind", ["local", "future", "on_demand"])
def test_a_value_is_looked_at_before_anything_is_made(backend: Backend, kind: str) -> None:
    allocator = backend.allocator(kind)
    with pytest.raises(DtypeError, match="the value 'x' is no float64"):
        allocator.construct(PhysicalLayout((2,), "float64"), "x")  # type: ignore[arg-type]
    with pytest.raises(LayoutError, match=r"one value is wanted for all elements, got an array of shape \(2,\)"):
        allocator.construct(PhysicalLayout((2,), "float64"), np.ones(2))  # type: ignore[arg-type]


def test_a_function_that_returns_its_block(backend: Backend) -> None:
    asked = []

    def fill(place: tuple[slice, ...], _buffer: LocalBuffer) -> np.ndarray:
        asked.append(place)
        return block_of_hilbert(place)

    np.testing.assert_array_equal(elements(backend.allocator().construct(TILED, fill)), EXPECTED)
    assert asked == [place for _, place in TILED.tiling.blocks()]


@pytest.mark.parametrize("name", ["numpy", "torch"])
def test_a_function_that_writes_its_block(name: str) -> None:
    backend = get_backend(name)

    def fill(place: tuple[slice, ...], buffer: LocalBuffer) -> None:
        buffer.unwrap()[...] = backend.from_numpy(block_of_hilbert(place))

    np.testing.assert_array_equal(elements(backend.allocator().construct(TILED, fill)), EXPECTED)


def test_blocks_that_are_left_untouched_are_zero(backend: Backend) -> None:
    def fill(place: tuple[slice, ...], buffer: LocalBuffer) -> Any:
        return buffer if place[0].start else np.ones(buffer.layout.extents, np.float32)

    expected = np.zeros((5, 4))
    expected[:2] = 1
    np.testing.assert_array_equal(elements(backend.allocator().construct(TILED, fill)), expected)


def test_without_tiles_the_function_is_called_once() -> None:
    layout = PhysicalLayout((5, 4), "float64")
    buffer = get_backend("numpy").allocator().construct(layout, lambda place, _: block_of_hilbert(place))
    np.testing.assert_array_equal(elements(buffer), EXPECTED)


def test_a_generator_is_asked_for_everything(backend: Backend) -> None:
    buffer = backend.allocator().construct(PhysicalLayout((5, 4), "float32"), IndexFunction(hilbert))
    np.testing.assert_array_equal(elements(buffer), EXPECTED.astype(np.float32), strict=True)


def test_a_function_that_fails_is_named_with_its_block() -> None:
    allocator = get_backend("numpy").allocator()
    with pytest.raises(GeneratorError, match=r"ZeroDivisionError for the block \(slice\(0, 2, None\), slice\(0, 3"):
        allocator.construct(TILED, lambda place, _: 1 / 0)
    with pytest.raises(GeneratorError, match=r"gave float64\[7\] for a block of float64\[2, 3\]"):
        allocator.construct(TILED, lambda place, _: np.zeros(7))
    with pytest.raises(GeneratorError, match=r"gave complex128\[2, 3\] for a block of float64"):
        allocator.construct(TILED, lambda place, _: np.zeros((2, 3), complex))


def test_a_layout_without_a_value_is_refused() -> None:
    with pytest.raises(LayoutError, match=r"give a value or a function, or use allocate"):
        get_backend("numpy").allocator().construct(TILED)  # type: ignore[call-overload]


# -- conversions -----------------------------------------------------------------------------------------------


def test_a_buffer_of_another_kind_becomes_local(backend: Backend) -> None:
    source = backend.allocator("on_demand").construct(PhysicalLayout((5, 4), "float64"), IndexFunction(hilbert))
    local = backend.allocator().construct(source)
    np.testing.assert_array_equal(elements(local), EXPECTED)
    assert isinstance(local, LocalBuffer)
    assert local.layout.stored
    assert local.nbytes == 5 * 4 * 8


def test_numpy_and_torch_share_the_memory() -> None:
    array = np.arange(6.0).reshape(2, 3)
    source = get_backend("numpy").allocator().wrap(array)
    there = get_backend("torch").allocator().construct(source)
    back = get_backend("numpy").allocator().construct(there)
    assert there.unwrap().data_ptr() == array.ctypes.data
    assert np.shares_memory(back.unwrap(), array)


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConversionError, match=r"numpy' has no device 'cuda:7': there are cpu"):
        get_backend("numpy").allocator(device="cuda:7").construct(get_backend("numpy").allocator().wrap(np.zeros(2)))


# -- memory ----------------------------------------------------------------------------------------------------


def test_too_much_memory_is_refused_with_the_numbers(backend: Backend) -> None:
    layout = PhysicalLayout((2**20, 2**20, 2**10), "float64")
    with pytest.raises(
        AllocationError,
        match=rf"8.0 PiB for float64\[1048576, 1048576, 1024\] on cpu \(backend '{backend.name}'\): .* in use, .* free",
    ):
        backend.allocator().allocate(layout)
    with pytest.raises(MemoryError):
        backend.allocator().construct(layout, 0)


def test_a_library_that_runs_out_of_memory_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = get_backend("numpy")

    def full(*_: object) -> None:
        raise MemoryError("Unable to allocate")

    monkeypatch.setattr(type(backend), "empty", full)
    with pytest.raises(AllocationError, match=r"cannot allocate 16 B for float64\[2\]"):
        backend.allocator().allocate(PhysicalLayout((2,), "float64"))
