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
        #: By name: whose memory it is, all of it, and the array that was given last.
        self.arrays: dict[str, tuple[Storage, Any, Any]] = {}


_memory = _Memory()
_nothing = None, None, None


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
    owner, memory, array = _memory.arrays.get(name, _nothing)
    if owner is not storage and owner != storage:
        memory = array = None
    if array is not None and array.shape == shape:
        return array
    size = math.prod(shape)
    if memory is None or memory.shape[0] < size:
        memory = storage.empty((size,), dtype)
    array = memory[:size].reshape(shape)
    _memory.arrays[name] = storage, memory, array
    return array


@lru_cache(maxsize=64)
def numbers_up_to(storage: Storage, count: int) -> Any:
    """0, 1, ... below `count`."""
    return storage.take(np.arange(count, dtype=np.int64))
