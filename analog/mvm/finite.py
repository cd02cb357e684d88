"""Whether all elements of an array are numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

__all__ = ["all_finite"]


def all_finite(array: Any) -> bool:
    """Whether no element is NaN or infinite.

    Parameters
    ----------
    array : array
        Native, of floats.
    """
    # One pass without memory of its own: a sum of squares that is finite has finite terms.
    if isinstance(array, np.ndarray) and math.isfinite(float(np.vdot(array, array))):
        return True
    return 0 in array.shape or float(abs(array).max()) < math.inf
