"""The devices there are, and kernels on them."""

from __future__ import annotations

import importlib
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any, final

from backends.cupy.compilation import machine_code
from backends.cupy.traversal import BlockShape
from backends.cupy.writer import KERNEL
from tensorlayer.graph import DType

__all__ = ["CudaProcessor", "device_count", "index_of", "missing_device", "on_device"]

#: Blocks of a launch for every multiprocessor: enough to hide the time that memory takes.
BLOCKS = 32


def device_count() -> int:
    """Number of devices; 0 without a driver."""
    return 0 if missing_device() else int(_runtime().getDeviceCount())


def missing_device() -> str:
    """Why there is no device, in CUDA's words; "" if there is one."""
    try:
        count = _runtime().getDeviceCount()
    except RuntimeError as error:
        return str(error)
    return "" if count else "there is no NVIDIA GPU"


def _runtime() -> Any:
    return importlib.import_module("cupy.cuda.runtime")


def index_of(device: str) -> int:
    """Number of a device: ``"cuda:1"`` is 1, and ``"cuda"`` is 0.

    Raises
    ------
    ValueError
        If the text names no CUDA device.
    """
    kind, _, number = device.partition(":")
    if kind != "cuda" or not (number or "0").isdecimal():
        raise ValueError(f"{device!r} names no CUDA device: write 'cuda:0', 'cuda:1', ...")
    return int(number or 0)


def on_device(device: str) -> AbstractContextManager[Any]:
    """A context in which arrays are made, and kernels run, on a device."""
    import cupy

    context: AbstractContextManager[Any] = cupy.cuda.Device(index_of(device))
    return context


@lru_cache(maxsize=512)
def _loaded(source: str, device: int) -> Any:
    """The kernel of a text in the memory of a device, which must be the current one."""
    import cupy

    module = cupy.cuda.Module()
    module.load(machine_code(source, f"sm_{cupy.cuda.Device(device).compute_capability}"))
    return module.get_function(KERNEL)


@lru_cache(maxsize=64)
def _most_blocks(device: int) -> int:
    import cupy

    return BLOCKS * int(cupy.cuda.Device(device).attributes["MultiProcessorCount"])


@final
class CudaProcessor:
    """Compiles kernels by NVRTC and launches them on CuPy's current device and stream."""

    block = BlockShape()

    @property
    def blocks(self) -> int:
        """Blocks that a launch has at most."""
        import cupy

        return _most_blocks(cupy.cuda.runtime.getDevice())

    def compile(self, source: str) -> Any:
        """The kernel of a text."""
        import cupy

        return _loaded(source, cupy.cuda.runtime.getDevice())

    def launch(self, kernel: Any, blocks: int, arguments: tuple[Any, ...]) -> None:
        """Start a kernel; does not wait for it."""
        kernel((blocks,), (self.block.threads,), arguments)

    def empty(self, size: int, dtype: DType) -> Any:
        """A contiguous array of uninitialised elements, from CuPy's pool."""
        import cupy

        return cupy.empty(size, dtype)

    def address(self, array: Any) -> int:
        """Where the first element lies."""
        address: int = array.data.ptr
        return address
