"""What has happened to a grid since it was last kept."""

from __future__ import annotations

from collections.abc import Iterator

from analog.distributed.product import count
from analog.distributed.transition import Transition

__all__ = ["Journal"]


class Journal:
    """How the crossbars came to be, and every transition since.

    Every transition is pure and every draw has an address, so doing them again gives the same bits: that is how a part
    whose worker died is made again.

    Parameters
    ----------
    origin : Transition
        Makes the crossbars.
    """

    def __init__(self, origin: Transition) -> None:
        self.origin = origin
        self._since: list[Transition] = []
        self._vectors: dict[int, int] = {}

    @property
    def nbytes(self) -> int:
        """Of the arrays that are kept for doing transitions again."""
        return sum(each.nbytes for each in self._since)

    def __len__(self) -> int:
        return len(self._since) + len(self._vectors)

    def __iter__(self) -> Iterator[Transition]:
        yield self.origin
        yield from self._since
        yield from self._counts()

    def _counts(self) -> Iterator[Transition]:
        return (count(axis, vectors) for axis, vectors in self._vectors.items())

    def count(self, axis: int, vectors: int) -> None:
        """Vectors went through the crossbars: all that products change is how many there were."""
        self._vectors[axis] = self._vectors.get(axis, 0) + vectors

    def add(self, transition: Transition) -> None:
        """Something else happened."""
        self._since += [*self._counts(), transition]
        self._vectors = {}

    def begin_at(self, origin: Transition) -> None:
        """The crossbars were kept: from here on they come from there."""
        self.origin, self._since, self._vectors = origin, [], {}
