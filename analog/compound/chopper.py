"""Choppers: signs of lines that flip, so that what a device adds by itself averages out.

Rasch, Carta, Fagbohungbe, Gokmen, "Fast and robust analog in-memory deep neural network training",
Nature Communications 15, 7133 (2024).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from analog.cell import Site
from analog.compound.transit import Reads
from analog.kernels import Kernel
from analog.random import Stream
from analog.random.distributions import uniform
from analog.random.philox import words

__all__ = ["Choppers", "flip_all", "flip_read"]

#: Reads that an age, an int32, can count.
MOST_READS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Choppers:
    """When the sign of a line flips after the line was read.

    Parameters
    ----------
    probability : float
        Chance at every read.
    period : int
        Reads after which it flips in any case; 0 for never.
    """

    probability: float
    period: int = 0

    @staticmethod
    def every(probability: float) -> int:
        """The period that stands for a probability: at least two reads, at most what ages count; 0 for never."""
        return max(math.ceil(min(1 / probability, MOST_READS)), 2) if probability > 0 else 0


def flip_read(site: Site, rule: Choppers, reads: Reads, signs: Any, ages: Any) -> tuple[Any, Any, Any]:
    """Flip the signs of lines whenever they are read, in place.

    Parameters
    ----------
    reads : Reads
        Which lines are read.
    signs : array
        Of all lines.
    ages : array of int32
        Reads of each line since its sign flipped: 0 says that it flipped now.

    Returns
    -------
    tuple of three arrays, (reads,)
        The sign of each line when it is read, before it flips; its age then; and -1 where it flips after that, else 1.
    """
    count, empty = len(reads.numbers), site.storage.empty
    found = empty((count,)), empty((count,), np.int32), empty((count,))
    chances = (np.float32(rule.probability), rule.period)
    address = site.key.address(Stream.CHOPPER_IN, reads.first)
    site.target.launch(FLIP_READ, signs.shape[0], 1, reads.order, (signs, ages), found, chances, address)
    return found


def flip_all(site: Site, probability: float, signs: Any, step: int) -> None:
    """Flip each sign with that probability, in place."""
    address = site.key.address(Stream.CHOPPER_OUT, step)
    site.target.launch(FLIP_ALL, len(signs), 1, signs, np.float32(probability), address)


def _flip_read(row: int, first: int, last: int, order: Any, kept: Any, found: Any, chances: Any, address: Any) -> None:
    starts, numbers = order
    signs, ages = kept
    probability, period = chances
    step, stream, seed, tile = address
    for _ in range(first, last):
        for place in range(starts[row], starts[row + 1]):
            number = numbers[place]
            found[0][number], found[1][number], found[2][number] = signs[row], ages[row], np.float32(1)
            ages[row] += 1
            word = words(row, 0, step + number, stream, seed, tile)[0]
            if uniform(word) <= probability or (period > 0 and ages[row] >= period):
                signs[row] = -signs[row]
                ages[row] = 0
                found[2][number] = np.float32(-1)


def _flip_all(row: int, first: int, last: int, signs: Any, probability: Any, address: Any) -> None:
    step, stream, seed, tile = address
    for _ in range(first, last):
        if uniform(words(row, 0, step, stream, seed, tile)[0]) <= probability:
            signs[row] = -signs[row]


FLIP_READ = Kernel(_flip_read)
FLIP_ALL = Kernel(_flip_all)
