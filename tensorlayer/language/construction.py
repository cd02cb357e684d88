"""Values from what users have: arrays, sequences, numbers, functions, buffers."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tensorlayer.backend import backend_of, get_backend
from tensorlayer.buffer import Buffer, IndexFunction
from tensorlayer.errors import ConversionError, DtypeError, ShapeError
from tensorlayer.graph import DType, Fill, Generate
from tensorlayer.language.evaluation import watch
from tensorlayer.language.protocols import ArrayProtocols
from tensorlayer.language.value import Value
from tensorlayer.options import current_options

__all__ = ["checked_dtype", "checked_shape", "make_value"]


def make_value(  # noqa: PLR0913  # the parameters of `tensor`
    data: Any = None,
    *,
    shape: Sequence[int] | None = None,
    dtype: Any = None,
    backend: str | None = None,
    device: str | None = None,
    copy: bool | None = None,
    symmetry: Any = None,
    sparsity: Any = None,
    name: str | None = None,
    **options: Any,
) -> Value:
    """The value that `tensorlayer.tensor` wraps; see there for the parameters."""
    extents = None if shape is None else checked_shape(shape)
    if data is None:
        value = _zeros(extents, checked_dtype(dtype))
    elif callable(data) and backend_of(data) is None and not isinstance(data, ArrayProtocols | Buffer):
        value = _on_demand(data, extents, checked_dtype(dtype))
    else:
        value = _of_data(data, checked_dtype(dtype) if dtype is not None else None, backend, device, copy, options)
    if extents is not None and value.shape != extents:
        raise ShapeError(f"the data have shape {value.shape}, not the shape {extents} that was given")
    _check_rank(value, symmetry, "symmetry")
    _check_rank(value, sparsity, "sparsity")
    value.symmetry, value.sparsity, value.name = symmetry, sparsity, name
    return value


def checked_shape(shape: Sequence[int] | int) -> tuple[int, ...]:
    """Extents as a tuple of integers.

    Raises
    ------
    ShapeError
        If an extent is no integer, or negative.
    """
    extents = (shape,) if isinstance(shape, int) else tuple(shape)
    try:
        result = tuple(operator.index(extent) for extent in extents)
    except TypeError:
        raise ShapeError(f"extents must be integers >= 0, got {extents}") from None
    if any(extent < 0 for extent in result):
        raise ShapeError(f"extents must be integers >= 0, got {extents}")
    return result


def checked_dtype(dtype: Any) -> DType:
    """The NumPy dtype that is meant; float64 for None.

    Raises
    ------
    DtypeError
        If it is none.
    """
    try:
        return np.dtype(np.float64 if dtype is None else dtype)
    except TypeError:
        raise DtypeError(f"{dtype!r} is no element type: use a NumPy dtype or its name, such as 'float64'") from None


def _check_rank(value: Value, description: Any, what: str) -> None:
    if description is not None and description.rank != len(value.shape):
        raise ShapeError(f"the {what} has rank {description.rank}, the tensor has shape {value.shape}")


def _zeros(shape: tuple[int, ...] | None, dtype: DType) -> Value:
    if shape is None:
        raise ShapeError("a tensor without data needs a shape, as in tensor(shape=(3, 4))")
    return Value.derived(Fill.of(shape, 0, dtype))


def _on_demand(function: Callable[..., Any], shape: tuple[int, ...] | None, dtype: DType) -> Value:
    if shape is None:
        raise ShapeError("an on-demand tensor needs a shape, as in tensor(lambda i, j: i + j, shape=(3, 4))")
    region = tuple((0, extent, 1) for extent in shape)
    return Value.derived(Generate.of(IndexFunction(function), region, dtype))


def _of_data(
    data: Any,
    dtype: DType | None,
    backend: str | None,
    device: str | None,
    copy: bool | None,
    options: dict[str, Any],
) -> Value:
    if isinstance(data, Buffer):
        return Value.held(data)
    if isinstance(data, ArrayProtocols):
        data = data.unwrap()
    source = backend_of(data)
    if source is not None and not source.holds(source.dtype_of(data)):
        raise DtypeError(f"backend {source.name!r} does not compute with elements of type {source.dtype_of(data)}")
    if source is None:
        if copy is False:
            raise ConversionError(f"copy=False: a {type(data).__name__} can only be copied into an array")
        data, source = _as_array(data), get_backend("numpy")
        backend = backend or current_options().backend
    if dtype is not None and source.dtype_of(data) != dtype:
        data, source = source.to_numpy(data).astype(dtype), get_backend("numpy")
    wanted = backend or source.name
    if wanted != source.name or device is not None or options or copy:
        target = get_backend(wanted)
        data = target.from_numpy(source.to_numpy(data), device or "cpu", copy=copy, **options)
    watch(wanted)
    return Value.given(data)


def _as_array(data: Any) -> np.ndarray[Any, Any]:
    try:
        array = np.asarray(data)
    except ValueError as error:
        raise ShapeError(f"a nested {type(data).__name__} is no array: {error}") from None
    if array.dtype.kind not in "biufc":
        raise ConversionError(
            f"no backend recognises {type(data).__module__}.{type(data).__qualname__}, and it does not make an array "
            f"of numbers (it makes {array.dtype}); give a NumPy, torch or dask array, a nested list, or a function"
        )
    return array
