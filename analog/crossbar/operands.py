"""Vectors and matrices of any library as what kernels take, and results back to where the vectors came from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from analog.cell import Storage
from analog.errors import NotFiniteError
from analog.mvm.finite import all_finite
from tensorlayer.backend import Backend, backend_of, get_backend
from tensorlayer.errors import ConversionError, DtypeError, ShapeError
from tensorlayer.language.tensor import Tensor, tensor

__all__ = ["Rows", "require_finite", "same_batch", "take_array", "take_rows"]

SINGLE = np.dtype(np.float32)


@dataclass(frozen=True)
class Rows:
    """Vectors as rows of a native array, and what they were before.

    Parameters
    ----------
    array : array
        (batch, extent), float32, C order, in the memory of the crossbar, all finite.
    leading : tuple of int
        The axes that were in front of the vectors'.
    source : Source
        Whose they were; None for rows in the memory of the crossbar, as layers give them.
    """

    array: Any
    leading: tuple[int, ...]
    source: Source | None = None

    def give_back(self, result: Any, storage: Storage) -> Any:
        """Rows of results as the vectors were: the same library, device and leading axes."""
        if self.source is None:
            return result
        return self.source.like(result.reshape(*self.leading, result.shape[-1]), storage)


@dataclass(frozen=True)
class Source:
    """Elements of some library, and whether a `Tensor` held them."""

    array: Any
    backend: Backend
    is_tensor: bool = False

    def like(self, array: Any, storage: Storage) -> Any:
        """A native array of the crossbar as one of that library, on the device of the elements."""
        own = storage.allocator.backend
        if self.backend is not own:
            array = self.backend.adopt(array, own, self.backend.device_of(self.array))
        return tensor(array) if self.is_tensor else array


def take_rows(value: Any, extent: int, storage: Storage, name: str, *, check: bool = True) -> Rows:
    """Vectors along the last axis.

    Parameters
    ----------
    value : array, Tensor or nested sequence
        (..., extent) real numbers.
    extent : int
        What the last axis must have.
    storage : Storage
        Memory of the crossbar.
    name : str
        What the vectors are called in messages.
    check : bool, optional
        Whether elements that are not finite are looked for; peripheries do so themselves.

    Raises
    ------
    ShapeError
        If the last axis is not as long.
    DtypeError
        If the elements are no real numbers.
    NotFiniteError
        If one is NaN or infinite.
    ConversionError
        If no backend recognises the array.
    """
    if _is_ready(value, extent) and storage.is_numpy:
        if check:
            require_finite(value, name)
        return Rows(value, (value.shape[0],))
    source = _source(value, name)
    shape = source.backend.shape_of(source.array)
    if not shape or shape[-1] != extent:
        raise ShapeError(f"{name} is {list(shape)}: its last axis must have {extent} elements")
    array = _native(source, storage, name)
    if check:
        require_finite(array, name)
    return Rows(array.reshape(math.prod(shape[:-1]), extent), shape[:-1], source)


def take_array(value: Any, shape: tuple[int, ...], storage: Storage, name: str) -> Any:
    """Elements of that shape as a native float32 array of the crossbar; raises as `take_rows` does."""
    source = _source(value, name)
    given = source.backend.shape_of(source.array)
    if given != shape:
        raise ShapeError(f"{name} is {list(given)}: this crossbar takes {list(shape)}")
    array = _native(source, storage, name)
    require_finite(array, name)
    return array


def same_batch(x: Rows, d: Rows) -> None:
    """Refuse inputs and errors of different batches."""
    if x.leading != d.leading:
        raise ShapeError(
            f"x has the leading axes {list(x.leading)}, d {list(d.leading)}: an update takes pairs of vectors"
        )


def _source(value: Any, name: str) -> Source:
    if isinstance(value, Tensor):
        buffer = value.buffer
        return Source(buffer.unwrap(), buffer.backend, is_tensor=True)
    backend = backend_of(value)
    if backend is not None:
        return Source(value, backend)
    if not isinstance(value, list | tuple | int | float):
        raise ConversionError(f"{name} is {type(value).__name__}: give an array, a tensor, or nested lists of numbers")
    try:
        return Source(np.asarray(value), get_backend("numpy"))
    except ValueError as error:
        raise ShapeError(f"{name} is ragged: {error}") from None


def _native(source: Source, storage: Storage, name: str) -> Any:
    """The elements in float32, C order and the memory of the crossbar."""
    own = storage.allocator.backend
    dtype = source.backend.dtype_of(source.array)
    if dtype.kind not in "biuf":
        raise DtypeError(f"{name} holds {dtype}: a crossbar takes real numbers")
    array = own.adopt(source.array, source.backend, storage.allocator.device)
    # A read-only array would be another type to the compiler of kernels, and every kernel be compiled for it again.
    writeable = getattr(getattr(array, "flags", None), "writeable", True)
    if own.dtype_of(array) != np.float32 or own.order_of(array) != "C" or not writeable:
        fresh = storage.empty(own.shape_of(array))
        with np.errstate(over="ignore"):
            fresh[...] = array
        array = fresh
    return array


def _is_ready(value: Any, extent: int) -> bool:
    """Whether these are rows of NumPy as kernels take them; found out without asking backends, which takes longer."""
    if type(value) is not np.ndarray or value.ndim != 2 or value.shape[1] != extent or value.dtype != SINGLE:
        return False
    flags = value.flags
    return bool(flags.c_contiguous and flags.writeable and flags.aligned)


def require_finite(array: Any, name: str) -> None:
    """Refuse a native array with elements that are NaN or infinite."""
    if not all_finite(array):
        raise NotFiniteError(f"{name} has NaN or infinite elements, or some too large for float32")
