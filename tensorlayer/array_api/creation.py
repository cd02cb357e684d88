"""New tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlayer.graph import Delta, Fill
from tensorlayer.language.construction import checked_shape
from tensorlayer.language.tensor import Tensor
from tensorlayer.language.value import Value

__all__ = [
    "arange",
    "asarray",
    "empty",
    "empty_like",
    "eye",
    "from_dlpack",
    "full",
    "full_like",
    "linspace",
    "ones",
    "ones_like",
    "zeros",
    "zeros_like",
]


def asarray(obj: Any, /, *, dtype: Any = None, device: str | None = None, copy: bool | None = None) -> Tensor:
    """A tensor of data; a tensor is returned as it is unless something must change.

    Raises
    ------
    ConversionError
        If no backend recognises the data, or a forbidden copy would be needed.
    """
    unchanged = dtype is None or (isinstance(obj, Tensor) and obj.dtype == np.dtype(dtype))
    if isinstance(obj, Tensor) and unchanged and device is None:
        return obj.copy() if copy else obj
    return Tensor(obj, dtype=dtype, device=device, copy=copy)


def from_dlpack(x: Any, /, *, device: str | None = None, copy: bool | None = None) -> Tensor:
    """A tensor around an array that speaks DLPack, sharing its memory where that is possible."""
    return Tensor(x if isinstance(x, Tensor) else np.from_dlpack(x), device=device, copy=copy)


def full(shape: int | tuple[int, ...], fill_value: complex, *, dtype: Any = None, device: str | None = None) -> Tensor:
    """A tensor with one value everywhere; `dtype` defaults to that of the value."""
    del device
    kind = np.result_type(fill_value) if dtype is None else np.dtype(dtype)
    return Tensor.from_value(Value.derived(Fill.of(checked_shape(shape), fill_value, kind)))


def zeros(shape: int | tuple[int, ...], *, dtype: Any = None, device: str | None = None) -> Tensor:
    """Zeros, float64 by default."""
    return full(shape, 0, dtype=dtype or np.float64, device=device)


def ones(shape: int | tuple[int, ...], *, dtype: Any = None, device: str | None = None) -> Tensor:
    """Ones, float64 by default."""
    return full(shape, 1, dtype=dtype or np.float64, device=device)


def empty(shape: int | tuple[int, ...], *, dtype: Any = None, device: str | None = None) -> Tensor:
    """A tensor whose elements do not matter (they are zero)."""
    return zeros(shape, dtype=dtype, device=device)


def full_like(x: Tensor, /, fill_value: complex, *, dtype: Any = None, device: str | None = None) -> Tensor:
    """As `full`, with the shape and element type of `x`."""
    return full(x.shape, fill_value, dtype=dtype or x.dtype, device=device)


def zeros_like(x: Tensor, /, *, dtype: Any = None, device: str | None = None) -> Tensor:
    """Zeros with the shape and element type of `x`."""
    return full_like(x, 0, dtype=dtype, device=device)


def ones_like(x: Tensor, /, *, dtype: Any = None, device: str | None = None) -> Tensor:
    """Ones with the shape and element type of `x`."""
    return full_like(x, 1, dtype=dtype, device=device)


def empty_like(x: Tensor, /, *, dtype: Any = None, device: str | None = None) -> Tensor:
    """A tensor like `x` whose elements do not matter."""
    return zeros_like(x, dtype=dtype, device=device)


def eye(
    n_rows: int, n_cols: int | None = None, /, *, k: int = 0, dtype: Any = None, device: str | None = None
) -> Tensor:
    """Ones on the k-th diagonal of a matrix, zeros elsewhere."""
    if (n_cols is None or n_cols == n_rows) and k == 0:
        return Tensor.from_value(Value.derived(Delta.of(n_rows, np.dtype(dtype or np.float64))))
    return Tensor(np.eye(n_rows, n_cols, k=k, dtype=dtype or np.float64), device=device)


def arange(
    start: float, /, stop: float | None = None, step: float = 1, *, dtype: Any = None, device: str | None = None
) -> Tensor:
    """Evenly spaced numbers in the half-open interval from `start` to `stop`."""
    first, last = (0, start) if stop is None else (start, stop)
    return Tensor(np.arange(first, last, step, dtype=dtype), device=device)


def linspace(
    start: complex,
    stop: complex,
    /,
    num: int,
    *,
    dtype: Any = None,
    device: str | None = None,
    endpoint: bool = True,
) -> Tensor:
    """`num` evenly spaced numbers from `start` to `stop`."""
    return Tensor(np.linspace(start, stop, num, dtype=dtype, endpoint=endpoint), device=device)
