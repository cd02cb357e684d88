"""Elements to compute with: every element type, special values, and every way an array can lie in memory."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tensorlayer.testing.case import Array

__all__ = ["DTYPES", "LAYOUTS", "sample", "special"]

#: Element types that the contract computes with.
DTYPES = (
    "bool",
    "int8",
    "int32",
    "int64",
    "uint8",
    "uint32",
    "uint64",
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
)

_REALS = (0.0, -0.0, 1.0, -1.0, 0.5, -1.5, 2.5, 3.0, -7.0, math.inf, -math.inf, math.nan)
_SPECIAL: dict[str, tuple[complex, ...]] = {
    "b": (False, True),
    "i": (0, 1, -1, 2, 3, -7, 127, -128),
    "u": (0, 1, 2, 3, 200, 255),
    "f": _REALS,
    "c": (0, 1, -1, 1j, 0.5 - 2j, -1.5 + 0.25j, 2.5 - 0.5j, 3 + 1j),
}


def special(dtype: str) -> Array:
    """The values of `dtype` at which functions differ most: limits, signs, infinities, NaN."""
    return np.array(_SPECIAL[np.dtype(dtype).kind], dtype)


def sample(shape: tuple[int, ...], dtype: str, seed: int = 0) -> Array:
    """Small numbers of `dtype`, the same for the same `seed`."""
    rng = np.random.default_rng((seed, len(shape)))
    kind = np.dtype(dtype).kind
    if kind == "b":
        values: Any = rng.random(shape) < 0.5
    elif kind in "iu":
        values = rng.integers(0 if kind == "u" else -5, 6, shape)
    else:
        values = rng.uniform(-2, 2, shape)
    if kind == "c":
        values = values + 1j * rng.uniform(-2, 2, shape)
    return np.asarray(values).astype(dtype)


def _read_only(array: Array) -> Array:
    copy = array.copy()
    copy.flags.writeable = False
    return copy


def _strided(array: Array) -> Array:
    wide = np.repeat(array, 2, axis=-1) if array.ndim else array
    return wide[..., ::2] if array.ndim else wide


def _unaligned(array: Array) -> Array:
    packed = np.zeros(array.shape, [("skip", "u1"), ("elements", array.dtype)])
    packed["elements"] = array
    elements: Array = packed["elements"]
    return elements


#: The same elements in another place or order in memory.
LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "row-major": np.ascontiguousarray,
    "column-major": np.asfortranarray,
    "strided": _strided,
    "backwards": lambda array: np.flip(np.flip(array).copy()),
    "broadcast": lambda array: np.broadcast_to(array[:1], array.shape) if array.ndim else array,
    "read-only": _read_only,
    "unaligned": _unaligned,
    "swapped bytes": lambda array: array.astype(array.dtype.newbyteorder("S")),
}
