"""Who draws: the key of a crossbar and the place of a cell in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from analog.random.streams import Stream

__all__ = ["RandomKey"]

CELLS = 1 << 16


@dataclass(frozen=True, slots=True)
class RandomKey:
    """The part of an address that a cell has to itself.

    Parameters
    ----------
    seed : int
        Of the experiment, below 2**32.
    tile : int
        Number of the crossbar, below 2**32.
    cell : int
        Place in the tree of a compound's cells; 0 for the root.
    """

    seed: int
    tile: int = 0
    cell: int = 0

    def of(self, stream: Stream, offset: int = 0) -> int:
        """The third part of an address: what is drawn, by which cell."""
        return stream + offset + 256 * self.cell

    def child(self, number: int) -> RandomKey:
        """The key of the cell with that number inside this one."""
        return replace(self, cell=16 * self.cell + number + 1)
