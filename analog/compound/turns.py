"""Which lines are read next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analog.cell import Site
from analog.compound.schedule import Lines
from analog.random import Stream
from analog.random.philox import words

__all__ = ["Turns"]


@dataclass(frozen=True, slots=True)
class Turns:
    """Lines that are read some at a time, neighbours together.

    Parameters
    ----------
    lines : int
        How many there are.
    reads : int
        How many are read at a time; at most all.
    at_random : bool
        Whether the first of these is random; otherwise it follows the last one of the time before.
    """

    lines: int
    reads: int
    at_random: bool

    def next(self, site: Site, start: int, draw: int, times: int = 1) -> tuple[Lines, int]:
        """The lines that are read the next `times`, and the one whose turn it is after them.

        Parameters
        ----------
        site : Site
            Where they are.
        start : int
            The line whose turn it is.
        draw : int
            How many lines were read before, ever: no two draws are at one address.
        times : int, optional
            How often lines are read.
        """
        since = self.reads * np.arange(times)
        first = (
            np.array([self._random(site, draw + n) for n in since.tolist()], int) if self.at_random else start + since
        )
        lines = ((first[:, np.newaxis] + np.arange(self.reads)) % self.lines).astype(np.int32).ravel()
        return lines, (int(lines[-1]) + 1) % self.lines if times else start

    def _random(self, site: Site, draw: int) -> int:
        return int(words(0, 0, *site.key.address(Stream.CHOICE_OF_SLICE, draw))[0]) * self.lines >> 32
