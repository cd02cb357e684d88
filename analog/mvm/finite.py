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
        # One pass without memory of its own: a sum that is finite has finite terms.
        with np.errstate(invalid="ignore", over="ignore"):
            if math.isfinite(float(np.add.reduce(array, axis=None))):
                return True
    return 0 in array.shape or float(abs(array).max()) < math.inf
