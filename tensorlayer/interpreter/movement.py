"""Slice, Update, Reshape, Concatenate and Fill, Delta, Generate on any array namespace."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tensorlayer.graph import Concatenate, Delta, Fill, Generate, Reshape, Slice, SliceKey, Update, generate

if TYPE_CHECKING:
    from tensorlayer.backend.array import ArrayBackend

__all__ = [
    "concatenate_kernel",
    "delta_kernel",
    "fill_kernel",
    "generate_kernel",
    "reshape_kernel",
    "slice_kernel",
    "update_kernel",
]


def _as_slices(key: SliceKey) -> tuple[int | slice, ...]:
    """Turn a slice key into what arrays are indexed by; a stop of -1 means through the first element."""
    return tuple(e if isinstance(e, int) else slice(e[0], None if e[1] < 0 else e[1], e[2]) for e in key)


def slice_kernel(backend: ArrayBackend, node: Slice) -> Callable[..., Any]:
    """Kernel of a Slice; negative steps are reversed by ``flip``, which libraries without them have too."""
    index, backward = _forward_index(node.key)
    if not backward:
        return lambda array: array[index]
    flip = backend.namespace.flip
    return lambda array: flip(array[index], axis=backward)


def _forward_index(key: SliceKey) -> tuple[tuple[int | slice, ...], tuple[int, ...]]:
    """An index without negative steps, and the axes of what it selects that must be flipped."""
    ranges = [entry for entry in key if not isinstance(entry, int)]
    backward = tuple(axis for axis, (_, _, step) in enumerate(ranges) if step < 0)
    return _as_slices(tuple(_forward(entry) for entry in key)), backward


def _forward(entry: int | tuple[int, int, int]) -> int | tuple[int, int, int]:
    if isinstance(entry, int) or entry[2] > 0:
        return entry
    places = range(*entry)
    return (places[-1], places[0] + 1, -entry[2]) if places else (0, 0, 1)


def update_kernel(backend: ArrayBackend, node: Update) -> Callable[..., Any]:
    """Kernel of an Update: a copy of the base, written once."""
    # As in a Slice, steps go forward here; the value is flipped instead.
    index, backward = _forward_index(node.key)
    astype, native, flip = backend.namespace.astype, backend.native_dtype(node.dtype), backend.namespace.flip
    cast = backend.caster(node.dtype)
    if not index:
        # NumPy's scalars, unlike its arrays of rank zero, cannot be written into.
        return lambda _, value: cast(value)

    def kernel(base: Any, value: Any) -> Any:
        result = astype(base, native, copy=True)
        result[index] = cast(flip(value, axis=backward) if backward else value)
        return result

    return kernel


def reshape_kernel(backend: ArrayBackend, node: Reshape) -> Callable[..., Any]:
    """Kernel of a Reshape."""
    return lambda array: backend.reshape(array, node.shape)


def concatenate_kernel(backend: ArrayBackend, node: Concatenate) -> Callable[..., Any]:
    """Kernel of a Concatenate."""
    concat = backend.namespace.concat
    if all(source.dtype == node.dtype for source in node.inputs):
        return lambda *arrays: concat(arrays, axis=node.axis)
    cast = backend.caster(node.dtype)
    return lambda *arrays: concat([cast(array) for array in arrays], axis=node.axis)


def fill_kernel(backend: ArrayBackend, node: Fill) -> Callable[..., Any]:
    """Kernel of a Fill."""
    full, native = backend.namespace.full, backend.native_dtype(node.dtype)
    return lambda: full(node.shape, node.value, dtype=native, **backend.placement)


def delta_kernel(backend: ArrayBackend, node: Delta) -> Callable[..., Any]:
    """Kernel of a Delta."""
    eye, native = backend.namespace.eye, backend.native_dtype(node.dtype)
    return lambda: eye(node.shape[0], dtype=native, **backend.placement)


def generate_kernel(backend: ArrayBackend, node: Generate) -> Callable[..., Any]:
    """Kernel of a Generate: call the generator over the region."""
    return lambda: backend.from_numpy(generate(node), backend.device)
