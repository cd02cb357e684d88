"""Data that no cache holds: which results are stored past the caches, and which operands are asked for beforehand.

Memory of streaming stores is not read before it is written. Measured on two threads: a loop that reads 40 MB and
writes 40 MB takes a fifth less.
"""

from __future__ import annotations

import math

from backends.numba.machine import cache_bytes
from backends.numba.memory import LINE, SMALLEST
from backends.numba.steps import takes_steps
from tensorlayer.codegen import Loop, Nest
from tensorlayer.graph import DType

__all__ = ["ahead_length", "fetches_ahead", "is_streamed", "part_length"]

#: Elements of a row that are computed at a time, then stored: whole lines of the cache, and so few that a processor
#: computes the next ones while these are on their way. Measured: a loop takes 1 to 8 % more by 256 elements; by 32 the
#: compiler may do one after the other.
PART = 64
#: Bytes of a result that is stored past the caches however large they are. Measured where a machine tells of 480 MB: a
#: sum of two matrices that gives 32 MB takes a third less, with a loop that reads them then a fifth; one that gives 16
#: MB a tenth less, but with its reader a third more.
LARGE = 24 << 20
#: Bytes of a row that are computed at a time where others are fetched too, and that every row must have.
FETCHED = 1 << 10
#: Bytes of an operand that a fold of more than the caches hold asks for while it takes in as many before them.
#: Measured: three operands of 80 MB take 2 to 4 % less time, one of 160 MB a fifth less; with twice as many or as far
#: ahead, three take as long as without.
AHEAD = 1 << 9


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
    rows = [n * width for n in (nest.tiles[-1], *(nest.extents[-1:] if len(nest.extents) > 1 else ()))]
    # Functions in steps the compiler does worse in short rows. Measured for 32 MB of double precision: exp takes half
    # as long again, log more than twice as long.
    worth = _is_large(math.prod(loop.extents) * width) and not takes_steps(loop)
    return worth and not loop.kind and rows[0] >= FETCHED and not any(size % LINE for size in rows)


def ahead_length(loop: Loop) -> int:
    """Elements that are taken in while as many are asked for."""
    return max(AHEAD // max(dtype.itemsize for dtype in loop.dtypes), 1)


def fetches_ahead(loop: Loop, nest: Nest) -> bool:
    """Whether a kernel that folds everything, in order, asks the memory for what comes next.

    Sums of the rows of a matrix would take half as long again.
    """
    read = sum(
        math.prod(loop.extents[axis] for axis in axes) * dtype.itemsize
        for axes, dtype in zip(loop.axes, loop.dtypes, strict=True)
    )
    in_order = bool(loop.kind) and nest.folded == (True,) and all(one == (1,) for one in nest.strides)
    return in_order and _is_large(read) and not takes_steps(loop) and nest.tiles[-1] >= 2 * ahead_length(loop)


def _is_large(nbytes: int) -> bool:
    return nbytes >= max(min(cache_bytes() // 2, LARGE), SMALLEST)
