"""Rows of unequal lengths."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from tensorlayer.errors import ShapeError
from tensorlayer.shape.base import Index, Shape, as_origin, checked_bounds, checked_chip
from tensorlayer.shape.smooth import Smooth

__all__ = ["Jagged"]


@final
@dataclass(frozen=True, slots=True, init=False, repr=False)
class Jagged(Shape):
    """A shape whose first mode lists other shapes, which need not be equal.

    Parameters
    ----------
    children : iterable of Smooth or Jagged
        One shape of equal rank for each value of the first index; where they start is not theirs to say.
    origin : tuple of int, optional
        Index of the first element; zeros when left out.

    Raises
    ------
    ShapeError
        If there are no children, their ranks differ, or `origin` has another length.

    Examples
    --------
    >>> triangle = Jagged(Smooth(n) for n in (1, 2, 3))
    >>> triangle.rank, triangle.extents, triangle.size
    (2, (3, 3), 6)
    >>> triangle.chip({0: 1})
    Smooth(2)
    """

    children: tuple[Shape, ...]
    origin: Index

    def __init__(self, children: Iterable[Shape], *, origin: Sequence[int] | None = None) -> None:
        listed = tuple(children)
        if not listed:
            raise ShapeError("a jagged shape needs a child: use Smooth(0, ...) where there are no elements")
        for child in listed:
            if not isinstance(child, (Smooth, Jagged)):
                raise ShapeError(f"the children of a jagged shape are Smooth or Jagged, got {child!r}")
        if len({child.rank for child in listed}) > 1:
            raise ShapeError(f"the children of a jagged shape need one rank, got {[c.rank for c in listed]}")
        inside = (0,) * listed[0].rank
        object.__setattr__(self, "children", tuple(child.moved_to(inside) for child in listed))
        object.__setattr__(self, "origin", as_origin(origin, 1 + len(inside)))

    def __repr__(self) -> str:
        origin = f", origin={self.origin}" if any(self.origin) else ""
        return f"Jagged([{', '.join(map(repr, self.children))}]{origin})"

    @property
    def extents(self) -> Index:
        """Lengths of the bounding box."""
        longest = map(max, zip(*(child.extents for child in self.children), strict=True))
        return (len(self.children), *longest)

    @property
    def size(self) -> int:
        """Number of elements: the sum over the children."""
        return sum(child.size for child in self.children)

    def slice(self, first: Sequence[int], last: Sequence[int]) -> Shape:
        """The elements in a half-open box inside the bounding box; shorter rows are cut where they end."""
        first, last = checked_bounds(self, first, last)
        origin = tuple(map(operator.add, self.origin, first))
        rows = [_cut(child, first[1:], last[1:]) for child in self.children[first[0] : last[0]]]
        if not rows:
            return Smooth((0, *map(operator.sub, last[1:], first[1:])), origin=origin)
        return Jagged(rows, origin=origin)

    def chip(self, at: Mapping[int, int]) -> Shape:
        """The elements with some modes fixed; every row that is left must have an element there."""
        at = checked_chip(self, at)
        inner = {mode - 1: position for mode, position in at.items() if mode}
        origin = [start for mode, start in enumerate(self.origin) if mode not in at]
        if 0 in at:
            return self.children[at[0]].chip(inner).moved_to(origin)
        rows = [child.chip(inner) for child in self.children]
        return Jagged(rows, origin=origin) if rows[0].rank else Smooth(len(rows), origin=origin)

    def moved_to(self, origin: Sequence[int]) -> Jagged:
        """The same rows, starting at another index."""
        return Jagged(self.children, origin=origin)

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
