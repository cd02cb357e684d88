"""Reductions of unlabelled tensors over axes, all recorded. Of expressions they go over all labels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tensorlayer.array_api.arguments import as_tensor
from tensorlayer.array_api.movement import astype
from tensorlayer.errors import DtypeError
from tensorlayer.language.elementwise import abs as absolute
from tensorlayer.language.elementwise import sqrt
from tensorlayer.language.reductions import reduction
from tensorlayer.language.tensor import Tensor

__all__ = ["all", "any", "count_nonzero", "max", "mean", "min", "prod", "std", "sum", "var"]

Axis = int | tuple[int, ...] | None


def all(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether all elements along the axes are true or not zero."""
    return _reduced("all", x, axis, keepdims)


def any(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether an element along the axes is true or not zero."""
    return _reduced("any", x, axis, keepdims)


def max(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Largest element along the axes, which may not be empty."""
    return _reduced("max", x, axis, keepdims)


def min(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Smallest element along the axes, which may not be empty."""
    return _reduced("min", x, axis, keepdims)


def mean(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Mean of the elements along the axes, which may not be empty."""
    return _reduced("mean", x, axis, keepdims)


def sum(x: Any, /, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
    """Sum of the elements along the axes, of type `dtype`; integers are added up in 64 bits by default."""
    return _accumulated("sum", x, axis, dtype, keepdims)


def prod(x: Any, /, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
    """Product of the elements along the axes, of type `dtype`; integers are multiplied in 64 bits by default."""
    return _accumulated("prod", x, axis, dtype, keepdims)


def _reduced(kind: str, x: Any, axis: Axis, keepdims: bool) -> Tensor:
    reduced: Tensor = reduction(kind, x, axis=axis, keepdims=keepdims)
    return reduced


def _accumulated(kind: str, x: Any, axis: Axis, dtype: Any, keepdims: bool) -> Tensor:
    if dtype is None:
        return _reduced(kind, x, axis, keepdims)
    # The second conversion makes narrow integers wrap as if they had been added up in their own type.
    return astype(_reduced(kind, astype(x, dtype), axis, keepdims), dtype)


def count_nonzero(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Number of elements along the axes that are not zero."""
    return sum(astype(x, np.bool), axis=axis, keepdims=keepdims)


def var(x: Any, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
    """Mean squared distance from the mean, over ``N - correction``.

    Raises
    ------
    DtypeError
        If `x` is Boolean.
    ShapeError
        If there is nothing along the axes, or no such axis.
    """
    tensor = as_tensor(x)
    if tensor.dtype.kind == "b":
        raise DtypeError("var and std need numbers, got bool: convert first, as by astype(x, float64)")
    middle = _reduced("mean", tensor, axis, keepdims=True)
    distance = tensor - middle
    if distance.dtype.kind == "c":
        distance = absolute(distance)
    total = _reduced("sum", distance * distance, axis, keepdims)
    count = math.prod(n for n, left in zip(tensor.shape, middle.shape, strict=True) if n != left)
    return total / float(count - correction)  # type: ignore[no-any-return]


def std(x: Any, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
    """Square root of the variance."""
    return sqrt(var(x, axis=axis, correction=correction, keepdims=keepdims))  # type: ignore[no-any-return]
