"""Zeros by the element."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tensorlayer.errors import LayoutError
from tensorlayer.shape import Index, Nested, Smooth
from tensorlayer.shape.tiling import boundaries
from tensorlayer.sparsity.base import Place, Sparsity, box_of

__all__ = ["ElementSparsity"]


@final
class ElementSparsity(Sparsity):
    """A tensor of which the elements that may be non-zero are listed.

    Parameters
    ----------
    extents : iterable of int
        Length of every mode.
    coordinates : array_like of int, shape (n, rank), optional
        The elements that may be non-zero, in any order, repeats allowed; none when left out.

    Raises
    ------
    LayoutError
        If a coordinate is outside, or the array is not of that shape.

    Examples
    --------
    >>> diagonal = ElementSparsity((3, 3), [(0, 0), (1, 1), (2, 2)])
    >>> diagonal.is_zero((0, 1)), diagonal.is_zero((0, slice(0, 2)))
    (True, False)
    >>> (diagonal["i,j"] * diagonal["j,k"])["i,k"] == diagonal
    True
    """

    __slots__ = ("_flat", "extents")

    extents: Index
    _flat: NDArray[np.int64]

    def __init__(self, extents: Iterable[int], coordinates: ArrayLike | Iterable[Index] = ()) -> None:
        lengths = Smooth(extents).extents
        table = _as_table(coordinates, len(lengths))
        if table.size and not ((table >= 0) & (table < np.array(lengths, dtype=np.int64))).all():
            raise LayoutError(f"a coordinate lies outside the extents {lengths}")
        _fill(self, lengths, _flattened(table, lengths))

    @classmethod
    def from_array(cls, array: NDArray[Any], threshold: float = 0.0) -> ElementSparsity:
        """The elements of an array whose absolute value is above a threshold, or NaN.

        Parameters
        ----------
        array : ndarray
            Read once.
        threshold : float, optional
            Largest absolute value that counts as zero. The default drops exact zeros only.
        """
        return cls(array.shape, np.argwhere(~(np.abs(array) <= threshold)))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a sparsity is immutable: {name!r} cannot be set")

    def __reduce__(self) -> tuple[Any, ...]:
        return ElementSparsity, (self.extents, self.coordinates)

    def __repr__(self) -> str:
        shown = [tuple(map(int, row)) for row in self.coordinates[:8]]
        more = ", ..." if len(self) > 8 else ""
        return f"ElementSparsity({self.extents}, [{', '.join(map(str, shown))}{more}])"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ElementSparsity):
            return NotImplemented
        return self.extents == other.extents and np.array_equal(self._flat, other._flat)

    def __hash__(self) -> int:
        return hash((self.extents, self._flat.tobytes()))

    def __len__(self) -> int:
        return len(self._flat)

    def __iter__(self) -> Iterator[Index]:
        """The elements that may be non-zero, in lexicographic order."""
        return (tuple(map(int, row)) for row in self.coordinates)

    @property
    def rank(self) -> int:
        """Number of modes."""
        return len(self.extents)

    @property
    def coordinates(self) -> NDArray[np.int64]:
        """The elements that may be non-zero, in lexicographic order; shape (n, rank)."""
        if not self.extents:
            return np.zeros((len(self._flat), 0), dtype=np.int64)
        return np.stack(np.unravel_index(self._flat, self.extents), axis=1).astype(np.int64)

    @property
    def zero_fraction(self) -> float:
        """Fraction of the elements that are zero; 0 where there are no elements."""
        size = math.prod(self.extents)
        return 1.0 - len(self) / size if size else 0.0

    def is_zero(self, place: Place) -> bool:
        """Whether an element, or everything in a box, is known to be zero."""
        return not self._inside(*box_of(place, self.extents)).any()

    def slice(self, first: Sequence[int], last: Sequence[int]) -> ElementSparsity:
        """The sparsity of a half-open box."""
        shape = Smooth(self.extents).slice(first, last)
        rows = self.coordinates[self._inside(first, last)]
        return ElementSparsity(shape.extents, rows - np.array(first, dtype=np.int64))

    def chip(self, at: Mapping[int, int]) -> ElementSparsity:
        """The sparsity where some modes are fixed; these modes are dropped."""
        shape = Smooth(self.extents).chip(at)
        rows, kept = self.coordinates, [mode for mode in range(self.rank) if mode not in at]
        for mode, position in at.items():
            rows = rows[rows[:, mode] == position]
        return ElementSparsity(shape.extents, rows[:, kept])

    def union(self, other: Sparsity) -> Sparsity:
        """What may be non-zero in one or the other; by the tile where the other is."""
        if not isinstance(other, ElementSparsity):
            return other.union(self)
        other.require_extents(self.extents)
        return ElementSparsity(self.extents, np.concatenate([self.coordinates, other.coordinates]))

    def intersection(self, other: Sparsity) -> Sparsity:
        """What may be non-zero in both."""
        other.require_extents(self.extents)
        if other.extents is None:
            return self
        kept = [not other.is_zero(index) for index in self]
        return ElementSparsity(self.extents, self.coordinates[np.array(kept, dtype=np.bool_)])

    def non_zero_mask(self, tiling: Nested) -> NDArray[np.bool_]:
        """Which outermost blocks of `tiling` hold a non-zero element."""
        self.require_extents(tiling.extents)
        mask = np.zeros(tiling.outer.extents, dtype=np.bool_)
        columns = zip(tiling.tilings, self.coordinates.T, strict=True)
        tiles = tuple(np.searchsorted(boundaries(tiles), column, side="right") - 1 for tiles, column in columns)
        mask[tiles] = len(self) > 0
        return mask

    def _inside(self, first: Sequence[int], last: Sequence[int]) -> NDArray[np.bool_]:
        rows = self.coordinates
        inside: NDArray[np.bool_] = np.all((rows >= np.array(first)) & (rows < np.array(last)), axis=1)
        return inside


def _as_table(coordinates: Any, rank: int) -> NDArray[np.int64]:
    listed = coordinates if isinstance(coordinates, np.ndarray) else list(coordinates)
    table = np.asarray(listed)
    if table.size == 0 and table.ndim < 2:
        return np.zeros((len(listed), rank), dtype=np.int64)
    if table.ndim != 2 or table.shape[1] != rank or (table.size and not np.issubdtype(table.dtype, np.integer)):
        raise LayoutError(f"coordinates are integers of shape (n, {rank}), got {table.dtype} of shape {table.shape}")
    return table.astype(np.int64)


def _flattened(table: NDArray[np.int64], extents: Index) -> NDArray[np.int64]:
    if not extents:
        return np.zeros(min(len(table), 1), dtype=np.int64)
    return np.unique(np.ravel_multi_index(tuple(table.T), extents)).astype(np.int64)


def _fill(sparsity: ElementSparsity, extents: Index, flat: NDArray[np.int64]) -> None:
    flat.setflags(write=False)
    object.__setattr__(sparsity, "extents", extents)
    object.__setattr__(sparsity, "_flat", flat)
