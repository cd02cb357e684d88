"""The tasks of a kernel in pieces, which threads take in machine code: none waits for the interpreter in between."""

from __future__ import annotations

from collections.abc import Callable
from ctypes import c_size_t
from functools import partial
from typing import Any

import numpy as np

from backends.numba.compilation import CompiledKernel, compile_kernel
from tensorlayer.runtime.sharing import LOOPS, together

__all__ = ["address_of", "run_in_pieces"]

Array = np.ndarray[Any, Any]

#: Pieces per thread: what one thread does not get to do, another does.
PIECES = 16
#: How often the calling thread looks whether others have done their last piece before it sleeps until they have: some
#: ten microseconds, as a thread takes to wake.
LOOKS = 1 << 14

#: Takes one piece after the other. The plan has the addresses of the next piece's number, of how many are done, of the
#: kernel, and of what that works on; then how often to look, at the end, whether all are done.
TAKER = """\
from numpy import int64

from backends.numba.functions import *


def kernel(tasks, pieces, places):
    plan = pointer(places, int64)
    piece = next_number(plan[0])
    while piece < pieces:
        call_kernel(plan[2], piece * tasks // pieces, (piece + 1) * tasks // pieces, pointer(plan[3], int64))
        next_number(plan[1])
        piece = next_number(plan[0])
    looks = plan[4]
    while looks > 0 and number_at(plan[1]) < pieces:
        looks -= 1
"""


def run_in_pieces(kernel: CompiledKernel, tasks: int, threads: int, places: Callable[[], Array]) -> None:
    """Run all tasks of a kernel.

    Parameters
    ----------
    kernel : CompiledKernel
        What runs.
    tasks : int
        Number of tasks.
    threads : int
        How many threads may work at once.
    places : callable
        Gives the addresses that the kernel works on; called once per thread.
    """
    threads = min(threads, tasks)
    held = [places() for _ in range(threads)]
    if threads < 2:
        kernel.call(0, tasks, address_of(held[0]))
        return
    pieces = min(tasks, PIECES * threads)
    # The two numbers are in different lines of the cache.
    numbers = np.zeros(16, np.int64)
    taken, taker = address_of(numbers), compile_kernel(TAKER)
    works = []
    # Everything that needs the interpreter is done before another thread wakes, which would wait for it.
    for own, looks in zip(held, (LOOKS, *[0] * threads), strict=False):
        plan = np.array([taken, taken + 64, kernel.address, address_of(own), looks])
        works.append(partial(_take, taker, tasks, pieces, address_of(plan), (plan, numbers, own)))
    LOOPS.wake()
    together(works, lambda: numbers.item(8) == pieces)


def _take(taker: CompiledKernel, tasks: int, pieces: int, plan: int, held: tuple[Array, ...]) -> None:
    """Have it done; a thread that comes when all is done still finds what it looks at."""
    del held
    taker.call(tasks, pieces, plan)


def address_of(array: Array) -> int:
    """Where the first element lies.

    NumPy's structure of an array begins with it, behind Python's header: part of the binary interface that compiled
    extensions rely on (`PyArrayObject_fields`). `__array_interface__` would make a dictionary for it, which takes a
    microsecond, and six when nothing is in the caches.
    """
    place: int = c_size_t.from_address(id(array) + object.__basicsize__).value
    return place
