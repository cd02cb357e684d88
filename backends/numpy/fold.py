"""How NumPy folds, and how the partial results of tiles are joined."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

__all__ = ["FOLDS", "Partials", "dot"]

#: Elements from which a BLAS may share a dot product among threads, which costs more than it saves.
ONE_THREAD = 8192


class _Fold(NamedTuple):
    """The ufunc that joins two partial results, and whether its element type must be said."""

    ufunc: np.ufunc
    typed: bool


#: Reduction -> how NumPy folds it.
FOLDS = {
    "sum": _Fold(np.add, True),
    "prod": _Fold(np.multiply, True),
    "max": _Fold(np.maximum, False),
    "min": _Fold(np.minimum, False),
    "any": _Fold(np.logical_or, False),
    "all": _Fold(np.logical_and, False),
}


def dot(left: Any, right: Any) -> Any:
    """The sum of the products of two contiguous vectors, by BLAS in pieces that stay in this thread."""
    whole = left.size - left.size % ONE_THREAD
    pieces = np.vecdot(left[:whole].reshape(-1, ONE_THREAD), right[:whole].reshape(-1, ONE_THREAD))
    total = np.add.reduce(pieces)
    return total if whole == left.size else total + np.dot(left[whole:], right[whole:])


class Partials:
    """Joins partial results pairwise, in the order of their arrival.

    The error of a sum of n parts grows with log n, as within NumPy's own sums, and only log n parts are
    held at a time.
    """

    __slots__ = ("_count", "_parts", "_ufunc")

    def __init__(self, kind: str) -> None:
        self._ufunc = FOLDS[kind].ufunc
        self._parts: list[Any] = []
        self._count = 0

    def add(self, part: Any) -> None:
        """Take in the next part."""
        count = self._count
        while count & 1:
            part = self._ufunc(self._parts.pop(), part)
            count >>= 1
        self._parts.append(part)
        self._count += 1

    def total(self) -> Any:
        """The result of all parts; there is at least one."""
        total = self._parts.pop()
        while self._parts:
            total = self._ufunc(self._parts.pop(), total)
        return total
