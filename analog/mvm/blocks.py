"""How a product of matrices is cut: into blocks of some vectors and some lines, one for a thread at a time.

A block has one of the two side by side, in panels (see `analog.kernels.panels`), and takes the other one by one.
Results do not depend on any of it.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

from analog.kernels import thread_count
from analog.kernels.panels import LANES, rows_of
from backends.numba.machine import vector_bytes

__all__ = ["Blocks", "blocks"]

#: Rows of a block that come one by one: their sums stay in the nearest caches, and fewer are not worth a panel.
MOST, FEW = 512, 96
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
    def of(cls, beside: int, behind: int, lanes: int) -> Blocks:
        """Blocks where so many are side by side, and so many come one by one: those that all threads end soonest."""
        columns, threads = -(-beside // lanes), thread_count()
        least = -(-behind // MOST)
        most = max(min(-(-BLOCKS_PER_THREAD * threads // columns), behind // FEW), least)
        cuts = (cls._across(behind, lanes, columns, across) for across in range(least, most + 1))
        return min(cuts, key=lambda cut: -(-cut.total // threads) * (cut.rows + WRITING))

    @classmethod
    def _across(cls, behind: int, lanes: int, columns: int, across: int) -> Blocks:
        rows = -(-behind // (across * UNIT)) * UNIT
        across = -(-behind // rows)
        return cls(lanes, rows, across, columns * across)


def blocks(vectors: int, lines: int, inputs: int, *, turned: bool) -> tuple[Blocks, bool]:
    """The fastest blocks, and whether lines, not vectors, are side by side.

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
    numbers, across = vectors * lines, ACROSS if lines * inputs <= NEAR else FAR_ACROSS
    copying = COPYING if lines <= FEW_LINES else APART
    choices = []
    for lanes, cost in _costs().items():
        by_vectors = _work(vectors, lines, lanes) * cost * (across if turned else 1) + WRITING * vectors
        by_lines = _work(lines, vectors, lanes) * cost + WRITING * lines
        choices.append((by_vectors + TURNING * numbers / inputs, Blocks.of(vectors, lines, lanes), False))
        choices.append((by_lines + copying * numbers / inputs, Blocks.of(lines, vectors, lanes), True))
    _, fastest, along_lines = min(choices)
    return fastest, along_lines


def _work(beside: int, behind: int, lanes: int) -> int:
    """Products per input, those of lanes and rows that nobody needs among them."""
    rows = rows_of(lanes)
    return -(-beside // lanes) * lanes * -(-behind // rows) * rows


@cache
def _costs() -> dict[int, float]:
    return COSTS if vector_bytes() >= 4 * LANES else COSTS_OF_NARROW
