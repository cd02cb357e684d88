"""Memory for the arrays of a crossbar, from a backend's allocator."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from analog.kernels import Target, target_of
from tensorlayer.backend import Backend, get_backend
from tensorlayer.buffer import Allocator, Buffer
from tensorlayer.layout import PhysicalLayout

__all__ = ["Storage", "read_only"]

#: Bytes from which an array is worth a buffer, which knows what to say when memory is short.
SMALL = 1 << 20


@lru_cache(maxsize=1024)
def _layout(shape: tuple[int, ...], dtype: np.dtype[Any]) -> PhysicalLayout:
    """A description; making one costs more than a small array does."""
    return PhysicalLayout(shape, dtype)


def read_only(array: Any) -> Any:
    """A copy that is handed out, such that who writes to it hears that nothing would come of it; NumPy's arrays alone.

    Examples
    --------
    >>> read_only(np.zeros(2))[0] = 1.0
    Traceback (most recent call last):
        ...
    ValueError: assignment destination is read-only
    """
    if isinstance(array, np.ndarray):
        array.flags.writeable = False
    return array


@dataclass(frozen=True, eq=False)
class Storage:
    """Makes arrays by an allocator; kernels run where they are. Two are equal that make the same arrays.

    Parameters
    ----------
    allocator : Allocator
        Of local buffers, on the CPU or on a GPU.
    """

    allocator: Allocator

    def empty(self, shape: tuple[int, ...], dtype: DTypeLike = np.float32) -> Any:
        """An uninitialised native array."""
        if self.is_numpy and math.prod(shape) < SMALL // 8:
            return np.empty(shape, dtype)
        element = np.dtype(dtype)
        if math.prod(shape) * element.itemsize < SMALL:
            return self.allocator.backend.empty(shape, element, self.allocator.device)
        return self.allocator.allocate(_layout(shape, element)).unwrap()

    def full(self, shape: tuple[int, ...], value: float, dtype: DTypeLike = np.float32) -> Any:
        """A native array of one value."""
        array = self.empty(shape, dtype)
        array[...] = value
        return array

    def zeros(self, shape: tuple[int, ...], dtype: DTypeLike = np.float32) -> Any:
        """A native array of zeros."""
        return self.full(shape, 0, dtype)

    def take(self, array: Any) -> Any:
        """A native copy of a NumPy array, of the same element type."""
        if self.is_numpy:
            return np.array(array, order="C")
        return self.allocator.construct(get_backend("numpy").allocator().wrap(np.array(array, order="C"))).unwrap()

    def keep(self, array: Any) -> Any:
        """A native array of a NumPy array that nobody else has: on the CPU that itself."""
        return array if self.is_numpy else self.take(array)

    def give(self, array: Any) -> np.ndarray[Any, np.dtype[Any]]:
        """A native array as one of NumPy; on the CPU without a copy."""
        if isinstance(array, np.ndarray):
            return array
        numpy: np.ndarray[Any, np.dtype[Any]] = (
            get_backend("numpy").allocator().construct(self.allocator.wrap(array)).unwrap()
        )
        return numpy

    def buffer(self, array: Any) -> Buffer:
        """The array as a buffer, without a copy."""
        return self.allocator.wrap(array)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Storage) and self._place == other._place)

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Every product asks for it."""
        return hash(self._place)

    @cached_property
    def _place(self) -> tuple[Backend, str]:
        """Whose arrays they are, and on which device: every crossbar has an allocator of its own."""
        return self.allocator.backend, self.allocator.device

    @cached_property
    def is_numpy(self) -> bool:
        """Whether its arrays are NumPy's."""
        return isinstance(self._probe, np.ndarray)

    @cached_property
    def target(self) -> Target:
        """Where kernels on these arrays run."""
        return target_of(self._probe)

    @cached_property
    def _probe(self) -> Any:
        """An array as this memory has them."""
        return self.allocator.backend.empty((1,), np.dtype(np.float32), self.allocator.device)
