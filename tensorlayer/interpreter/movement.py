"""Slice, Update, Reshape, Concatenate and Fill, Delta, Generate on any array namespace."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlayer.errors import GeneratorError, TensorlayerError
from tensorlayer.graph import Concatenate, Delta, DType, Fill, Generate, Reshape, Slice, SliceKey, Update

if TYPE_CHECKING:
    from tensorlayer.backend.array import ArrayBackend

__all__ = [
    "as_slices",
    "concatenate_kernel",
    "delta_kernel",
    "fill_kernel",
    "generate",
    "generate_kernel",
    "reshape_kernel",
    "slice_kernel",
    "update_kernel",
]


def as_slices(key: SliceKey) -> tuple[int | slice, ...]:
    """Turn a slice key into what arrays are indexed by; a stop of -1 means through the first element."""
    return tuple(e if isinstance(e, int) else slice(e[0], None if e[1] < 0 else e[1], e[2]) for e in key)


def slice_kernel(backend: ArrayBackend, node: Slice) -> Callable[..., Any]:
    """Kernel of a Slice; negative steps are reversed by ``flip``, which libraries without them have too."""
    backward = [a for a, e in enumerate(node.key) if not isinstance(e, int) and e[2] < 0]
    index = as_slices(tuple(_forward(e) for e in node.key))
    if not backward:
        return lambda array: array[index]
    kept = [a for a, e in enumerate(node.key) if not isinstance(e, int)]
    flip, axes = backend.namespace.flip, tuple(kept.index(a) for a in backward)
    return lambda array: flip(array[index], axis=axes)


def _forward(entry: int | tuple[int, int, int]) -> int | tuple[int, int, int]:
    if isinstance(entry, int) or entry[2] > 0:
        return entry
    places = range(*entry)
    return (places[-1], places[0] + 1, -entry[2]) if places else (0, 0, 1)


def update_kernel(backend: ArrayBackend, node: Update) -> Callable[..., Any]:
    """Kernel of an Update: a copy of the base, written once."""
    index = as_slices(node.key)
    astype, native = backend.namespace.astype, backend.native_dtype(node.dtype)

    def kernel(base: Any, value: Any) -> Any:
        result = astype(base, native, copy=True)
        result[index] = astype(value, native)
        return result

    return kernel


def reshape_kernel(backend: ArrayBackend, node: Reshape) -> Callable[..., Any]:
    """Kernel of a Reshape."""
    return lambda array: backend.reshape(array, node.shape)


def concatenate_kernel(backend: ArrayBackend, node: Concatenate) -> Callable[..., Any]:
    """Kernel of a Concatenate."""
    concat, astype, native = backend.namespace.concat, backend.namespace.astype, backend.native_dtype(node.dtype)
    if all(source.dtype == node.dtype for source in node.inputs):
        return lambda *arrays: concat(arrays, axis=node.axis)
    return lambda *arrays: concat([astype(array, native) for array in arrays], axis=node.axis)


def fill_kernel(backend: ArrayBackend, node: Fill) -> Callable[..., Any]:
    """Kernel of a Fill."""
    full, native = backend.namespace.full, backend.native_dtype(node.dtype)
    return lambda: full(node.shape, node.value, dtype=native)


def delta_kernel(backend: ArrayBackend, node: Delta) -> Callable[..., Any]:
    """Kernel of a Delta."""
    eye, native = backend.namespace.eye, backend.native_dtype(node.dtype)
    return lambda: eye(node.shape[0], dtype=native)


def generate_kernel(backend: ArrayBackend, node: Generate) -> Callable[..., Any]:
    """Kernel of a Generate: call the generator over the region."""
    return lambda: backend.from_numpy(generate(node))


def generate(node: Generate) -> np.ndarray[Any, DType]:
    """The elements of an on-demand tensor over its region, as a NumPy array.

    Raises
    ------
    GeneratorError
        If the function raises, or gives another shape.
    """
    try:
        array = np.asarray(node.generator.generate(node.region))
    except TensorlayerError:
        raise
    except Exception as error:
        raise GeneratorError(
            f"the function {node.generator!r} behind an on-demand tensor raised {type(error).__name__}: {error} "
            f"(asked for the region {node.region})"
        ) from error
    if array.shape != node.shape:
        raise GeneratorError(
            f"the function {node.generator!r} gave shape {array.shape} for the region {node.region}; "
            f"it must give {node.shape}, {math.prod(node.shape)} elements"
        )
    return array.astype(node.dtype, copy=False)
