"""Whether a loop is worth compiling, and how many threads it keeps busy: estimates from measured costs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from tensorlayer.codegen import ALIASING, Loop, Statement
from tensorlayer.graph import DType

__all__ = ["chosen_threads"]

#: Nanoseconds of NumPy below which nothing is compiled: it would take thousands of calls to earn the compilation.
WORTH = 50_000.0
#: Nanoseconds that a call of a kernel takes whatever it does, and what waking the threads adds.
CALL, WAKING = 9_000.0, 45_000.0
#: How much faster than NumPy a kernel must promise to be: machines differ from those where this was measured.
MARGIN = 1.25
#: What another thread adds to the speed of one; loops share the memory, so that more than some of them gain nothing.
SHARE, MOST = 0.6, 4.0


class _Cost(NamedTuple):
    """Nanoseconds per element, in NumPy and in a kernel."""

    numpy: float
    kernel: float


#: Eight bytes read, once per loop (written, they count twice), and an operation that is nothing else.
READ, OPERATION = _Cost(0.05, 0.075), _Cost(0.1, 0.02)
#: An operation on numbers of half precision, which NumPy does one at a time.
HALF = _Cost(1.5, 0.05)
#: Eight bytes read across the order in which the others lie; and where a multiple of `ALIASING` elements is between
#: them, which fall on the same few places of the cache.
CROSSING, ALIASED = _Cost(0.3, 0.5), _Cost(2.0, 1.2)
#: Bytes of such an operand that no cache holds, where NumPy reads every line of it once for each element.
FAR, FAR_CROSSING = 1 << 24, _Cost(2.0, 0.8)
#: Sums, and what a sum down columns takes more.
FOLD, DOWN = _Cost(0.1, 0.02), _Cost(0.0, 0.05)
#: Maxima and minima of everything, and along some axes only.
EXTREME, EXTREMES = _Cost(0.05, 0.1), _Cost(0.13, 0.05)
#: What functions take beyond `OPERATION`: maxima with a constant, choices by any condition. NumPy's are those of a
#: machine with AVX-512; without, they take longer.
DOUBLE: Mapping[str, _Cost] = {
    "cos": _Cost(7.0, 0.5),
    "cosh": _Cost(0.65, 0.4),
    "divide": _Cost(0.15, 0.05),
    "exp": _Cost(0.5, 0.3),
    "expm1": _Cost(0.7, 0.35),
    "log": _Cost(0.5, 0.45),
    "log10": _Cost(0.4, 0.6),
    "log1p": _Cost(0.5, 0.85),
    "log2": _Cost(0.4, 0.55),
    "maximum": _Cost(0.3, 0.0),
    "minimum": _Cost(0.3, 0.0),
    "pow": _Cost(1.3, 1.72),
    "sin": _Cost(7.0, 0.5),
    "sinh": _Cost(0.65, 0.5),
    "sqrt": _Cost(0.8, 0.05),
    "tan": _Cost(0.75, 0.5),
    "tanh": _Cost(0.8, 0.42),
    "where": _Cost(1.0, 0.0),
}
SINGLE: Mapping[str, _Cost] = {
    "cos": _Cost(0.3, 0.5),
    "cosh": _Cost(0.18, 0.14),
    "divide": _Cost(0.05, 0.02),
    "exp": _Cost(0.3, 0.06),
    "expm1": _Cost(0.2, 0.13),
    "log": _Cost(0.18, 0.22),
    "log10": _Cost(0.12, 0.23),
    "log1p": _Cost(0.18, 0.34),
    "log2": _Cost(0.12, 0.21),
    "maximum": _Cost(0.2, 0.0),
    "minimum": _Cost(0.2, 0.0),
    "pow": _Cost(0.35, 1.8),
    "sin": _Cost(0.3, 0.5),
    "sinh": _Cost(0.2, 0.18),
    "sqrt": _Cost(0.2, 0.02),
    "tan": _Cost(0.2, 0.5),
    "tanh": _Cost(0.1, 0.16),
    "where": _Cost(1.0, 0.0),
}
#: Functions that a kernel does one element at a time, and NumPy several: real, and complex.
ONE_BY_ONE, COMPLEX = _Cost(1.0, 15.0), _Cost(10.0, 20.0)
_SIMPLE = frozenset(
    "abs add astype bitwise_and bitwise_invert bitwise_or bitwise_xor ceil conj copysign equal floor greater "
    "greater_equal imag isfinite isinf isnan less less_equal logical_and logical_not logical_or logical_xor maximum "
    "minimum multiply negative not_equal real round sign signbit subtract trunc where".split()
)


def chosen_threads(loop: Loop, threads: int, *, one_call: bool = False) -> int:
    """How many threads are to run the kernel of a loop; 0 if NumPy is to.

    Parameters
    ----------
    loop : Loop
        What is computed.
    threads : int
        How many there are.
    one_call : bool
        Whether NumPy does all of it in one pass.
    """
    elements = math.prod(loop.extents)
    if not elements:
        return 0
    moved = _moved(loop) / elements
    done = [*_crossings(loop), *_operations(loop)]
    plain = moved * READ.numpy + sum(one.numpy for one in (done[-1:] if one_call else done))
    inside = moved * READ.kernel + sum(one.kernel for one in done)
    plain *= elements
    alone = CALL + inside * elements
    together = CALL + WAKING + inside * elements / min(1 + SHARE * (threads - 1), MOST)
    best = min(alone, together) if threads > 1 else alone
    # NumPy adds in another order: whether it does must not depend on the number of threads.
    promised = alone if loop.kind in ("sum", "prod") else best
    if plain < WORTH or promised * MARGIN > plain:
        return 0
    return 1 if best == alone else threads


def _moved(loop: Loop) -> float:
    """Elements of eight bytes that are read and written, each of those counting twice."""
    sizes = (math.prod(loop.extents[axis] for axis in own) for own in loop.axes)
    read = sum(size * dtype.itemsize for size, dtype in zip(sizes, loop.dtypes, strict=True))
    written = math.prod(loop.extents[axis] for axis in loop.kept) * loop.dtype.itemsize
    return (read + 2 * written) / 8


def _crossings(loop: Loop) -> Iterator[_Cost]:
    for own, dtype in zip(loop.axes, loop.dtypes, strict=True):
        if list(own) != sorted(own):
            aliased = loop.extents[own[-1]] % ALIASING == 0
            far = math.prod(loop.extents[axis] for axis in own) * dtype.itemsize >= FAR
            yield _scaled(ALIASED if aliased else FAR_CROSSING if far else CROSSING, dtype)


def _operations(loop: Loop) -> Iterator[_Cost]:
    """What is done with every element, one after the other."""
    for statement in loop.statements:
        half = statement.operands[-1].dtype == np.float16 or statement.dtype == np.float16
        slow = half and statement.name in _SIMPLE
        base, extra = HALF if slow else _scaled(OPERATION, statement.dtype), _extra(statement)
        yield _Cost(base.numpy + extra.numpy, base.kernel + extra.kernel)
    if loop.kind:
        extreme = EXTREMES if loop.kept else EXTREME
        fold = _scaled(extreme if loop.kind in ("max", "min") else FOLD, loop.dtype)
        down = _scaled(DOWN, loop.dtype) if len(loop.extents) - 1 not in loop.reduced else _Cost(0.0, 0.0)
        yield _Cost(fold.numpy + down.numpy, fold.kernel + down.kernel)


def _extra(statement: Statement) -> _Cost:
    dtype = statement.operands[-1].dtype
    if dtype.kind == "c":
        return _Cost(0.0, 0.0) if statement.name in _SIMPLE - {"abs"} else COMPLEX
    otherwise = _Cost(0.0, 0.0) if statement.name in _SIMPLE else ONE_BY_ONE
    return (SINGLE if dtype.itemsize <= 4 else DOUBLE).get(statement.name, otherwise)


def _scaled(cost: _Cost, dtype: DType) -> _Cost:
    return _Cost(cost.numpy * dtype.itemsize / 8, cost.kernel * dtype.itemsize / 8)
