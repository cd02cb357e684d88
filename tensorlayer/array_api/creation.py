"""New tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlayer.array_api.movement import astype
from tensorlayer.backend import backend_of
from tensorlayer.errors import ConversionError, DtypeError
from tensorlayer.graph import Delta, Fill, Node
from tensorlayer.language.construction import checked_dtype, checked_shape
from tensorlayer.language.tensor import Tensor
from tensorlayer.options import current_options
from tensorlayer.scalar import NUMBERS

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
    "placed",
    "zeros",
    "zeros_like",
]


def placed(array: np.ndarray[Any, Any], device: str | None) -> Tensor:
    """A tensor of new elements, held by the default backend."""
    return Tensor(array, backend=current_options().backend, device=device)


def _made(node: Node, device: str | None) -> Tensor:
    tensor = Tensor.from_node(node)
    return tensor if device is None else tensor.to_device(device)


def asarray(obj: Any, /, *, dtype: Any = None, device: str | None = None, copy: bool | None = None) -> Tensor:
    """A tensor of data; a tensor is returned as it is unless something must change.

    Parameters
    ----------
    obj : tensor, array, nested sequence or number
        The elements.
    dtype : dtype, optional
        Element type; that of the data when left out.
    device : str, optional
        Where the elements are held; where they are when left out.
    copy : bool, optional
        True gives a new handle, which assignments to the old one do not reach; False refuses to copy.

    Raises
    ------
    ConversionError
        If no backend recognises the data, or a forbidden copy would be needed.
    """
    if not isinstance(obj, Tensor):
        return Tensor(obj, dtype=dtype, device=device, copy=copy)
    changes = (dtype is not None and obj.dtype != checked_dtype(dtype)) or (device is not None and device != obj.device)
    if changes and copy is False:
        raise ConversionError(f"copy=False, but {obj.dtype} on {obj.device} must change to {dtype} on {device}")
    if changes:
        return astype(obj, obj.dtype if dtype is None else dtype, device=device)
    return obj.copy() if copy else obj


def from_dlpack(x: Any, /, *, device: str | None = None, copy: bool | None = None) -> Tensor:
    """A tensor around an array that speaks DLPack, sharing its memory where that is possible.

    Raises
    ------
    ConversionError
        If it does not, or a forbidden copy would be needed.
    """
    if isinstance(x, Tensor):
        return asarray(x, device=device, copy=copy)
    if backend_of(x) is None:
        if not hasattr(x, "__dlpack__"):
            raise ConversionError(f"from_dlpack: a {type(x).__name__} does not speak DLPack; use asarray")
        x = np.from_dlpack(x)
    return Tensor(x, device=device, copy=copy)


def full(shape: int | tuple[int, ...], fill_value: complex, *, dtype: Any = None, device: str | None = None) -> Tensor:
    """A tensor with one value everywhere.

    Parameters
    ----------
    shape : int or tuple of int
        Extents.
    fill_value : number
        The value.
    dtype : dtype, optional
        Element type; that of the value when left out.
    device : str, optional
        Where the elements are held; decided by what they are used with when left out.

    Raises
    ------
    ShapeError
        If an extent is no integer >= 0.
    DtypeError
        If the type cannot hold the value.
    """
    if not isinstance(fill_value, NUMBERS):
        raise DtypeError(f"full: the value must be a number, got {fill_value!r}")
    kind = np.result_type(fill_value) if dtype is None else checked_dtype(dtype)
    try:
        if np.asarray(fill_value).dtype.kind == "c" and kind.kind != "c":
            raise TypeError("it is complex")  # noqa: TRY301  # NumPy only warns
        kind.type(fill_value)
    except (OverflowError, TypeError, ValueError) as error:
        raise DtypeError(f"full: {kind} cannot hold {fill_value!r}: {error}") from None
    return _made(Fill.of(checked_shape(shape), fill_value, kind), device)


def zeros(shape: int | tuple[int, ...], *, dtype: Any = None, device: str | None = None) -> Tensor:
    """Zeros, float64 by default."""
    return full(shape, 0, dtype=np.float64 if dtype is None else dtype, device=device)


def ones(shape: int | tuple[int, ...], *, dtype: Any = None, device: str | None = None) -> Tensor:
    """Ones, float64 by default."""
    return full(shape, 1, dtype=np.float64 if dtype is None else dtype, device=device)


def empty(shape: int | tuple[int, ...], *, dtype: Any = None, device: str | None = None) -> Tensor:
    """A tensor whose elements do not matter (they are zero)."""
    return zeros(shape, dtype=dtype, device=device)


def full_like(x: Tensor, /, fill_value: complex, *, dtype: Any = None, device: str | None = None) -> Tensor:
    """As `full`, with the shape, element type and place of `x`."""
    tensor = full(x.shape, fill_value, dtype=x.dtype if dtype is None else dtype)
    backend, held = x.place
    return tensor.to(backend, held if device is None else device)


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
    """Ones on the k-th diagonal of a matrix, zeros elsewhere; float64 by default."""
    kind = checked_dtype(dtype)
    rows, columns = checked_shape((n_rows, n_rows if n_cols is None else n_cols))
    if rows == columns and k == 0:
        return _made(Delta.of(rows, kind), device)
    return placed(np.eye(rows, columns, k=k, dtype=kind), device)


def arange(
    start: float, /, stop: float | None = None, step: float = 1, *, dtype: Any = None, device: str | None = None
) -> Tensor:
    """Evenly spaced numbers in the half-open interval from `start` (0 if only one is given) to `stop`."""
    first, last = (0, start) if stop is None else (start, stop)
    return placed(np.arange(first, last, step, dtype=None if dtype is None else checked_dtype(dtype)), device)


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
    """`num` evenly spaced numbers from `start` to `stop`, which `endpoint` includes."""
    kind = None if dtype is None else checked_dtype(dtype)
    return placed(np.linspace(start, stop, num, dtype=kind, endpoint=endpoint), device)
