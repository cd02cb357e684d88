"""The probability with which a line fires in a slot, with the sign of its value."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from analog.cell import Site
from analog.kernels import Kernel
from analog.random import Stream
from analog.random.distributions import uniform_at

__all__ = ["Rounding", "chance_of", "probabilities", "width_of"]

ONE = np.float32(1)
#: Width of a step (0: none), whether it is rounded at random, and by which stream.
Rounding = tuple[np.float32, bool, int]


@lru_cache(maxsize=64)
def width_of(resolution: float) -> np.float32:
    """The step that probabilities are rounded to: a share of 1, above 1 the number of steps; 0 or less: none."""
    return np.float32(1 / resolution if resolution > 1 else resolution)


def chance_of(size: Any, rounding: Any, line: int, when: int, seed: int, tile: int) -> Any:
    """The probability of a line whose absolute value, times the factor of its vector, is `size`."""
    width, random, stream = rounding
    chance = min(np.float32(size), ONE)
    if width > np.float32(0):
        shift = uniform_at(line, when, stream, seed, tile) if random else np.float32(0.5)
        chance = min(np.float32(width * np.float32(math.floor(chance / width + shift))), ONE)
    return chance


def _probability(
    row: int, first: int, last: int, values: Any, factors: Any, out: Any, rounding: Any, seed: int, tile: int
) -> None:
    for line in range(first, last):
        value = values[row, line]
        chance = chance_of(factors[row] * abs(value), rounding, line, row, seed, tile)
        out[row, line] = chance if value > np.float32(0) else -chance


PROBABILITY = Kernel(_probability)


def probabilities(values: Any, factors: Any, resolution: float, site: Site) -> Any:
    """Signed probabilities, float32, of the shape of `values`.

    Parameters
    ----------
    values : array of float32, (batch, lines)
    factors : array of float32, (batch,)
        The probability is ``min(1, factor * abs(value))``.
    resolution : float
        It is rounded to the nearest whole step of this: see `width_of`.
    """
    out = site.storage.empty(values.shape)
    rounding = width_of(resolution), False, int(Stream.PULSE_X_ROUNDING)
    site.target.launch(PROBABILITY, *values.shape, values, factors, out, rounding, site.key.seed, site.key.tile)
    return out
