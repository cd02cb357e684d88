"""How a product of matrices is cut: into blocks of some vectors and some lines, one for a thread at a time.

A block has one of the two side by side, in panels (see `analog.kernels.panels`), and takes the other one by one.
Results do not depend on any of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from analog.kernels import thread_count
from analog.kernels.panels import LANES, rows_of
from backends.numba.machine import vector_bytes

__all__ = ["Blocks", "blocks"]

#: Rows of a block that come one by one: their sums stay in the nearest caches, and fewer are not worth a panel.
MOST, FEW = 512, 96
#: Sums of blocks that have whole vectors: they stay in the nearer caches.
MOST_SUMS = 1 << 15
#: Rows of blocks are multiples of it: whole vector instructions for what is drawn for them.
UNIT = 64
#: Blocks per thread, at most: further ones only put the same numbers into panels again.
BLOCKS_PER_THREAD = 2
#: What a product costs in panels of some widths, measured, where a register holds all lanes, and elsewhere.
COSTS = {4 * LANES: 1.0, 2 * LANES: 1.03, LANES: 1.3}
COSTS_OF_NARROW = {LANES: 1.0}
#: What it costs to put a number into a panel, and to take one out of it transposed, in products.
WRITING, TURNING = 18.0, 10.0
#: And to take one out as it is: where there are few lines; and where noise of many is drawn for some at a time.
COPYING, APART, FEW_LINES = 4.0, 100.0, 64
#: How much slower devices are read across the lines of memory: where the nearer caches hold so many, and elsewhere.
ACROSS, FAR_ACROSS, NEAR = 1.12, 1.4, 1 << 19
#: What it costs to make inputs first, in a kernel of its own, where blocks have no whole vectors.
FIRST = 1e6


class Blocks(NamedTuple):
    """Blocks of a product.

    Parameters
    ----------
    lanes : int
        How many vectors, or lines, are side by side.
    rows : int
        How many of the other come one by one: a multiple of four, but for the last block.
    across : int
        How many blocks have all of these.
    total : int
        How many blocks there are.
    """

    lanes: int
    rows: int
    across: int
    total: int

    @classmethod
    def cuts(cls, beside: int, behind: int, lanes: int, most_rows: int = MOST) -> Iterator[Blocks]:
        """Blocks where so many are side by side, and so many come one by one, at most some of them in a block."""
        columns, least = -(-beside // lanes), -(-behind // most_rows)
        most = max(min(-(-BLOCKS_PER_THREAD * thread_count() // columns), behind // FEW), least)
        for across in range(least, most + 1):
            rows = -(-behind // (across * UNIT)) * UNIT
            yield cls(lanes, rows, -(-behind // rows), columns * -(-behind // rows))

    def cost(self, behind: int, per_row: float, per_lane: float) -> float:
        """What the thread does that has the most of them."""
        passes = rows_of(self.lanes)
        rows = -(-min(self.rows, behind) // passes) * passes
        return -(-self.total // thread_count()) * self.lanes * (rows * per_row + per_lane)


def blocks(vectors: int, lines: int, inputs: int, *, turned: bool) -> tuple[Blocks, bool]:
    """The blocks that threads end soonest, and whether lines, not vectors, are side by side.

    Parameters
    ----------
    vectors, lines, inputs : int
        Extents of the product.
    turned : bool
        Whether the matrix has its lines side by side in memory.
    """
    return _fastest(vectors, lines, inputs, turned, thread_count())


@lru_cache(maxsize=1024)
def _fastest(vectors: int, lines: int, inputs: int, turned: bool, threads: int) -> tuple[Blocks, bool]:
    del threads  # a key of the cache
    across = (ACROSS if lines * inputs <= NEAR else FAR_ACROSS) if turned else 1.0
    copying, first = (COPYING if lines <= FEW_LINES else APART) / inputs, FIRST / inputs
    choices = []
    for lanes, cost in _costs().items():
        by_vectors, by_lines = (
            Blocks.cuts(vectors, lines, lanes, MOST_SUMS // lanes),
            Blocks.cuts(lines, vectors, lanes),
        )
        turning = cost * across + TURNING / inputs
        choices += [(cut.cost(lines, turning, WRITING) + first * (cut.across > 1), cut, False) for cut in by_vectors]
        choices += [(cut.cost(vectors, cost + copying, WRITING) + first, cut, True) for cut in by_lines]
    _, fastest, along_lines = min(choices)
    return fastest, along_lines


@cache
def _costs() -> dict[int, float]:
    return COSTS if vector_bytes() >= 4 * LANES else COSTS_OF_NARROW
