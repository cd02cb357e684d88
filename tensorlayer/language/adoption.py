"""Values around data that exist: arrays of every library, nested sequences, numbers, buffers, tensors."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import numpy as np

from tensorlayer.backend import Backend, backend_of, get_backend
from tensorlayer.buffer import Buffer
from tensorlayer.errors import ConversionError, DtypeError, OptionError, ShapeError
from tensorlayer.graph import DType, Map
from tensorlayer.language.evaluation import compute
from tensorlayer.language.protocols import ArrayProtocols
from tensorlayer.language.recording import watch
from tensorlayer.language.value import Value
from tensorlayer.options import current_options
from tensorlayer.scalar import argument
from tensorlayer.suggestion import did_you_mean

__all__ = ["of_data", "refuse_options"]

#: Arrays whose elements are not all that they say; by name, because `numpy.ma` is loaded by those who use it.
_PECULIAR = {
    "MaskedArray": "its mask would be lost: fill it first, as by array.filled(0), and keep the mask as a tensor",
    "matrix": "its * is a matrix product: use np.asarray(matrix)",
}


def of_data(
    data: Any,
    dtype: DType | None,
    backend: str | None,
    device: str | None,
    copy: bool | None,
    options: dict[str, Any],
) -> Value:
    """The value around `data`; see `tensorlayer.tensor` for the parameters."""
    if isinstance(data, Buffer) and all(x is None for x in (dtype, backend, device, copy)) and not options:
        return Value.held(data)
    if isinstance(data, Buffer | ArrayProtocols):
        data = data.unwrap()
    source = backend_of(data)
    if source is None:
        if copy is False:
            raise ConversionError(f"copy=False: a {type(data).__name__} can only be copied into an array")
        data, source = _as_array(data), get_backend("numpy")
        backend = backend or current_options().backend
    held = source.dtype_of(data)
    if not source.holds(held):
        raise DtypeError(f"backend {source.name!r} does not compute with elements of type {held}")
    if dtype is not None and held != dtype:
        data = _cast(data, held, dtype, copy)
    data = _moved(data, source, backend or source.name, device, copy, options)
    watch(backend or source.name)
    # Backends that share an array type are told apart by what was asked for.
    return Value.given(data, backend=get_backend(backend or source.name))


def refuse_options(options: Iterable[str], what: str, known: Iterable[str] = ()) -> None:
    """Complain about options that nobody reads.

    Raises
    ------
    OptionError
        If there are any beside `known`.
    """
    if unknown := sorted(set(options).difference(known)):
        named = ", ".join(f"{name}{did_you_mean(name, known)}" for name in unknown)
        raise OptionError(f"{what} takes no option {named}; its options are: {', '.join(sorted(known)) or 'none'}")


def _cast(data: Any, held: DType, dtype: DType, copy: bool | None) -> Any:
    if copy is False:
        raise ConversionError(f"copy=False, but elements of type {held} must be copied to become {dtype}")
    if held.kind == "c" and dtype.kind not in "cb":
        raise DtypeError(f"elements of type {held} do not fit {dtype}: take real, imag or abs of them first")
    value = Value.given(data)
    node = value.as_input(value)
    cast = Value.derived(Map.of([node], [tuple(range(node.ndim))], node.shape, ("astype", argument(0), dtype.name)))
    compute([cast])
    return cast.native


def _moved(
    data: Any, source: Backend, backend: str, device: str | None, copy: bool | None, options: dict[str, Any]
) -> Any:
    if backend == source.name and device is None and not options and not copy:
        return data
    target = get_backend(backend)
    device = device or (source.device_of(data) if target is source else target.device)
    if not options:
        return target.adopt(data, source, device, copy=copy)
    known = set(inspect.signature(target.from_numpy).parameters) - {"array", "device", "copy"}
    refuse_options(options, f"backend {backend!r}", known)
    return target.from_numpy(source.to_numpy(data), device, copy=copy, **options)


def _as_array(data: Any) -> np.ndarray[Any, Any]:
    for kind in type(data).__mro__:
        if isinstance(data, np.ndarray) and (advice := _PECULIAR.get(kind.__name__)):
            raise ConversionError(f"a {type(data).__name__} is not taken for an array: {advice}")
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
