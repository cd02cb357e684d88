"""Whether all elements of an array are numbers."""

from __future__ import annotations

import math
from typing import Any, NoReturn

import numpy as np

from analog.cell import Storage
from analog.errors import NotFiniteError
from tensorlayer.backend import get_backend

__all__ = ["all_finite", "refuse"]


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


def refuse(x: Any, storage: Storage) -> NoReturn:
    """Say where the first element of some vectors is that is no number.

    Raises
    ------
    NotFiniteError
        Always.
    """
    here = get_backend("numpy").allocator().construct(storage.buffer(x)).unwrap()
    rows, columns = np.nonzero(~np.isfinite(here))
    raise NotFiniteError(
        f"element {rows[0]}, {columns[0]} of the vectors is {here[rows[0], columns[0]]}; {rows.size} of {here.size} "
        "are NaN or infinite in float32, which holds up to 3.4e38, and a converter takes numbers only"
    )
