"""Values from what users have: arrays, sequences, numbers, functions, buffers."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tensorlayer.backend import backend_of, get_backend
from tensorlayer.buffer import Buffer, IndexFunction
from tensorlayer.errors import DtypeError, LayoutError, ShapeError
from tensorlayer.graph import Convert, DType, Fill, Generate, Node
from tensorlayer.language.adoption import of_data, refuse_options
from tensorlayer.language.protocols import ArrayProtocols
from tensorlayer.language.value import Value
from tensorlayer.options import current_options
from tensorlayer.sparsity import Sparsity
from tensorlayer.symmetry import Symmetry

__all__ = ["checked_dtype", "checked_shape", "held_by", "make_value"]


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
    kind = None if dtype is None else checked_dtype(dtype)
    if data is None and not options:
        value = _made(_zeros(extents, kind), backend, device)
    elif callable(data) and backend_of(data) is None and not isinstance(data, ArrayProtocols | Buffer):
        refuse_options(options, "a function")
        value = _made(_on_demand(data, extents, kind), backend, device)
    else:
        data = np.zeros(_needed(extents), kind) if data is None else data
        value = of_data(data, kind, backend, device, copy, options)
    if extents is not None and value.shape != extents:
        raise ShapeError(f"the data have shape {value.shape}, not the shape {extents} that was given")
    _check_fits(value, symmetry, Symmetry)
    _check_fits(value, sparsity, Sparsity)
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
        found = np.dtype(np.float64 if dtype is None else dtype)
    except TypeError:
        found = np.dtype(object)
    if found.kind not in "biufc":
        raise DtypeError(f"{dtype!r} is no type of numbers: use a NumPy dtype or its name, such as 'float64'")
    return found


def _check_fits(value: Value, description: Any, kind: type[Symmetry | Sparsity]) -> None:
    if description is None:
        return
    what = kind.__name__
    if not isinstance(description, kind):
        raise LayoutError(f"the {what.lower()} must be made by tensorlayer.{what} or its kin, got {description!r}")
    if description.rank != len(value.shape):
        raise ShapeError(f"the {what.lower()} has rank {description.rank}, the tensor has shape {value.shape}")
    description.require_extents(value.shape)


def _needed(shape: tuple[int, ...] | None) -> tuple[int, ...]:
    if shape is None:
        raise ShapeError("a tensor without data needs a shape, as in tensor(shape=(3, 4))")
    return shape


def _zeros(shape: tuple[int, ...] | None, dtype: DType | None) -> Node:
    return Fill.of(_needed(shape), 0, checked_dtype(dtype))


def _on_demand(function: Callable[..., Any], shape: tuple[int, ...] | None, dtype: DType | None) -> Node:
    if shape is None:
        raise ShapeError("an on-demand tensor needs a shape, as in tensor(lambda i, j: i + j, shape=(3, 4))")
    _require_arguments(function, len(shape))
    region = tuple((0, extent, 1) for extent in shape)
    return Generate.of(IndexFunction(function), region, checked_dtype(dtype))


def _require_arguments(function: Callable[..., Any], rank: int) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # NumPy's functions do not say what they take
        return
    try:
        signature.bind(*range(rank))
    except TypeError as error:
        raise ShapeError(
            f"the function {getattr(function, '__name__', function)}{signature} gets one index array for each of the "
            f"{rank} modes: {error}"
        ) from None


def _made(node: Node, backend: str | None, device: str | None) -> Value:
    """A value that is made from nothing, where it was asked for."""
    if backend is None and device is None:
        return Value.derived(node)
    return Value.derived(held_by(node, backend or current_options().backend or "numpy", device))


def held_by(node: Node, backend: str, device: str | None) -> Node:
    """The same elements on a device of a backend, its first when left out.

    Raises
    ------
    BackendNotFoundError, BackendError, ConversionError
        If there is no such backend or device: now, not when the elements are computed.
    """
    if device is None:
        device = get_backend(backend).device
    else:
        get_backend(backend).require_device(device)
    return Convert.of(node, (backend, device))
