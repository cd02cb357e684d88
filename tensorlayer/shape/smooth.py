"""A rectangle."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from tensorlayer.shape.base import Index, Shape, as_extents, as_origin, checked_bounds, checked_chip

__all__ = ["Smooth"]


@final
@dataclass(frozen=True, slots=True, init=False, repr=False)
class Smooth(Shape):
    """A rectangle of elements.

    Parameters
    ----------
    *extents : int or iterable of int
        Length of every mode, or one iterable of them; none at all is a scalar.
    origin : tuple of int, optional
        Index of the first element; zeros when left out.

    Raises
    ------
    ShapeError
        If an extent is negative or no integer, or `origin` has another length.

    Examples
    --------
    >>> shape = Smooth(3, 4)
    >>> shape.size, shape.slice((1, 0), (3, 2))
    (12, Smooth(2, 2, origin=(1, 0)))
    >>> list(Smooth(3, 4).slice((1, 0), (2, 2)))
    [(1, 0), (1, 1)]
    """

    extents: Index
    origin: Index

    def __init__(self, *extents: int | Iterable[int], origin: Sequence[int] | None = None) -> None:
        if len(extents) == 1 and isinstance(extents[0], Iterable):
            lengths = as_extents(extents[0])
        else:
            lengths = as_extents(extents)  # type: ignore[arg-type]
        object.__setattr__(self, "extents", lengths)
        object.__setattr__(self, "origin", as_origin(origin, len(lengths)))

    def __repr__(self) -> str:
        parts = [*map(str, self.extents)]
        if any(self.origin):
            parts.append(f"origin={self.origin}")
        return f"Smooth({', '.join(parts)})"

    @property
    def size(self) -> int:
        """Number of elements; 1 for a scalar."""
        return math.prod(self.extents)

    def slice(self, first: Sequence[int], last: Sequence[int]) -> Smooth:
        """The elements in the half-open box from `first` to `last`."""
        first, last = checked_bounds(self, first, last)
        return Smooth(map(operator.sub, last, first), origin=tuple(map(operator.add, self.origin, first)))

    def chip(self, at: Mapping[int, int]) -> Smooth:
        """The elements with some modes fixed; these modes are dropped."""
        at = checked_chip(self, at)
        kept = [mode for mode in range(self.rank) if mode not in at]
        return Smooth((self.extents[m] for m in kept), origin=[self.origin[m] for m in kept])

    def moved_to(self, origin: Sequence[int]) -> Smooth:
        """The same extents, starting at another index."""
        return Smooth(self.extents, origin=origin)

    def offsets(self) -> Iterator[Index]:
        """The elements, counted from zero, in lexicographic order."""
        return itertools.product(*map(range, self.extents))
