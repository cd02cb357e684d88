"""The probability with which a line fires in a slot, with the sign of its value."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from analog.cell import Site
from analog.kernels import Kernel
from analog.random import Stream
from analog.random.distributions import uniform_at

__all__ = ["probabilities"]


def _probability(
    row: int,
    first: int,
    last: int,
    values: Any,
    factors: Any,
    out: Any,
    resolution: np.float32,
    random: bool,
    step: int,
    stream: int,
    seed: int,
    tile: int,
) -> None:
    one = np.float32(1)
    for line in range(first, last):
        value = values[row, line]
        chance = min(np.float32(factors[row] * abs(value)), one)
        if resolution > np.float32(0):
            shift = uniform_at(line, step + row, stream, seed, tile) if random else np.float32(0.5)
            chance = min(np.float32(resolution * np.float32(math.floor(chance / resolution + shift))), one)
        out[row, line] = chance if value > np.float32(0) else -chance


PROBABILITY = Kernel(_probability)


def probabilities(
    values: Any, factors: Any, resolution: float, site: Site, rounding: tuple[Stream, int] | None = None
) -> Any:
    """Signed probabilities, float32, of the shape of `values`.

    Parameters
    ----------
    values : array of float32, (batch, lines)
    factors : array of float32, (batch,)
        The probability is ``min(1, factor * abs(value))``.
    resolution : float
        It is rounded to whole steps of this; above 1 the number of steps; 0 or less: not rounded.
    rounding : tuple, optional
        Stream and step of random rounding; to the nearest when left out.
    """
    out = site.storage.empty(values.shape)
    stream, step = rounding or (Stream.PULSE_X_ROUNDING, 0)
    width = np.float32(1 / resolution if resolution > 1 else resolution)
    address = (step, site.key.of(stream), site.key.seed, site.key.tile)
    site.target.launch(PROBABILITY, *values.shape, values, factors, out, width, rounding is not None, *address)
    return out
