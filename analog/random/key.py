"""Who draws: the key of a crossbar and the place of a cell in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from analog.errors import ConfigError

__all__ = ["RandomKey"]

STREAMS = 1 << 8
CELLS = 1 << 16
#: Children of one cell.
BRANCHES = 16


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
        Place in the tree of a compound's cells; 0 for the root, below 2**16.

    Raises
    ------
    ConfigError
        If a part does not fit into its place in the address: two addresses would be one.
    """

    seed: int
    tile: int = 0
    cell: int = 0

    def __post_init__(self) -> None:
        for name, value, end in (
            ("seed", self.seed, 1 << 32),
            ("tile", self.tile, 1 << 32),
            ("cell", self.cell, CELLS),
        ):
            if not 0 <= value < end:
                raise ConfigError(f"the {name} of a random key is {value}; it must be at least 0 and below {end}")

    def of(self, stream: int, offset: int = 0) -> int:
        """The third part of an address: what is drawn (a `Stream`, plus an offset), by which cell.

        Raises
        ------
        ConfigError
            If there is no such stream.
        """
        number = int(stream) + offset
        if not 0 <= number < STREAMS:
            raise ConfigError(f"there are {STREAMS} streams; {stream!r} with offset {offset} is none of them")
        return number + STREAMS * self.cell

    def address(self, stream: int, step: int) -> tuple[int, int, int, int]:
        """The last four parts of an address: (step, what is drawn by which cell, seed, tile)."""
        return step, self.of(stream), self.seed, self.tile

    def child(self, number: int) -> RandomKey:
        """The key of the cell with that number, below 16, inside this one.

        Raises
        ------
        ConfigError
            If a cell has not so many cells inside, or cells are nested too deeply.
        """
        if not 0 <= number < BRANCHES:
            raise ConfigError(f"a cell has at most {BRANCHES} cells inside; number {number} cannot be addressed")
        cell = BRANCHES * self.cell + number + 1
        if cell >= CELLS:
            raise ConfigError(
                "cells inside cells are nested too deeply: a random address has room for four levels; use fewer"
            )
        return replace(self, cell=cell)
