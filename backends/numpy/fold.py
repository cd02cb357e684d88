"""Reductions of tiles, and of the partial results that the tiles leave."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tensorlayer.graph import DType

__all__ = ["FOLDS", "Partials", "fold_axes"]


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


def fold_axes(kind: str, array: Any, axes: tuple[int, ...], dtype: DType) -> Any:
    """Reduce `array` over `axes` to elements of `dtype`."""
    fold = FOLDS[kind]
    return fold.ufunc.reduce(array, axis=axes, dtype=dtype if fold.typed else None)


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
