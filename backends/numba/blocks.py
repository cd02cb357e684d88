"""Kernels that are called for one block of rows after the other, by a compiled loop of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, final

import numpy as np

from backends.numba.compilation import compile_kernel
from backends.numba.loop import Bound
from backends.numba.pieces import address_of, run_in_pieces

__all__ = ["Blocks", "Step"]

Array = np.ndarray[Any, Any]

#: Calls all kernels for one block of rows after the other. The plan has its own address, the number of kernels, the
#: rows of a block and of all; for each kernel its address, the elements per row along its outermost axis, the tile and
#: the tasks per tile there, the columns of its table and where that is in the plan. A table has three rows: addresses,
#: bytes by which they move back per row, and room for what that makes.
DRIVER = """\
from numpy import int64

from backends.numba.functions import *


def kernel(first, last, places):
    plan = pointer(places, int64)
    count, rows, extent = plan[1], plan[2], plan[3]
    for block in range(first, last):
        begin, end = block * rows, min((block + 1) * rows, extent)
        for link in range(count):
            at = 4 + 6 * link
            unit, tile, tasks, width, table = plan[at + 1], plan[at + 2], plan[at + 3], plan[at + 4], plan[at + 5]
            here = table + 2 * width
            for i in range(width):
                plan[here + i] = plan[table + i] - begin * plan[table + width + i]
            start = (begin * unit + tile - 1) // tile * tasks
            stop = (end * unit + tile - 1) // tile * tasks
            call_kernel(plan[at], start, stop, pointer(plan[0] + 8 * here, int64))
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
        sizes = [_whole_lines(one.row_bytes * rows) for one in steps]
        self._room = sum(sizes)
        self._local = np.array([given + i for i, size in enumerate(sizes) if size], np.int64)
        self._places = np.array([sum(sizes[:i]) for i, size in enumerate(sizes) if size], np.int64)
        self._plan, self._entries = _plan(steps, given, [len(steps), rows, extent])
        self._numbers = self._plan[self._entries]

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
        stored = np.array([address_of(array) for array in arrays])
        run_in_pieces(self._driver, self._count, threads, lambda: self._own_plan(stored))

    def _own_plan(self, stored: Array) -> Array:
        """The plan of one thread, with memory of its own for what lives for a block."""
        head = _whole_lines(self._plan.nbytes)
        whole, addresses = np.empty(head + self._room, np.uint8), stored.copy()
        plan = whole[: self._plan.nbytes].view(np.int64)
        plan[:] = self._plan
        plan[0] = address_of(whole)
        addresses[self._local] = plan[0] + head + self._places
        plan[self._entries] = addresses[self._numbers]
        return whole


def _plan(steps: Sequence[Step], given: int, facts: Sequence[int]) -> tuple[Array, Array]:
    """The plan, with numbers of arrays where their addresses will be; and where those are.

    The arrays that are given come first, then the results of all steps, their sizes, and what tells if a kernel gave
    up.
    """
    count = len(steps)
    moves = [*[0] * given, *(one.row_bytes for one in steps), *[0] * (count + 1)]
    plan, tables, entries = [0, *facts], list[int](), list[int]()
    start = len(plan) + 6 * count
    for i, one in enumerate(steps):
        used = [given + count + i, *one.reads, given + i, *([given + 2 * count] if one.bound.may_give_up else [])]
        table, nest = start + len(tables), one.bound.nest
        plan += [one.bound.kernel.address, one.unit, nest.tiles[0], math.prod(nest.counts[1:]), len(used), table]
        tables += [*used, *(moves[number] for number in used), *[0] * len(used)]
        entries += range(table, table + len(used))
    return np.array([*plan, *tables], np.int64), np.array(entries, np.int64)


def _whole_lines(nbytes: int) -> int:
    """Bytes rounded up to whole lines of the cache."""
    return -(-nbytes // 64) * 64
