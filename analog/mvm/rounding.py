"""Rounding as converters do it. Functions of numbers; kernels call them on every target."""

from __future__ import annotations

import numpy as np

__all__ = ["nearest", "nearest_or_next"]

#: Adding and taking it away leaves no room for fractions.
SHIFT = np.float32(1.5 * 2**23)
#: From here on the addition would cost whole numbers; nothing a converter distinguishes is that far.
LARGEST = np.float32(2**22)


def nearest(value: np.float32) -> np.float32:
    """The nearest whole number, of two the even one. (`round` and `rint` are no vector instructions everywhere.)"""
    rounded = (value + SHIFT) - SHIFT
    return rounded if abs(value) < LARGEST else value


def nearest_or_next(value: np.float32, uniform: np.float32) -> np.float32:
    """A whole number near by, whose mean is the value when `uniform` is uniform in (0, 1)."""
    return nearest(value + (uniform - np.float32(0.5)))
