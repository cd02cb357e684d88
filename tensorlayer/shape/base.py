"""What all shapes share."""

from __future__ import annotations

import operator
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Self

from tensorlayer.description import Description
from tensorlayer.errors import ShapeError

__all__ = ["Index", "Shape", "as_extents", "as_origin", "checked_bounds", "checked_chip"]

Index = tuple[int, ...]


class Shape(Description["Shape"]):
    """The extents of a tensor.

    An element of a slice keeps its index: the `origin` moves. Iteration yields these indices in
    lexicographic order, `offsets` the same elements counted from zero. Arguments of `slice` and `chip`
    are counted from zero, so slices of slices add up as they do in Python.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def extents(self) -> Index:
        """Length of every mode (of the bounding box, where the shape is jagged)."""

    @property
    @abstractmethod
    def origin(self) -> Index:
        """Index of the first element."""

    @property
    @abstractmethod
    def size(self) -> int:
        """Number of elements."""

    @abstractmethod
    def slice(self, first: Sequence[int], last: Sequence[int]) -> Shape:
        """The elements in the half-open box from `first` to `last`; the rank stays.

        Raises
        ------
        ShapeError
            If a bound is missing, reversed, or outside.
        """

    @abstractmethod
    def chip(self, at: Mapping[int, int]) -> Shape:
        """The elements with the given modes fixed; these modes are dropped.

        Parameters
        ----------
        at : mapping of int to int
            Position of the chip in each dropped mode.

        Raises
        ------
        ShapeError
            If a mode does not exist or a position is outside.
        """

    @abstractmethod
    def moved_to(self, origin: Sequence[int]) -> Self:
        """The same extents, starting at another index.

        Raises
        ------
        ShapeError
            If `origin` has not one entry for each mode.
        """

    @abstractmethod
    def offsets(self) -> Iterator[Index]:
        """The elements, counted from zero, in lexicographic order."""

    def extent_at(self, mode: int, fixed: Mapping[int, int]) -> int:
        """Length of `mode` where other modes are `fixed` at positions counted from zero.

        Raises
        ------
        ShapeError
            If the length depends on a mode that is not fixed.
        """
        del fixed
        return self.extents[mode]

    @property
    def rank(self) -> int:
        """Number of modes."""
        return len(self.extents)

    def extent(self, mode: int) -> int:
        """Length of one mode.

        Raises
        ------
        ShapeError
            If there is no such mode.
        """
        if not 0 <= mode < self.rank:
            raise ShapeError(f"mode {mode} of {self!r}: the modes are 0 to {self.rank - 1}")
        return self.extents[mode]

    def __iter__(self) -> Iterator[Index]:
        for offset in self.offsets():
            yield tuple(map(operator.add, self.origin, offset))

    def __contains__(self, index: object) -> bool:
        if not isinstance(index, tuple) or len(index) != self.rank:
            return False
        offset = tuple(map(operator.sub, index, self.origin))
        fixed = dict(enumerate(offset))
        return all(
            0 <= offset[mode] < self.extent_at(mode, {m: x for m, x in fixed.items() if m < mode})
            for mode in range(self.rank)
        )


def as_extents(values: Iterable[int]) -> Index:
    """Check lengths.

    Raises
    ------
    ShapeError
        If a length is negative or no integer.
    """
    extents = tuple(values)
    for extent in extents:
        if type(extent) is not int or extent < 0:
            return tuple(map(_as_extent, extents))
    return extents


def _as_extent(value: object) -> int:
    try:
        extent = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise ShapeError(f"an extent is an integer >= 0, got {value!r} of type {type(value).__name__}") from None
    if extent < 0:
        raise ShapeError(f"an extent is an integer >= 0, got {extent}")
    return extent


def as_origin(origin: Sequence[int] | None, rank: int) -> Index:
    """Index of the first element, zeros for None, or `ShapeError`."""
    if origin is None:
        return (0,) * rank
    if len(origin) != rank:
        raise ShapeError(f"the origin {tuple(origin)} needs one entry for each of {rank} modes")
    return tuple(map(operator.index, origin))


def checked_bounds(shape: Shape, first: Sequence[int], last: Sequence[int]) -> tuple[Index, Index]:
    """The bounds of a slice as tuples, or `ShapeError`."""
    if not len(first) == len(last) == shape.rank:
        raise ShapeError(
            f"a slice of {shape!r} needs {shape.rank} first and {shape.rank} last bounds, "
            f"got {len(first)} and {len(last)}"
        )
    for mode, (a, b, extent) in enumerate(zip(first, last, shape.extents, strict=True)):
        if not 0 <= a <= b <= extent:
            raise ShapeError(f"slice {a}:{b} of mode {mode} of {shape!r}: bounds need 0 <= first <= last <= {extent}")
    return as_extents(first), as_extents(last)


def checked_chip(shape: Shape, at: Mapping[int, int]) -> dict[int, int]:
    """The positions of a chip, or `ShapeError`."""
    for mode, position in at.items():
        if not 0 <= position < shape.extent(mode):
            raise ShapeError(
                f"chip at {position} of mode {mode} of {shape!r}: positions are 0 to {shape.extent(mode) - 1}"
            )
    return {operator.index(mode): operator.index(position) for mode, position in at.items()}
