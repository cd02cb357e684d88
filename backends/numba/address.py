"""Where arrays lie in memory."""

from __future__ import annotations

from ctypes import c_size_t
from typing import Any

import numpy as np

__all__ = ["address_of"]


def address_of(array: np.ndarray[Any, Any]) -> int:
    """Where the first element lies.

    NumPy's structure of an array begins with it, behind Python's header: part of the binary interface that compiled
    extensions rely on (`PyArrayObject_fields`). `__array_interface__` would make a dictionary for it, which takes a
    microsecond, and six when nothing is in the caches.
    """
    place: int = c_size_t.from_address(id(array) + object.__basicsize__).value
    return place
