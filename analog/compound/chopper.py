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
from analog.kernels import Kernel
from analog.random import Stream
from analog.random.distributions import uniform
from analog.random.philox import words

__all__ = ["Choppers", "chop", "flip_all", "flip_read"]


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
        """The period that stands for a probability: at least two reads; 0 for never."""
        return max(math.ceil(1 / probability), 2) if probability > 0 else 0


def chop(site: Site, values: Any, lines: Any, line_signs: Any, element_signs: Any) -> None:
    """Multiply what was read, (reads, elements of a line), by the signs under which it was stored, in place."""
    site.target.launch(CHOP, *values.shape, values, lines, (line_signs, element_signs))


def flip_read(site: Site, rule: Choppers, lines: Any, signs: Any, ages: Any, step: int) -> None:
    """Flip the signs of lines that have just been read, in place.

    Parameters
    ----------
    lines : array of int32
        Which, none twice.
    signs : array
        Of all lines.
    ages : array of int32
        Reads of each line since its sign flipped: 0 says that it flipped now.
    step : int
        Counts reads: that of the first line; the others follow.
    """
    chances = (np.float32(rule.probability), rule.period)
    site.target.launch(FLIP_READ, len(lines), 1, (lines, signs, ages), chances, _address(site, Stream.CHOPPER_IN, step))


def flip_all(site: Site, probability: float, signs: Any, step: int) -> None:
    """Flip each sign with that probability, in place."""
    address = _address(site, Stream.CHOPPER_OUT, step)
    site.target.launch(FLIP_ALL, len(signs), 1, signs, np.float32(probability), address)


def _address(site: Site, stream: Stream, step: int) -> tuple[int, int, int, int]:
    return step, site.key.of(stream), site.key.seed, site.key.tile


def _chop(row: int, first: int, last: int, values: Any, lines: Any, signs: Any) -> None:
    line_signs, element_signs = signs
    for column in range(first, last):
        values[row, column] *= line_signs[lines[row]] * element_signs[column]


def _flip_read(row: int, first: int, last: int, arrays: Any, chances: Any, address: Any) -> None:
    lines, signs, ages = arrays
    probability, period = chances
    step, stream, seed, tile = address
    for _ in range(first, last):
        line = lines[row]
        ages[line] += 1
        word = words(line, 0, step + row, stream, seed, tile)[0]
        if uniform(word) <= probability or (period > 0 and ages[line] >= period):
            signs[line] = -signs[line]
            ages[line] = 0


def _flip_all(row: int, first: int, last: int, signs: Any, probability: Any, address: Any) -> None:
    step, stream, seed, tile = address
    for _ in range(first, last):
        if uniform(words(row, 0, step, stream, seed, tile)[0]) <= probability:
            signs[row] = -signs[row]


CHOP = Kernel(_chop)
FLIP_READ = Kernel(_flip_read)
FLIP_ALL = Kernel(_flip_all)
