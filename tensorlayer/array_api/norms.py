"""Norms of vectors and matrices, recorded."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from tensorlayer.array_api import statistics
from tensorlayer.array_api.movement import astype, expand_dims
from tensorlayer.errors import ShapeError
from tensorlayer.language import elementwise, linalg
from tensorlayer.language.operand import as_node
from tensorlayer.language.tensor import Tensor

__all__ = ["matrix_norm", "vector_norm"]

Axis = int | tuple[int, ...] | None


def vector_norm(x: Any, /, *, axis: Axis = None, keepdims: bool = False, ord: float = 2) -> Tensor:
    """The norm ``sum(abs(x)**ord)**(1/ord)`` over the axes, as if they were one.

    Parameters
    ----------
    x : tensor or array
        Real or complex; integers become float64.
    axis : int or tuple of int, optional
        All axes when left out.
    keepdims : bool
        Whether the axes stay with extent one.
    ord : float
        ``inf`` is the largest absolute value, ``-inf`` the smallest, 0 counts the elements that are not zero.

    Raises
    ------
    ShapeError
        If there is no such axis, or a largest or smallest element of nothing is asked for.
    """
    options: dict[str, Any] = {"axis": axis, "keepdims": keepdims}
    size = _size(x)
    if ord == math.inf:
        return statistics.max(size, **options)
    if ord == -math.inf:
        return statistics.min(size, **options)
    if ord == 0:
        return astype(statistics.count_nonzero(size, **options), size.dtype)
    if ord == 1:
        return statistics.sum(size, **options)
    if ord == 2:
        return elementwise.sqrt(statistics.sum(elementwise.square(size), **options))  # type: ignore[no-any-return]
    return statistics.sum(size**ord, **options) ** (1 / ord)  # type: ignore[no-any-return]


def _size(x: Any) -> Tensor:
    kind = as_node(x).dtype.kind
    return elementwise.abs(astype(x, "float64") if kind in "biu" else x)  # type: ignore[no-any-return]


_OF_SINGULAR_VALUES: dict[Any, Callable[..., Tensor]] = {
    2: statistics.max,
    -2: statistics.min,
    "nuc": statistics.sum,
}
#: The axis that is summed, and how the sums become one number.
_OF_SUMS: dict[Any, tuple[int, Callable[..., Tensor]]] = {
    1: (-2, statistics.max),
    -1: (-2, statistics.min),
    math.inf: (-1, statistics.max),
    -math.inf: (-1, statistics.min),
}


def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: float | str | None = "fro") -> Tensor:
    """A norm of matrices.

    Parameters
    ----------
    x : tensor, shape (..., m, n)
        Real or complex matrices; integers become float64.
    keepdims : bool
        Whether the last two modes stay with extent one.
    ord : {"fro", "nuc", 1, -1, 2, -2, inf, -inf}
        Frobenius (the default, also None), sum of singular values, largest and smallest sum of a column,
        largest and smallest singular value, largest and smallest sum of a row.

    Raises
    ------
    ShapeError
        If `x` has rank below 2, or there is no such norm.
    """
    if as_node(x).ndim < 2:
        raise ShapeError(f"matrix_norm needs matrices, got shape {as_node(x).shape}")
    if ord in ("fro", None):
        return vector_norm(x, axis=(-2, -1), keepdims=keepdims)
    if ord in _OF_SINGULAR_VALUES:
        result = _OF_SINGULAR_VALUES[ord](linalg.svd(x).S, axis=-1)
        return expand_dims(expand_dims(result, axis=-1), axis=-1) if keepdims else result
    if ord not in _OF_SUMS:
        known = ", ".join(map(repr, ("fro", *_OF_SINGULAR_VALUES, *_OF_SUMS)))
        raise ShapeError(f"matrix_norm: ord must be one of {known}, got {ord!r}")
    axis, fold = _OF_SUMS[ord]
    return fold(statistics.sum(_size(x), axis=axis, keepdims=True), axis=(-2, -1), keepdims=keepdims)
