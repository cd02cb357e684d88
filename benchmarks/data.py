"""Numbers to compute with."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["uniform"]


def uniform(*shapes: tuple[int, ...], dtype: str = "float64") -> list[np.ndarray[Any, np.dtype[Any]]]:
    """Arrays of numbers between 0.5 and 1.5, the same at every call."""
    rng = np.random.default_rng(2)
    return [rng.uniform(0.5, 1.5, shape).astype(dtype) for shape in shapes]
