"""A backend for any library with a namespace of the array API standard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from tensorlayer.backend.abstract import Backend, Rule
from tensorlayer.errors import DtypeError
from tensorlayer.graph import DType, Einsum, Fused, Linalg, Map, Node
from tensorlayer.interpreter import VOCABULARY, function_calls
from tensorlayer.shape import Block

__all__ = ["ArrayBackend"]


class ArrayBackend(Backend):
    """Runs every operation through ``self.namespace``; a subclass replaces what its library does better."""

    vocabulary: ClassVar[Mapping[type[Node], Rule]] = VOCABULARY

    @cached_property
    def namespace(self) -> Any:
        """The library's namespace of the array API standard."""
        return self.load()

    def native_dtype(self, dtype: DType) -> Any:
        """The library's spelling of a NumPy dtype.

        Raises
        ------
        DtypeError
            If the library has no such element type.
        """
        native = getattr(self.namespace, dtype.name, None)
        if native is None:
            raise DtypeError(f"backend {self.name!r} has no element type {dtype}; convert first, as to float32")
        return native

    def dtype_of(self, array: Any) -> DType:
        """Element type of a native array, as a NumPy dtype."""
        return np.dtype(str(array.dtype).rpartition(".")[2])

    def from_numpy(self, array: np.ndarray[Any, Any], device: str = "cpu", *, copy: bool | None = None) -> Any:
        """A native array with these elements, through the standard's ``asarray``."""
        native = self.native_dtype(array.dtype)
        return self.namespace.asarray(array, dtype=native, copy=copy, **self.at(device).placement)

    def to_numpy(self, array: Any) -> np.ndarray[Any, Any]:
        """The elements as a NumPy array, through DLPack where NumPy cannot read the library's arrays."""
        return np.asarray(array) if hasattr(array, "__array__") else np.from_dlpack(array)

    def adopt(self, array: Any, giver: Backend, device: str = "cpu", *, copy: bool | None = None) -> Any:
        """Take over a native array of `giver`; see `Backend.adopt`.

        Elements that are on the device already never pass through the host: DLPack hands them over, and makes
        this library's stream wait for what the other's has still to do.
        """
        if giver is self or device == "cpu" or giver.device_of(array) != device:
            return super().adopt(array, giver, device, copy=copy)
        shared = self.namespace.from_dlpack(giver.exportable(array))
        return self.namespace.asarray(shared, copy=True) if copy else shared

    def empty(self, shape: tuple[int, ...], dtype: DType, device: str = "cpu") -> Any:
        """A native array of uninitialised elements."""
        return self.namespace.empty(shape, dtype=self.native_dtype(dtype), **self.at(device).placement)

    def full(self, shape: tuple[int, ...], value: complex, dtype: DType, device: str = "cpu") -> Any:
        """A native array with one value everywhere."""
        return self.namespace.full(shape, value, dtype=self.native_dtype(dtype), **self.at(device).placement)

    def write(self, array: Any, place: Block, part: Any) -> Any:
        """The same array, written into."""
        array[place] = part
        return array

    def transpose(self, array: Any, axes: tuple[int, ...]) -> Any:
        """Permute the modes."""
        return self.namespace.permute_dims(array, axes)

    def reshape(self, array: Any, shape: tuple[int, ...]) -> Any:
        """The same elements in row-major order under another shape."""
        return self.namespace.reshape(array, shape)

    def caster(self, dtype: DType) -> Callable[[Any], Any]:
        """A function that gives an array's elements as `dtype`: the array itself if they are."""
        astype, native = self.namespace.astype, self.native_dtype(dtype)
        return lambda array: astype(array, native, copy=False)

    def holds(self, dtype: DType) -> bool:
        """Whether the library has the element type."""
        return super().holds(dtype) and hasattr(self.namespace, dtype.name)

    def supports(self, operation: type[Node] | Node, dtype: Any = None) -> bool:
        """Whether the vocabulary has the operation, and the library its functions and element types."""
        if not super().supports(operation, dtype):
            return False
        if isinstance(operation, Map | Fused):
            types = tuple(source.dtype for source in operation.inputs)
            return all(self.has_function(name, own) for name, own in function_calls(operation.body, types))
        if isinstance(operation, Linalg):
            return hasattr(self.namespace.linalg, operation.name)
        # The pass *contract* leaves only products of two.
        return not isinstance(operation, Einsum) or len(operation.inputs) <= 2

    def has_function(self, name: str, dtype: DType) -> bool:
        """Whether the library has the elementwise function `name` for operands of `dtype`."""
        del dtype
        return hasattr(self.namespace, name)

    def function(self, name: str, dtype: DType) -> Callable[..., Any]:
        """The function `name` (elementwise, or ``"matmul"``) for operands that all have elements of `dtype`."""
        del dtype
        function: Callable[..., Any] = getattr(self.namespace, name)
        return function

    @property
    def placement(self) -> dict[str, str]:
        """Keywords for the functions that make arrays from nothing."""
        return {} if self.device == "cpu" else {"device": self.device}
