"""Memory for what lives no longer than one product: every thread has its own, used again and again."""

from __future__ import annotations

import math
import threading
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from analog.cell import Storage

__all__ = ["numbers_up_to", "scratch"]


class _Memory(threading.local):
    def __init__(self) -> None:
        self.arrays: dict[tuple[str, Storage], Any] = {}


_memory = _Memory()


def scratch(storage: Storage, name: str, shape: tuple[int, ...], dtype: DTypeLike = np.float32) -> Any:
    """An uninitialised array; the next call with that name on this thread takes it away.

    Parameters
    ----------
    storage : Storage
        Makes the memory.
    name : str
        What it is for: every name has one element type.
    shape : tuple of int
        Its shape.
    dtype : dtype, optional
        Its element type.
    """
    size = math.prod(shape)
    array = _memory.arrays.get((name, storage))
    if array is None or array.shape[0] < size:
        array = _memory.arrays[name, storage] = storage.empty((size,), dtype)
    return array[:size].reshape(shape)


@lru_cache(maxsize=64)
def numbers_up_to(storage: Storage, count: int) -> Any:
    """0, 1, ... below `count`."""
    return storage.take(np.arange(count, dtype=np.int64))
