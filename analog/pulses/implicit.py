"""Numbers of pulses that follow from the vectors without random trains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analog.cell import Site
from analog.kernels import Kernel
from analog.parameters import UpdateParameters
from analog.parameters.enums import PulseType
from analog.pulses.probability import probabilities
from analog.pulses.scaling import Scaling

__all__ = ["Counts", "implicit_counts"]

#: Adding and subtracting it rounds a float32 of less than 2**22 to the nearest whole number, halves to even.
WHOLE = np.float32(1.5 * 2**23)


def _nearest(value: np.float32) -> np.float32:
    return np.float32(np.float32(value + WHOLE) - WHOLE)


@dataclass(frozen=True)
class Counts:
    """Numbers of pulses of one update as rounded products of what its lines have.

    Attributes
    ----------
    x, d : array of float32, (batch, inputs) and (batch, outputs)
        Where the signs of `x` and `d` are equal, weights decrease.
    divisors : array of float32, (batch,)
        ``x * d / divisor``, rounded to the nearest whole number, is the number of pulses of a crosspoint.
    """

    x: Any
    d: Any
    divisors: Any

    @property
    def runs(self) -> int:
        """Number of vector pairs: in each, a crosspoint gets pulses of one direction only."""
        return int(self.x.shape[0])

    @property
    def vectors(self) -> int:
        """How many vector pairs there are."""
        return self.runs

    @property
    def source(self) -> tuple[Any, ...]:
        """What `count` and `part` look at."""
        return self.x, self.d, self.divisors

    @staticmethod
    def count(run: int, row: int, column: int, source: Any) -> np.int64:
        """Pulses of a crosspoint in one run; a negative number is of pulses that decrease the weight."""
        x, d, divisors = source
        return -np.int64(_nearest(np.float32(np.float32(x[run, column] * d[run, row]) / divisors[run])))

    @property
    def parts(self) -> int:
        """Number of vector pairs."""
        return self.runs

    @staticmethod
    def part(part: int, row: int, column: int, source: Any) -> tuple[np.uint32, np.uint32]:
        """Pulses of a crosspoint of one vector pair: those that increase the weight, and those that decrease it."""
        x, d, divisors = source
        downs = _nearest(np.float32(np.float32(x[part, column] * d[part, row]) / divisors[part]))
        return np.uint32(max(-downs, np.float32(0))), np.uint32(max(downs, np.float32(0)))


def implicit_counts(x: Any, d: Any, sizes: Scaling, reverse: bool, parameters: UpdateParameters, site: Site) -> Counts:
    """The counts of a batch; parameters as of `random_trains`."""
    take = site.storage.take
    deterministic = parameters.pulse_type is PulseType.DETERMINISTIC_IMPLICIT
    x_res = parameters.x_res_implicit if deterministic else parameters.res
    d_res = parameters.d_res_implicit if deterministic else parameters.res
    x_chances = probabilities(x, sizes.x, x_res, site)
    d_chances = probabilities(d, sizes.d, d_res, site)
    lengths = site.storage.give(sizes.lengths).astype(np.float32)
    signed = take(-lengths if reverse else lengths)
    ones, whole = take(np.ones_like(lengths)), not deterministic
    _scale(x_chances, ones if deterministic else take(lengths), whole, site)
    _scale(d_chances, signed, whole, site)
    return Counts(x_chances, d_chances, ones if deterministic else take(np.maximum(lengths, np.float32(1))))


def _scale_row(row: int, first: int, last: int, values: Any, factors: Any, whole: bool) -> None:
    for line in range(first, last):
        value = np.float32(factors[row] * values[row, line])
        values[row, line] = _nearest(value) if whole else value


SCALE = Kernel(_scale_row)


def _scale(values: Any, factors: Any, whole: bool, site: Site) -> None:
    site.target.launch(SCALE, *values.shape, values, factors, whole)
