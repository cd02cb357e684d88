"""Kernels, and where they run."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from time import perf_counter
from typing import Any, ClassVar

from analog.kernels.compile import Per, cpu_loop, cuda_arguments, cuda_kernel
from backends.numba.crew import ALONE, CREW
from backends.numba.machine import thread_count
from tensorlayer.errors import BackendError, LibraryNotInstalledError

__all__ = ["CPU", "CUDA", "Kernel", "Target", "recording", "running_on", "target_of", "thread_count"]

#: Seconds that it takes to wake a thread (measured), and that a thread should have work for.
WAKING = 20e-6
WORTH_A_THREAD = 2 * WAKING
#: How much less of it threads should have that look out for work, and seconds until they have found it.
AWAKE = 0.5
JOINING = 4e-6
#: Seconds per number of a body that has not been measured, and launches that are too short to measure it by.
USUAL_PACE = 1e-9
MEASURABLE = 5e-6
#: Factor by which a body may become slower from launch to launch.
SLOWER = 1.5
#: Threads of a CUDA block; a multiple of the warp that lets several blocks share a multiprocessor.
THREADS_PER_BLOCK = 128
#: Blocks of a CUDA grid; threads go on to further elements.
MOST_BLOCKS = 1 << 16


@dataclass(eq=False, slots=True)
class Run:
    """How a kernel runs on the CPU. Whatever its pace is, results are the same.

    Attributes
    ----------
    loop : callable or None
        Of `cpu_loop`; None before the first launch.
    pace : float
        Seconds per number of the last launches.
    """

    loop: Callable[..., None] | None = None
    pace: float = 0.0

    def measure(self, numbers: int, threads: int, seconds: float, delay: float) -> None:
        """Take the pace of a launch whose threads began to work after so many seconds."""
        if threads > 1 or seconds > MEASURABLE:
            pace = (max(seconds - delay, 0.0) * threads if threads > 1 else seconds) / numbers
            # A launch that the system interrupted says nothing: a body becomes slower by and by only.
            self.pace = min(pace, SLOWER * (self.pace or pace))


@dataclass(frozen=True, eq=False)
class Kernel:
    """A body that is done for every row of a grid.

    Parameters
    ----------
    body : callable
        ``body(row, first, last, *arguments)``: does the columns from `first` to `last` of one row.
    per : {"element", "row"}, optional
        What a CUDA thread does: one column, or a row (for bodies that carry something along the row).
    cuda : callable, optional
        A body with the same arguments and the same results for CUDA; for bodies that on the CPU gain from memory of
        their own for a whole row.
    """

    body: Callable[..., None]
    per: Per = "element"
    cuda: Callable[..., None] | None = None
    run: Run = field(default_factory=Run, init=False, repr=False)


class Target(ABC):
    """Where kernels run."""

    name: ClassVar[str]

    @abstractmethod
    def launch(self, kernel: Kernel, rows: int, columns: int, *arguments: Any, each: int = 1) -> None:
        """Run `kernel` over a grid of `rows` times `columns`; an empty grid runs nothing.

        Returns when the arguments may be used again by launches on the same target.

        Parameters
        ----------
        kernel : Kernel
            What is done.
        rows, columns : int
            Extents of the grid.
        *arguments
            Of the body.
        each : int, optional
            How many numbers are looked at in a place of the grid: how many threads are worth while is told by the time
            that a number took before, in grids whose places are larger or smaller.

        Raises
        ------
        LibraryNotInstalledError
            If the compiler is missing.
        BackendError
            If there is no GPU.
        """

    def expect(self, elements: int) -> None:  # noqa: B027  # most targets need no warning
        """Say that grids of together so many elements follow within microseconds: threads may come to help."""

    def __repr__(self) -> str:
        return self.name


class _Cpu(Target):
    name: ClassVar[str] = "cpu"

    def launch(self, kernel: Kernel, rows: int, columns: int, *arguments: Any, each: int = 1) -> None:
        numbers, run = rows * columns * each, kernel.run
        if not numbers:
            return
        loop = run.loop or self._met(kernel)
        expected = numbers * (run.pace or USUAL_PACE)
        if expected < AWAKE * WORTH_A_THREAD or rows == 1:
            start = perf_counter()
            loop(*ALONE, rows, columns, *arguments)
            run.measure(numbers, 1, perf_counter() - start, 0.0)
        else:
            threads, delay = self._threads(expected, rows)
            share = CREW.take(threads) if threads > 1 else ALONE
            start = perf_counter()
            try:
                loop(*share, rows, columns, *arguments)
            finally:
                if share is not ALONE:
                    CREW.give_back()
            run.measure(numbers, share.threads, perf_counter() - start, delay)
        if (launches := _recorded.get()) is not None:
            launches.append((kernel, arguments))

    def _met(self, kernel: Kernel) -> Callable[..., None]:
        kernel.run.loop = loop = cpu_loop(kernel.body)
        return loop

    def expect(self, elements: int) -> None:
        if elements * USUAL_PACE > WORTH_A_THREAD and thread_count() > 1:
            CREW.rouse()

    def _threads(self, expected: float, rows: int) -> tuple[int, float]:
        """How many are worth while for so many seconds of work, and seconds until they work."""
        most = min(thread_count(), rows)
        threads = min(int(expected / (AWAKE * WORTH_A_THREAD)) + 1, most)
        if threads == 1 or CREW.looks_out(threads - 1):
            return threads, JOINING
        return min(int(expected / WORTH_A_THREAD) + 1, most), WAKING


class _Cuda(Target):
    name: ClassVar[str] = "cuda"

    def launch(self, kernel: Kernel, rows: int, columns: int, *arguments: Any, each: int = 1) -> None:
        del each
        _check_gpu()
        if rows * columns:
            tasks = rows * columns if kernel.per == "element" else rows
            threads = min(tasks, THREADS_PER_BLOCK)
            blocks = min(-(-tasks // threads), MOST_BLOCKS)
            run = cuda_kernel(kernel.cuda or kernel.body, kernel.per)[blocks, threads]
            run(rows, columns, *cuda_arguments(arguments))


@cache
def _check_gpu() -> None:
    try:
        cuda = importlib.import_module("numba.cuda")
    except ImportError as error:
        advice = "kernels on CUDA need numba-cuda: pip install 'tensorlayer-graph[cuda]'"
        raise LibraryNotInstalledError(advice) from error
    if not cuda.is_available():
        raise BackendError(
            "a kernel was asked for on CUDA, and numba finds no NVIDIA GPU with a driver on this machine; "
            "use arrays on the CPU, or NUMBA_ENABLE_CUDASIM=1 to simulate small ones"
        )


CPU: Target = _Cpu()
CUDA: Target = _Cuda()
_forced: ContextVar[Target | None] = ContextVar("target", default=None)
_recorded: ContextVar[list[tuple[Kernel, tuple[Any, ...]]] | None] = ContextVar("recorded", default=None)


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


@contextmanager
def recording() -> Iterator[list[tuple[Kernel, tuple[Any, ...]]]]:
    """A list to which every launch on the CPU in this scope adds its kernel and arguments."""
    launches: list[tuple[Kernel, tuple[Any, ...]]] = []
    token = _recorded.set(launches)
    try:
        yield launches
    finally:
        _recorded.reset(token)
