"""Kernels that are called for one block of rows after the other, by a compiled loop of its own."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from typing import Any, NamedTuple, final

import numpy as np

from backends.numba.address import address_of
from backends.numba.compilation import compile_kernel
from backends.numba.crew import CREW
from backends.numba.loop import Bound

__all__ = ["Blocks", "Step"]

Array = np.ndarray[Any, Any]

#: Calls all kernels for one block of rows after the other. The plan has the numbers of kernels, of rows of a block and
#: of all, and of arrays; for each kernel its address, the elements per row along its outermost axis, the tile
#: and the tasks per tile there, the columns of its table and where that is in the plan. A table has three rows: numbers
#: of arrays, bytes by which they move back per row, and where in a thread's own memory they lie; -1 if elsewhere. The
#: places are their own address and those of the plan and of the memory of all threads, bytes that each has of it, the
#: number of threads, and the addresses of the arrays; then come flags, whether somebody uses the memory of a thread.
DRIVER = """\
from numpy import int64

from backends.numba.functions import *


def kernel(first, last, places):
    plan = pointer(places[1], int64)
    count, rows, extent, arrays = plan[0], plan[1], plan[2], plan[3]
    number, threads, flags = 0, places[4], places[0] + 8 * (5 + arrays)
    while not replace(flags + 8 * number, 0, 1):
        number = (number + 1) % threads
    own = places[2] + number * places[3]
    here = pointer(own, int64)
    for block in range(first, last):
        begin, end = block * rows, min((block + 1) * rows, extent)
        for link in range(count):
            at = 4 + 6 * link
            unit, tile, tasks, width, table = plan[at + 1], plan[at + 2], plan[at + 3], plan[at + 4], plan[at + 5]
            for i in range(width):
                room = plan[table + 2 * width + i]
                place = places[5 + plan[table + i]] if room < 0 else own + room
                here[i] = place - begin * plan[table + width + i]
            start = (begin * unit + tile - 1) // tile * tasks
            stop = (end * unit + tile - 1) // tile * tasks
            call_kernel(plan[at], start, stop, here)
    exchange(flags + 8 * number, 0)
"""


class Step(NamedTuple):
    """A loop for arrays of certain strides, as one block after the other needs it.

    Attributes
    ----------
    bound : Bound
        Its kernel, with tiles that end where blocks do.
    reads : tuple of int
        Which arrays: those given to the chain come first, then the results of the steps before.
    unit : int
        Elements along the outermost merged axis per row.
    row_bytes : int
        Bytes of a row of a result that lives for a block only; 0 if it is stored.
    """

    bound: Bound
    reads: tuple[int, ...]
    unit: int
    row_bytes: int


@final
class Blocks:
    """Steps, block by block.

    Parameters
    ----------
    steps : sequence of Step
        In order.
    given : int
        How many arrays are given.
    rows, extent : int
        Rows of a block, and of all.
    """

    def __init__(self, steps: Sequence[Step], given: int, rows: int, extent: int) -> None:
        self.steps = tuple(steps)
        self._count = -(-extent // rows)
        self._driver = compile_kernel(DRIVER)
        self._plan, self._room = _plan(steps, given, rows, extent)

    def run(self, given: Sequence[Array], outs: Sequence[Array], far: Array, threads: int) -> None:
        """Do all blocks.

        Parameters
        ----------
        given : sequence of ndarray
            What the chain is given.
        outs : sequence of ndarray
            Where the result of each step is stored; ignored if that lives for a block only.
        far : ndarray
            One whole number, which becomes 1 if the results are not to be used.
        threads : int
            How many threads may work at once.
        """
        arrays = (*given, *outs, *(one.bound.sizes for one in self.steps), far)
        room = np.empty((threads, self._room // 8), np.int64)
        heads = 0, address_of(self._plan), address_of(room), self._room, threads
        places = array("q", [*heads, *[address_of(one) for one in arrays], *[0] * threads])
        places[0] = start = places.buffer_info()[0]
        stored = enumerate(self.steps, len(heads) + len(given))
        then = [number for place, one in stored for number in one.bound.joining(start + 8 * place)]
        CREW.run(self._driver, self._count, threads, start, then)


def _plan(steps: Sequence[Step], given: int, rows: int, extent: int) -> tuple[Array, int]:
    """The plan, and how many bytes of memory a thread needs for what lives for a block.

    The arrays that are given come first, then the results of all steps, their sizes, and what tells if a kernel gave
    up. A thread's memory begins with what a kernel is called with.
    """
    count, arrays = len(steps), given + 2 * len(steps) + 1
    moves, local = [0] * arrays, [-1] * arrays
    room = _whole_lines(8 * arrays)
    for number, one in enumerate(steps, given):
        if one.row_bytes:
            moves[number], local[number] = one.row_bytes, room
            room += _whole_lines(one.row_bytes * rows)
    plan, tables = [count, rows, extent, arrays], list[int]()
    start = len(plan) + 6 * count
    for number, one in enumerate(steps, given):
        used = [number + count, *one.reads, number, *([arrays - 1] if one.bound.may_give_up else [])]
        nest = one.bound.nest
        plan += [one.bound.kernel.address, one.unit, nest.tiles[0], math.prod(nest.counts[1:])]
        plan += [len(used), start + len(tables)]
        tables += [*used, *(moves[place] for place in used), *(local[place] for place in used)]
    return np.array([*plan, *tables], np.int64), room


def _whole_lines(nbytes: int) -> int:
    """Bytes rounded up to whole lines of the cache."""
    return -(-nbytes // 64) * 64
