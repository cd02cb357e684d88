"""Arrays of half precision in kernels: compilers for the CPU know no such numbers, so kernels get their words."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace

from analog.kernels.bits import bits_of_float32, float32_of_bits

__all__ = ["as_words", "widened"]

#: What the exponent of a float32 has more than that of a half.
SCALE = np.float32(2.0**112)
HALF = np.dtype(np.float16)
SIGN, SIZE = np.uint32(0x8000), np.uint32(0x7FFF)


def as_words(array: Any) -> Any:
    """An array of float16 as its words, without a copy; any other array as it is."""
    if isinstance(array, np.ndarray):
        return array.view(np.uint16) if array.dtype == HALF else array
    if not str(array.dtype).endswith("float16"):
        return array
    return array.view(array_namespace(array).uint16)


def widened(value: Any) -> np.float32:
    """A float32 from one, or from the word of a finite half, exactly."""
    if isinstance(value, np.uint16):
        word = np.uint32(value)
        size = float32_of_bits(np.uint32((word & SIZE) << np.uint32(13))) * SCALE
        return float32_of_bits(np.uint32(bits_of_float32(size) | np.uint32((word & SIGN) << np.uint32(16))))
    return np.float32(value)
