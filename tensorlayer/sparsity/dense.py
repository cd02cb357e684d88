"""No zeros are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from tensorlayer.errors import LayoutError
from tensorlayer.shape import Nested
from tensorlayer.sparsity.base import Place, Sparsity

__all__ = ["Dense"]


@final
@dataclass(frozen=True)
class Dense(Sparsity):
    """A tensor in which any element may be non-zero.

    Parameters
    ----------
    rank : int
        Number of modes.

    Examples
    --------
    >>> Dense(2).is_zero((0, 0))
    False
    """

    rank: int

    __slots__ = ("rank",)

    def __reduce__(self) -> tuple[type[Dense], tuple[int]]:
        return Dense, (self.rank,)

    @property
    def extents(self) -> None:
        """None: it fits any extents."""
        return

    @property
    def zero_fraction(self) -> float:
        """Fraction of the elements that are known to be zero: none."""
        return 0.0

    def is_zero(self, place: Place) -> bool:
        """Whether the place is known to be zero: never."""
        if len(place) != self.rank:
            raise LayoutError(f"{place!r} has {len(place)} entries, but there are {self.rank} modes")
        return False

    def slice(self, first: Sequence[int], last: Sequence[int]) -> Dense:
        """The sparsity of a half-open box: dense."""
        del first, last
        return self

    def chip(self, at: Mapping[int, int]) -> Dense:
        """The sparsity where some modes are fixed: dense, of lower rank."""
        return Dense(self.rank - len(at))

    def union(self, other: Sparsity) -> Sparsity:
        """Dense, whatever the other is."""
        self.require_rank(other.rank)
        return self

    def intersection(self, other: Sparsity) -> Sparsity:
        """The other."""
        self.require_rank(other.rank)
        return other

    def non_zero_mask(self, tiling: Nested) -> NDArray[np.bool_]:
        """Which blocks may be non-zero: all."""
        self.require_rank(tiling.rank)
        return np.ones(tiling.outer.extents, dtype=np.bool_)
