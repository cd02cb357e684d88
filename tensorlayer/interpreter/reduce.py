"""Reduce on any array namespace."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tensorlayer.graph import DType, Reduce

if TYPE_CHECKING:
    from tensorlayer.backend.array import ArrayBackend

__all__ = ["reduce_kernel", "reducer"]


def reduce_kernel(backend: ArrayBackend, node: Reduce) -> Callable[..., Any]:
    """Kernel of a Reduce."""
    return reducer(backend, node.kind, node.axes, node.dtype)


def reducer(backend: ArrayBackend, kind: str, axes: tuple[int, ...], dtype: DType) -> Callable[[Any], Any]:
    """A function that folds `axes` and gives elements of `dtype`."""
    fold = getattr(backend.namespace, kind)
    if not axes:
        return backend.caster(dtype)
    if kind in ("sum", "prod"):
        native = backend.native_dtype(dtype)
        return lambda array: fold(array, axis=axes, dtype=native)
    return lambda array: fold(array, axis=axes)
