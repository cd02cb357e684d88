"""From random words to numbers. Functions of numbers in plain Python; kernels call them on every target."""

from __future__ import annotations

import math

import numpy as np

__all__ = ["normal_pair", "uniform"]


def uniform(word: np.uint32) -> np.float32:
    """A uniform number in (0, 1): the middle of one of 2**24 equal intervals."""
    return np.float32(np.float32(word >> np.uint32(8)) + np.float32(0.5)) * np.float32(2.0**-24)


def normal_pair(first: np.uint32, second: np.uint32) -> tuple[np.float32, np.float32]:
    """Two independent standard normal numbers (Box and Muller, Ann. Math. Stat. 29, 1958)."""
    radius = np.float32(math.sqrt(-2.0 * math.log((float(first) + 0.5) * 2.0**-32)))
    angle = float(second) * (2.0 * math.pi * 2.0**-32)
    return radius * np.float32(math.cos(angle)), radius * np.float32(math.sin(angle))
