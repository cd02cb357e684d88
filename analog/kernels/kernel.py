"""Kernels, and where they run."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from analog.kernels.compile import Body, Per, cpu_loop, cuda_kernel
from tensorlayer.runtime.sharing import LOOPS, share_out

__all__ = ["CPU", "CUDA", "Kernel", "Target", "running_on", "target_of", "thread_count"]

#: Threads of a CUDA block; a multiple of the warp that lets several blocks share a multiprocessor.
THREADS_PER_BLOCK = 128


@dataclass(frozen=True, eq=False)
class Kernel:
    """A body that is done for every row of a grid.

    Parameters
    ----------
    body : callable
        ``body(row, first, last, *arguments)``: does the columns from `first` to `last` of one row.
    per : {"element", "row"}, optional
        What a CUDA thread does: one column, or a row (for bodies that carry something along the row).
    grain : int, optional
        Fewer elements than this are not worth waking a second thread, which takes some 20 microseconds.
    """

    body: Body
    per: Per = "element"
    grain: int = 1 << 14


class Target(ABC):
    """Where kernels run."""

    name: ClassVar[str]

    @abstractmethod
    def launch(self, kernel: Kernel, rows: int, columns: int, *arguments: Any) -> None:
        """Run `kernel` over a grid of `rows` times `columns`; returns when the arguments may be used again."""

    def __repr__(self) -> str:
        return self.name


class _Cpu(Target):
    name: ClassVar[str] = "cpu"

    def launch(self, kernel: Kernel, rows: int, columns: int, *arguments: Any) -> None:
        loop = cpu_loop(kernel.body)
        threads = min(thread_count(), 1 + rows * columns // kernel.grain)
        if threads < 2:
            loop(0, rows, columns, *arguments)
            return
        LOOPS.wake()
        share_out(lambda first, last: loop(first, last, columns, *arguments), rows, threads)


class _Cuda(Target):
    name: ClassVar[str] = "cuda"

    def launch(self, kernel: Kernel, rows: int, columns: int, *arguments: Any) -> None:
        tasks = rows * columns if kernel.per == "element" else rows
        if tasks:
            blocks = min(-(-tasks // THREADS_PER_BLOCK), 1 << 16)
            cuda_kernel(kernel.body, kernel.per)[blocks, THREADS_PER_BLOCK](rows, columns, *arguments)


CPU: Target = _Cpu()
CUDA: Target = _Cuda()
_forced: ContextVar[Target | None] = ContextVar("target", default=None)


def target_of(array: Any) -> Target:
    """Where the kernels of that array run: CUDA for the memory of a GPU."""
    return _forced.get() or (CUDA if hasattr(array, "__cuda_array_interface__") else CPU)


@contextmanager
def running_on(target: Target) -> Iterator[None]:
    """Kernels run there whatever their arrays are: for numba's CUDA simulator, whose arrays are NumPy's."""
    token = _forced.set(target)
    try:
        yield
    finally:
        _forced.reset(token)


def thread_count() -> int:
    """Threads that a kernel on the CPU may use: ``NUMBA_NUM_THREADS``, or the cores there are."""
    return int(_config().NUMBA_NUM_THREADS)


@lru_cache(maxsize=1)
def _config() -> Any:
    return importlib.import_module("numba").config
