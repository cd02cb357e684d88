"""Permutations of modes."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar, final

from tensorlayer.errors import LayoutError

__all__ = ["Permutation"]

T = TypeVar("T")


@final
@dataclass(frozen=True, slots=True)
class Permutation:
    """A permutation of the modes of a tensor, in one-line notation.

    Parameters
    ----------
    images : tuple of int
        Where each mode goes: 0 to n-1, each once.

    Raises
    ------
    LayoutError
        If a mode is missing or repeated.

    Examples
    --------
    >>> Permutation((1, 0, 2)).cycles
    ((0, 1),)
    >>> Permutation.from_cycles(3, (0, 1, 2)).apply("abc")
    ('c', 'a', 'b')
    """

    images: tuple[int, ...]

    def __post_init__(self) -> None:
        images = tuple(map(operator.index, self.images))
        if sorted(images) != list(range(len(images))):
            raise LayoutError(
                f"the permutation {images} in one-line notation must hold each of 0 to {len(images) - 1} once"
            )
        object.__setattr__(self, "images", images)

    @classmethod
    def identity(cls, rank: int) -> Permutation:
        """The permutation that moves nothing."""
        return cls(tuple(range(rank)))

    @classmethod
    def from_cycles(cls, rank: int, *cycles: Sequence[int]) -> Permutation:
        """Build from disjoint cycles: each member goes where the next one is, the last where the first is.

        Raises
        ------
        LayoutError
            If a mode occurs twice or is not below `rank`.
        """
        images = list(range(rank))
        seen: set[int] = set()
        for mode in (mode for cycle in cycles for mode in cycle):
            if mode in seen or not 0 <= mode < rank:
                raise LayoutError(f"the cycles {cycles} of rank {rank} need distinct modes from 0 to {rank - 1}")
            seen.add(mode)
        for cycle in cycles:
            for mode, image in zip(cycle, (*cycle[1:], *cycle[:1]), strict=True):
                images[mode] = image
        return cls(tuple(images))

    @property
    def rank(self) -> int:
        """Number of modes."""
        return len(self.images)

    @property
    def is_identity(self) -> bool:
        """Whether nothing moves."""
        return self.images == tuple(range(self.rank))

    @property
    def cycles(self) -> tuple[tuple[int, ...], ...]:
        """The cycles longer than 1, each from its smallest member, in order of these."""
        found: list[tuple[int, ...]] = []
        seen: set[int] = set()
        for start in range(self.rank):
            if start not in seen:
                cycle = self._cycle(start)
                seen.update(cycle)
                found.append(cycle)
        return tuple(cycle for cycle in found if len(cycle) > 1)

    def _cycle(self, start: int) -> tuple[int, ...]:
        cycle, mode = [start], self.images[start]
        while mode != start:
            cycle.append(mode)
            mode = self.images[mode]
        return tuple(cycle)

    def apply(self, entries: Iterable[T]) -> tuple[T, ...]:
        """Move the entry at each mode to the image of that mode."""
        moved = sorted(zip(self.images, entries, strict=True), key=operator.itemgetter(0))
        return tuple(entry for _, entry in moved)

    def inverse(self) -> Permutation:
        """The permutation that undoes this one."""
        return Permutation(self.apply(range(self.rank)))

    def compose(self, first: Permutation) -> Permutation:
        """The permutation that applies `first`, then this one.

        Raises
        ------
        LayoutError
            If the ranks differ.
        """
        if first.rank != self.rank:
            raise LayoutError(f"permutations of rank {self.rank} and {first.rank} cannot be composed")
        return Permutation(tuple(self.images[image] for image in first.images))
