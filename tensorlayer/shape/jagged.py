"""Rows of unequal lengths."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from tensorlayer.errors import ShapeError
from tensorlayer.shape.base import Index, Shape, checked_bounds, checked_chip
from tensorlayer.shape.smooth import Smooth

__all__ = ["Jagged"]


@final
@dataclass(frozen=True, slots=True, init=False, repr=False)
class Jagged(Shape):
    """A shape whose first mode lists other shapes, which need not be equal.

    Parameters
    ----------
    children : iterable of Smooth or Jagged
        One shape of equal rank for each value of the first index.
    start : int, optional
        First index of the first mode; 0 when left out.

    Raises
    ------
    ShapeError
        If there are no children, or their ranks differ.

    Examples
    --------
    >>> triangle = Jagged(Smooth(n) for n in (1, 2, 3))
    >>> triangle.rank, triangle.extents, triangle.size
    (2, (3, 3), 6)
    >>> triangle.chip({0: 1})
    Smooth(2)
    """

    children: tuple[Shape, ...]
    start: int

    def __init__(self, children: Iterable[Shape], *, start: int = 0) -> None:
        listed = tuple(children)
        if not listed:
            raise ShapeError("a jagged shape needs a child: use Smooth(0, ...) where there are no elements")
        for child in listed:
            if not isinstance(child, (Smooth, Jagged)):
                raise ShapeError(f"the children of a jagged shape are Smooth or Jagged, got {child!r}")
        if len({child.rank for child in listed}) > 1:
            raise ShapeError(f"the children of a jagged shape need one rank, got {[c.rank for c in listed]}")
        object.__setattr__(self, "children", listed)
        object.__setattr__(self, "start", operator.index(start))

    def __repr__(self) -> str:
        start = f", start={self.start}" if self.start else ""
        return f"Jagged([{', '.join(map(repr, self.children))}]{start})"

    @property
    def extents(self) -> Index:
        """Lengths of the bounding box."""
        longest = map(max, zip(*(child.extents for child in self.children), strict=True))
        return (len(self.children), *longest)

    @property
    def origin(self) -> Index:
        """Index of the corner of the bounding box."""
        least = map(min, zip(*(child.origin for child in self.children), strict=True))
        return (self.start, *least)

    @property
    def size(self) -> int:
        """Number of elements: the sum over the children."""
        return sum(child.size for child in self.children)

    def slice(self, first: Sequence[int], last: Sequence[int]) -> Shape:
        """The elements in a half-open box inside the bounding box; shorter rows are cut where they end."""
        first, last = checked_bounds(self, first, last)
        rows = [_cut(child, first[1:], last[1:]) for child in self.children[first[0] : last[0]]]
        if not rows:
            lengths = map(operator.sub, last[1:], first[1:])
            return Smooth((0, *lengths), origin=tuple(map(operator.add, self.origin, first)))
        return Jagged(rows, start=self.start + first[0])

    def chip(self, at: Mapping[int, int]) -> Shape:
        """The elements with some modes fixed; every row that is left must have an element there."""
        at = checked_chip(self, at)
        inner = {mode - 1: position for mode, position in at.items() if mode}
        if 0 in at:
            return self.children[at[0]].chip(inner)
        rows = [child.chip(inner) for child in self.children]
        if rows[0].rank == 0:
            return Smooth(len(rows), origin=(self.start,))
        return Jagged(rows, start=self.start)

    def offsets(self) -> Iterator[Index]:
        """The elements, counted from zero, in lexicographic order."""
        for row, child in enumerate(self.children):
            for offset in child.offsets():
                yield (row, *offset)

    def extent_at(self, mode: int, fixed: Mapping[int, int]) -> int:
        """Length of `mode` where other modes are fixed."""
        if mode == 0:
            return len(self.children)
        inner = {m - 1: position for m, position in fixed.items() if m}
        if 0 in fixed:
            return self.children[fixed[0]].extent_at(mode - 1, inner)
        lengths = {child.extent_at(mode - 1, inner) for child in self.children}
        if len(lengths) > 1:
            raise ShapeError(
                f"mode {mode} of {self!r} has the lengths {sorted(lengths)}: the result needs one, "
                f"so keep the modes before it, in their order"
            )
        return lengths.pop()


def _cut(row: Shape, first: Index, last: Index) -> Shape:
    return row.slice(tuple(map(min, first, row.extents)), tuple(map(min, last, row.extents)))
