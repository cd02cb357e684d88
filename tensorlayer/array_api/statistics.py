"""Variance and standard deviation."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlayer.language.elementwise import sqrt
from tensorlayer.language.reductions import reduction
from tensorlayer.language.tensor import Tensor

__all__ = ["std", "var"]


def var(
    x: Any, /, *, axis: int | tuple[int, ...] | None = None, correction: float = 0.0, keepdims: bool = False
) -> Tensor:
    """Mean squared deviation from the mean, over ``N - correction``."""
    tensor = x if isinstance(x, Tensor) else Tensor(x)
    deviation = tensor - reduction("mean", tensor, axis=axis, keepdims=True)
    total = reduction("sum", deviation * deviation, axis=axis, keepdims=keepdims)
    axes = range(tensor.ndim) if axis is None else ((axis,) if isinstance(axis, int) else axis)
    count = int(np.prod([tensor.shape[a] for a in axes], dtype=object)) if tensor.ndim else 1
    return total / (count - correction)  # type: ignore[no-any-return]


def std(
    x: Any, /, *, axis: int | tuple[int, ...] | None = None, correction: float = 0.0, keepdims: bool = False
) -> Tensor:
    """Square root of the variance."""
    return sqrt(var(x, axis=axis, correction=correction, keepdims=keepdims))  # type: ignore[no-any-return]
