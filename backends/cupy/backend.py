"""The CuPy backend: the shared interpreter on arrays of a GPU, with generated kernels for its loops."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, ClassVar, Self, final

import numpy as np

from backends.cupy.device import device_count, index_of, missing_device, on_device
from backends.cupy.elementwise import loop_kernel
from backends.cupy.group import group_kernel
from backends.cupy.linalg import linalg_kernel
from backends.cupy.pool import share_memory
from backends.cupy.streams import in_background
from tensorlayer.backend import ArrayBackend, Kernel
from tensorlayer.buffer import Allocator, Buffer
from tensorlayer.errors import BackendError, ConversionError
from tensorlayer.graph import DType, Einsum, Fused, Group, Linalg, Map, Node, Reduce
from tensorlayer.interpreter import VOCABULARY
from tensorlayer.layout import Order
from tensorlayer.runtime import Memory

__all__ = ["CupyBackend", "backend"]

#: What pip calls the library: one distribution for every version of CUDA, and the one without.
DISTRIBUTIONS = ("cupy-cuda13x", "cupy-cuda12x", "cupy-cuda11x", "cupy")


@final
class CupyBackend(ArrayBackend):
    """Runs plans on arrays of an NVIDIA GPU.

    Everything runs on CuPy's current stream, and nothing here waits for the device but `to_numpy`.
    """

    name: ClassVar[str] = "cupy"
    library: ClassVar[str] = "cupy"
    extra: ClassVar[str] = "cupy"
    type_names: ClassVar[frozenset[str]] = frozenset({"ndarray"})
    vocabulary: ClassVar[Mapping[type[Node], Any]] = {
        **VOCABULARY,
        Einsum: loop_kernel,
        Fused: loop_kernel,
        Group: group_kernel,
        Linalg: linalg_kernel,
        Map: loop_kernel,
        Reduce: loop_kernel,
    }
    device: str = "cuda:0"

    # -- the library ---------------------------------------------------------------------------------------

    @cached_property
    def namespace(self) -> Any:
        """CuPy under the names of the array API standard."""
        self.load()
        return importlib.import_module("array_api_compat.cupy")

    @property
    def version(self) -> str | None:
        """Version of the installed library, whatever its distribution is called; never imports it."""
        from importlib.metadata import PackageNotFoundError, version

        for name in DISTRIBUTIONS:
            try:
                return version(name)
            except PackageNotFoundError:
                continue
        return None

    @property
    def devices(self) -> tuple[str, ...]:
        """``"cuda:0"`` and so on; none without a GPU."""
        self.load()
        return tuple(f"cuda:{i}" for i in range(device_count()))

    def require_device(self, device: str) -> None:
        """Refuse a device that is not there.

        Raises
        ------
        BackendError
            If there is no GPU at all.
        ConversionError
            If there is no such device; the message lists those there are.
        """
        if not self.devices:
            raise BackendError(
                f"backend 'cupy' needs an NVIDIA GPU; CuPy {self.version} is installed and finds none "
                f"({missing_device()}): compute on another backend, as by tensorlayer.use('numba')"
            )
        super().require_device(device)

    def at(self, device: str) -> Self:
        """The same backend, making new arrays on `device`."""
        self.require_device(device)
        return super().at(device)

    # -- native arrays -------------------------------------------------------------------------------------

    def device_of(self, array: Any) -> str:
        """Device as torch spells it, as ``"cuda:0"``."""
        return f"cuda:{array.device.id}"

    def from_numpy(self, array: np.ndarray[Any, Any], device: str = "cuda:0", *, copy: bool | None = None) -> Any:
        """A copy of the elements on a device.

        Raises
        ------
        ConversionError
            If ``copy=False``: the memory of the host is not the GPU's.
        """
        native = self.native_dtype(array.dtype)
        if copy is False:
            raise ConversionError(f"elements of the host get to {device} by a copy: allow it with copy=None")
        self.require_device(device)
        with on_device(device):
            return self.load().asarray(np.asarray(array, dtype=native))

    def to_numpy(self, array: Any) -> np.ndarray[Any, Any]:
        """A copy of the elements on the host; waits until they are computed."""
        copied: np.ndarray[Any, Any] = self.load().asnumpy(array)
        return copied

    def to_device(self, array: Any, device: str) -> Any:
        """The elements on another device."""
        self.require_device(device)
        with on_device(device):
            return self.load().array(array)

    def exportable(self, array: Any) -> Any:
        """The array, or a copy of one that lies backwards in memory, which other libraries cannot view."""
        backwards = any(step < 0 for step in array.strides)
        return self.load().ascontiguousarray(array) if backwards else array

    def empty(self, shape: tuple[int, ...], dtype: DType, device: str = "cuda:0") -> Any:
        """A native array of uninitialised elements."""
        self.require_device(device)
        with on_device(device):
            return super().empty(shape, dtype, device)

    def full(self, shape: tuple[int, ...], value: complex, dtype: DType, device: str = "cuda:0") -> Any:
        """A native array with one value everywhere."""
        self.require_device(device)
        with on_device(device):
            return super().full(shape, value, dtype, device)

    @property
    def placement(self) -> dict[str, str]:
        """Nothing: CuPy makes arrays on its current device."""
        return {}

    def order_of(self, array: Any) -> Order:
        """Which mode varies fastest in memory, by CuPy's flags."""
        return "C" if array.flags.c_contiguous else "F" if array.flags.f_contiguous else None

    def memory(self, device: str = "cuda:0") -> Memory | None:
        """Memory of a device, of all programs together."""
        if device == "cpu":
            return super().memory(device)
        self.require_device(device)
        with on_device(device):
            free, total = self.load().cuda.runtime.memGetInfo()
        return Memory(total, free)

    def is_out_of_memory(self, error: Exception) -> bool:
        """Whether the GPU's memory is short; torch says so if it manages it."""
        return type(error).__name__ == "OutOfMemoryError" or super().is_out_of_memory(error)

    def caster(self, dtype: DType) -> Callable[[Any], Any]:
        """A function that casts, without a copy where nothing changes."""
        return lambda array: array.astype(dtype, copy=False)

    def allocator(self, kind: str = "local", *, device: str | None = None, **choices: Any) -> Allocator:
        """What makes buffers of a kind; see `Backend.allocator`.

        Raises
        ------
        BackendError
            If there is no GPU.
        """
        self.require_device(device or self.device)
        return super().allocator(kind, device=device, **choices)

    # -- running -------------------------------------------------------------------------------------------

    def kernel(self, node: Node, device: str = "cuda:0") -> Kernel:
        """Prepare the kernel of `node`.

        Raises
        ------
        BackendError
            If there is no GPU.
        BackendNotInstalledError
            If CuPy is missing.
        UnsupportedOperationError
            If the backend does not support the node.
        """
        self.require_support(node)
        self.require_device(device)
        share_memory()
        with on_device(device):  # constants of a kernel are made now
            kernel = super().kernel(node, device)
        return kernel if len(self.devices) == 1 else _Placed(kernel, device)

    def in_background(self, task: Callable[[], tuple[Buffer, ...]]) -> Callable[[], tuple[Buffer, ...]]:
        """The task, to be run by another thread on the stream that is current here."""
        return in_background(task)


@final
class _Placed:
    """A kernel that runs on a certain device."""

    def __init__(self, kernel: Kernel, device: str) -> None:
        self._kernel = kernel
        self._index = index_of(device)

    def __call__(self, *arrays: Any) -> Any:
        with on_device(f"cuda:{self._index}"):
            return self._kernel(*arrays)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kernel, name)


#: The instance that the entry point names.
backend = CupyBackend()
