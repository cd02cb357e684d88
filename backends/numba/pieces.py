"""The tasks of a kernel in pieces, which threads take in machine code: none waits for the interpreter in between."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from backends.numba.compilation import CompiledKernel, compile_kernel
from tensorlayer.runtime.sharing import LOOPS, together

__all__ = ["address_of", "run_in_pieces"]

Array = np.ndarray[Any, Any]

#: Pieces per thread: what one thread does not get to do, another does.
PIECES = 16

#: Takes one piece after the other. The plan has the addresses of the next piece's number, of the kernel, and of what
#: that works on.
TAKER = """\
from numpy import int64

from backends.numba.functions import *


def kernel(tasks, pieces, places):
    plan = pointer(places, int64)
    piece = next_number(plan[0])
    while piece < pieces:
        call_kernel(plan[1], piece * tasks // pieces, (piece + 1) * tasks // pieces, pointer(plan[2], int64))
        piece = next_number(plan[0])
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
    number, taker = np.zeros(1, np.int64), compile_kernel(TAKER)
    # Everything that needs the interpreter is done before another thread wakes, which would wait for it.
    plans = [np.array([address_of(number), kernel.address, address_of(own)]) for own in held]
    pieces = min(tasks, PIECES * threads)
    LOOPS.wake()
    together([partial(taker.call, tasks, pieces, address_of(plan)) for plan in plans])


def address_of(array: Array) -> int:
    """Where the first element lies."""
    place: int = array.__array_interface__["data"][0]
    return place
