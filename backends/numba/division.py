"""Division with remainder of real numbers as NumPy defines it. Imported by generated kernels only: imports numba."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

__all__ = ["floor_divide", "remainder"]


@njit(error_model="numpy")
def floor_divide(x: Any, y: Any) -> Any:
    """The largest whole number that is at most x / y."""
    if y == 0:
        return x / y
    rest = np.fmod(x, y)
    quotient = (x - rest) / y
    if rest != 0 and (y < 0) != (rest < 0):
        quotient -= 1
    if quotient == 0:
        return np.copysign(quotient, x / y)
    whole = np.floor(quotient)
    return whole + 1 if quotient - whole > 0.5 else whole


@njit(error_model="numpy")
def remainder(x: Any, y: Any) -> Any:
    """What that division leaves; it has the sign of y."""
    rest = np.fmod(x, y)
    if y == 0:
        return rest
    if rest == 0:
        return np.copysign(rest, y)
    return rest + y if (y < 0) != (rest < 0) else rest
