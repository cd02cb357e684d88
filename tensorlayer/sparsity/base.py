"""What all sparsities share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tensorlayer.description import Description
from tensorlayer.errors import LayoutError
from tensorlayer.shape import Index, Nested

__all__ = ["Place", "Sparsity", "box_of"]

#: An element or a box: for every mode a position or a slice, counted from zero.
Place = Sequence[int | slice]


class Sparsity(Description["Sparsity"]):
    """Which elements of a tensor are known to be zero.

    Elements that are not known to be zero may have any value, so a sparsity with fewer zeros is always
    true as well.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def extents(self) -> Index | None:
        """Length of every mode, or None where the sparsity fits any."""

    @property
    @abstractmethod
    def zero_fraction(self) -> float:
        """Fraction of the elements that are known to be zero; 0 where there are no elements."""

    @abstractmethod
    def is_zero(self, place: Place) -> bool:
        """Whether an element, or everything in a box, is known to be zero.

        Parameters
        ----------
        place : sequence of int or slice
            For every mode a position or a slice without step, as `Nested.block` returns it.

        Raises
        ------
        LayoutError
            If the number of entries is not the rank.
        """

    @abstractmethod
    def slice(self, first: Sequence[int], last: Sequence[int]) -> Sparsity:
        """The sparsity of a half-open box."""

    @abstractmethod
    def chip(self, at: Mapping[int, int]) -> Sparsity:
        """The sparsity where some modes are fixed; these modes are dropped."""

    @abstractmethod
    def union(self, other: Sparsity) -> Sparsity:
        """What may be non-zero in one or the other, as in a sum."""

    @abstractmethod
    def intersection(self, other: Sparsity) -> Sparsity:
        """What may be non-zero in both, as in an element-wise product."""

    @abstractmethod
    def non_zero_mask(self, tiling: Nested) -> NDArray[np.bool_]:
        """Which outermost blocks of `tiling` may hold a non-zero element.

        Returns
        -------
        ndarray of bool, shape ``tiling.outer.extents``
        """

    def require_rank(self, rank: int) -> None:
        """Raise `LayoutError` unless this is the rank."""
        if rank != self.rank:
            raise LayoutError(f"{self!r} has rank {self.rank}, which does not fit rank {rank}")

    def require_extents(self, extents: Sequence[int]) -> None:
        """Raise `LayoutError` unless the sparsity fits these extents."""
        self.require_rank(len(extents))
        if self.extents is not None and self.extents != tuple(extents):
            raise LayoutError(f"{self!r} is for the extents {self.extents}, not for {tuple(extents)}")


def box_of(place: Place, extents: Sequence[int]) -> tuple[Index, Index]:
    """First and last bounds of an element or a box."""
    if len(place) != len(extents):
        raise LayoutError(f"{place!r} has {len(place)} entries, but there are {len(extents)} modes")
    bounds = [_bounds(entry, extent) for entry, extent in zip(place, extents, strict=True)]
    return tuple(first for first, _ in bounds), tuple(last for _, last in bounds)


def _bounds(entry: int | slice, extent: int) -> tuple[int, int]:
    if not isinstance(entry, slice):
        if not 0 <= entry < extent:
            raise LayoutError(f"position {entry} of a mode of extent {extent}: positions are 0 to {extent - 1}")
        return entry, entry + 1
    if entry.step not in (None, 1):
        raise LayoutError(f"{entry!r} has a step: a box is made of slices without one")
    first, last, _ = entry.indices(extent)
    return first, last
