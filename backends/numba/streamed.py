"""Streaming stores: which results a kernel stores past the caches. Their memory is not read before it is written.

Measured on two threads: a loop that reads 40 MB and writes 40 MB takes a fifth less.
"""

from __future__ import annotations

import math

from backends.numba.machine import cache_bytes
from backends.numba.memory import LINE, SMALLEST
from tensorlayer.codegen import Loop, Nest
from tensorlayer.graph import DType

__all__ = ["is_streamed", "part_length"]

#: Elements of a row that are computed at a time, then stored: whole lines of the cache, and so few that a processor
#: computes the next ones while these are on their way. Measured: a loop takes 1 to 8 % more by 256 elements; by 32 the
#: compiler may do one after the other.
PART = 64
#: Bytes of a result that is stored past the caches however large they are. Measured where a machine tells of 480 MB: a
#: sum of two matrices that gives 32 MB takes a third less, with a loop that reads them then a fifth; one that gives 16
#: MB a tenth less, but with its reader a third more.
LARGE = 24 << 20
#: What takes so many steps that memory is no limit, and that the compiler does worse in short rows. Measured for 32 MB
#: of double precision: exp takes half as long again, log more than twice as long.
IN_STEPS = frozenset("cos cosh exp expm1 log log10 log1p log2 pow sin sinh tan tanh".split())
#: Bytes of a row that are computed at a time where others are fetched too, and that every row must have.
FETCHED = 1 << 10


def part_length(dtype: DType, *, fetches: bool) -> int:
    """Elements that are computed at a time, then stored."""
    return FETCHED // dtype.itemsize if fetches else PART


def is_streamed(loop: Loop, nest: Nest) -> bool:
    """Whether a kernel that does all of the loop stores its result past the caches.

    Half the largest cache is left to what the loop reads, so nothing of a larger result would stay there for its
    reader; nor would it in the caches of large machines, which others use too. Every row of every tile begins with a
    line of the cache, as only memory from `empty` that is kept does.
    """
    width = loop.dtype.itemsize
    large = math.prod(loop.extents) * width >= max(min(cache_bytes() // 2, LARGE), SMALLEST)
    rows = [n * width for n in (nest.tiles[-1], *(nest.extents[-1:] if len(nest.extents) > 1 else ()))]
    in_steps = any(statement.name in IN_STEPS for statement in loop.statements)
    return large and not in_steps and not loop.kind and rows[0] >= FETCHED and not any(size % LINE for size in rows)
