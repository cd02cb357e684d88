"""The torch backend: the shared interpreter on torch tensors, with torch's own functions."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any, ClassVar, final

import numpy as np

from backends.torch.exchange import numpy_of, tensor_of
from backends.torch.functions import has_function, torch_function
from backends.torch.pool import OPENMP
from tensorlayer.backend import ArrayBackend, Kernel
from tensorlayer.errors import DtypeError
from tensorlayer.graph import DType, Node
from tensorlayer.layout import Order
from tensorlayer.runtime import Memory, ThreadPool

__all__ = ["TorchBackend", "backend"]

#: Torch stores the other unsigned integers but hardly computes with them.
_HELD = frozenset(
    map(np.dtype, "bool int8 int16 int32 int64 uint8 float16 float32 float64 complex64 complex128".split())
)


@final
class TorchBackend(ArrayBackend):
    """Runs plans on torch tensors, on any device of torch.

    Results are differentiable by torch wherever an operand requires a gradient: no operation writes in place
    on what it was given. Gradients end where elements leave torch (`to_numpy` detaches).
    """

    name: ClassVar[str] = "torch"
    differentiates: ClassVar[bool] = True
    library: ClassVar[str] = "torch"
    extra: ClassVar[str] = "torch"
    type_names: ClassVar[frozenset[str]] = frozenset({"Tensor", "Parameter"})
    pool: ClassVar[ThreadPool | None] = OPENMP

    @cached_property
    def namespace(self) -> Any:
        """Torch under the names of the array API standard."""
        self.load()
        return importlib.import_module("array_api_compat.torch")

    @property
    def devices(self) -> tuple[str, ...]:
        """``"cpu"``, and ``"cuda:0"`` and so on where torch finds them."""
        return ("cpu", *(f"cuda:{i}" for i in range(self.load().cuda.device_count())))

    def require_device(self, device: str) -> None:
        """Refuse a device on which torch makes no tensor; those of other makers are not in `devices`.

        Raises
        ------
        ConversionError
            With what torch says.
        """
        self.from_numpy(np.empty(0), device)

    # -- native arrays -------------------------------------------------------------------------------------

    def dtype_of(self, array: Any) -> DType:
        """Element type of a tensor.

        Raises
        ------
        DtypeError
            If NumPy has no such type, as for bfloat16.
        """
        name = str(array.dtype).rpartition(".")[2]
        try:
            dtype = np.dtype(name)
        except TypeError:
            dtype = np.dtype("V")
        if dtype.kind == "V":  # as of the extension types that some libraries add to NumPy
            raise DtypeError(
                f"torch's element type {name} has no NumPy counterpart: convert first, as by .to(torch.float32)"
            )
        return dtype

    def device_of(self, array: Any) -> str:
        """Device as torch spells it, as ``"cuda:0"``."""
        return str(array.device)

    def to_device(self, array: Any, device: str) -> Any:
        """The tensor on another device; the tensor itself if it is there. Differentiable."""
        return array.to(device)

    def from_numpy(self, array: np.ndarray[Any, Any], device: str = "cpu", *, copy: bool | None = None) -> Any:
        """A tensor with these elements.

        Shares memory on the CPU; copies what torch cannot view: other byte orders, read-only arrays, and
        strides that are negative or no multiple of the element size.
        """
        return tensor_of(array, self.native_dtype(array.dtype), device, copy)

    def to_numpy(self, array: Any) -> np.ndarray[Any, Any]:
        """The elements, detached from the graph of gradients; shares memory on the CPU."""
        self.dtype_of(array)
        return numpy_of(array)

    def exportable(self, array: Any) -> Any:
        """The elements without the graph of gradients, conjugated and negated where that was put off."""
        return array.detach().resolve_conj().resolve_neg()

    def order_of(self, array: Any) -> Order:
        """Which mode varies fastest in memory."""
        if array.is_contiguous():
            return "C"
        return "F" if array.permute(*range(array.ndim)[::-1]).is_contiguous() else None

    def memory(self, device: str = "cpu") -> Memory | None:
        """Memory of a device, of all programs together."""
        if not device.startswith("cuda"):
            return super().memory(device)
        free, total = self.load().cuda.mem_get_info(device)
        return Memory(total, free)

    def is_out_of_memory(self, error: Exception) -> bool:
        """Torch raises plain RuntimeError where main memory is short."""
        short = isinstance(error, RuntimeError) and "allocate" in str(error)
        return short or type(error).__name__ == "OutOfMemoryError" or super().is_out_of_memory(error)

    # -- running -------------------------------------------------------------------------------------------

    def kernel(self, node: Node, device: str = "cpu") -> Kernel:
        """Prepare the kernel of `node`.

        Raises
        ------
        BackendNotInstalledError
            If torch is missing.
        UnsupportedOperationError
            If the backend does not support the node.
        """
        self.load()
        return super().kernel(node, device)

    def holds(self, dtype: DType) -> bool:
        """Whether torch computes with elements of `dtype`."""
        return dtype in _HELD

    def has_function(self, name: str, dtype: DType) -> bool:
        """Whether torch has the elementwise function for that element type."""
        return has_function(name, dtype)

    def function(self, name: str, dtype: DType) -> Callable[..., Any]:
        """Torch's own function, mended where it differs from NumPy's."""
        return torch_function(name, dtype)

    def caster(self, dtype: DType) -> Callable[[Any], Any]:
        """A function that casts, without a copy where nothing changes."""
        native = self.native_dtype(dtype)
        return lambda array: array.to(native)

    def transpose(self, array: Any, axes: tuple[int, ...]) -> Any:
        """A view with permuted modes."""
        return array.permute(axes)

    def reshape(self, array: Any, shape: tuple[int, ...]) -> Any:
        """A view where the strides allow it, else a copy."""
        return array.reshape(shape)

    # -- recording -----------------------------------------------------------------------------------------

    def recording_state(self) -> bool:
        """Whether gradients were enabled; imports nothing."""
        torch = sys.modules.get("torch")
        return torch is None or torch.is_grad_enabled()

    def recorded(self, state: Any) -> AbstractContextManager[Any]:
        """A context with gradients enabled or not, as they were."""
        import torch

        return torch.set_grad_enabled(state)


#: The instance that the entry point names.
backend = TorchBackend()
