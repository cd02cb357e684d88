"""Vectors of a batch that are made when they are needed, and how many of them are worked on at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["Vectors", "columns_of", "part_of", "portion", "portions"]

#: Elements of vectors that a cell works on at a time, unless it has more crosspoints: pulses need memory beside them.
PORTION = 1 << 18


class Vectors(ABC):
    """Rows of an array that nobody holds: ``vectors[first:last]`` makes those that are asked for.

    The same rows are the same bits whenever they are asked for. Cells that count batches take them in place of arrays
    (see `Cell.counts_batches`), so that a batch is one batch however little of it there is room for.
    """

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int]:
        """(batch, elements of a vector)."""

    @abstractmethod
    def __getitem__(self, some: slice) -> Any:
        """Consecutive rows: an array, float32, C order."""


@dataclass(frozen=True)
class View(Vectors):
    """Some columns of consecutive vectors.

    Parameters
    ----------
    vectors : Vectors
        Of which.
    rows, columns : range
        Which.
    """

    vectors: Vectors
    rows: range
    columns: range

    @property
    def shape(self) -> tuple[int, int]:
        """(batch, elements of a vector)."""
        return len(self.rows), len(self.columns)

    def __getitem__(self, some: slice) -> Any:
        """Consecutive rows."""
        rows = self.rows[some]
        found = self.vectors[rows.start : rows.stop]
        if len(self.columns) == found.shape[1]:
            return found
        return found[:, self.columns.start : self.columns.stop] * 1


def part_of(vectors: Any, first: int, last: int) -> Any:
    """Consecutive vectors of a batch: of an array or of `Vectors`, and the same."""
    if isinstance(vectors, Vectors):
        return View(vectors, range(first, last), range(vectors.shape[1]))
    return vectors[first:last]


def columns_of(vectors: Any, some: slice) -> Any:
    """Some elements of all vectors: of an array, in C order, or of `Vectors`, and the same."""
    batch, elements = vectors.shape
    columns = range(elements)[some]
    if len(columns) == elements:
        return vectors
    return View(vectors, range(batch), columns) if isinstance(vectors, Vectors) else vectors[:, some] * 1


def portion(first: int, batch: int, shape: tuple[int, int], words: float = 1.0) -> slice:
    """Which vectors of a batch are worked on next.

    Parameters
    ----------
    first, batch : int
        How many have been, and how many there are.
    shape : tuple of int
        (outputs, inputs).
    words : float, optional
        By what more memory than the vectors' is needed.
    """
    outputs, inputs = shape
    count = max(int(max(PORTION, outputs * inputs) / (words * max(shape))), 1)
    return slice(first, min(first + count, batch))


def portions(batch: int, shape: tuple[int, int]) -> Iterator[slice]:
    """Which vectors of a batch are worked on at a time, in order, however they come.

    Examples
    --------
    >>> list(portions(2500, (200, 256)))
    [slice(0, 1024, None), slice(1024, 2048, None), slice(2048, 2500, None)]
    """
    first = 0
    while first < batch:
        some = portion(first, batch, shape)
        yield some
        first = some.stop
