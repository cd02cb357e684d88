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
    if isinstance(array, np.ndarray):
        # Both extremes take no memory, and are NaN where an element is.
        return array.size == 0 or (math.isfinite(array.max()) and math.isfinite(array.min()))
    return 0 in array.shape or float(abs(array).max()) < math.inf
