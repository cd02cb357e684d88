"""Learning rates that follow the size of the vectors, so that pulse trains stay filled.

Rasch, Carta, Fagbohungbe, Gokmen, "Fast and robust analog in-memory deep neural network training",
Nature Communications 15, 7133 (2024).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analog.cell import CellState, Site
from analog.cell.vectors import portions
from analog.compound.scaled import Scaled
from analog.kernels import CPU, Kernel, bits_of_float32, float32_of_bits

__all__ = ["rescaled", "running_rates"]

WITHOUT_SIGN = np.uint32(0x7FFFFFFF)


def running_rates(
    state: CellState, site: Site, x: Any, d: Any, pulses: float, forgetting: float
) -> NDArray[np.float64]:
    """The learning rate of every vector pair that gives the largest elements about as many granularities as `pulses`.

    Running averages of ``max(abs(x))`` and ``max(abs(d))`` are kept in the state as ``"mean_x"`` and ``"mean_d"``; the
    first vector pair starts them, and pairs with a vector of zeros are passed over.

    Parameters
    ----------
    x, d : array or Vectors
        (batch, inputs) and (batch, outputs).
    pulses : float
        Of the largest elements, times the granularity.
    forgetting : float
        Weight of the newest vector pair in the averages.
    """
    means = np.array([state.numbers["mean_x"], state.numbers["mean_d"]], np.float64)
    rates = np.empty(x.shape[0])
    # One number after the other, which the host is there for.
    CPU.launch(FOLLOW, 1, len(rates), *_largest(site, x, d), means, rates, pulses, forgetting)
    state.numbers |= {"mean_x": float(means[0]), "mean_d": float(means[1])}
    return rates


def rescaled(site: Site, x: Any, d: Any, rates: NDArray[np.float64]) -> tuple[Any, Any, float]:
    """Vector pairs whose update with one learning rate is that of each with its own, and that learning rate.

    Both vectors of a pair take the square root: probabilities of pulses stay the same one by one.
    """
    rate = float(rates.max(initial=0.0))
    if rate == 0 or (rates == rate).all():
        return x, d, rate
    factors = site.storage.take(np.sqrt(rates / rate).astype(np.float32)[:, np.newaxis])
    return Scaled(x, factors), Scaled(d, factors), rate


def _largest(site: Site, x: Any, d: Any) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    largest = np.empty((2, x.shape[0]), np.float32)
    for some in portions(x.shape[0], site.shape):
        found = site.storage.empty((2, some.stop - some.start))
        site.target.launch(MAGNITUDES, found.shape[1], 1, x[some], d[some], found)
        largest[:, some] = site.storage.give(found)
    return largest[0], largest[1]


def _magnitude(values: Any, row: int) -> Any:
    # Numbers without their sign are in the order of their bits, whose maximum takes vector instructions.
    found = np.uint32(0)
    for column in range(values.shape[1]):
        found = max(found, np.uint32(bits_of_float32(values[row, column]) & WITHOUT_SIGN))
    return float32_of_bits(found)


def _magnitudes(row: int, first: int, last: int, x: Any, d: Any, found: Any) -> None:
    for _ in range(first, last):
        found[0, row], found[1, row] = _magnitude(x, row), _magnitude(d, row)


def _follow(
    row: int,  # noqa: ARG001  # there is one
    first: int,
    last: int,
    largest_x: Any,
    largest_d: Any,
    means: Any,
    rates: Any,
    pulses: float,
    forgetting: float,
) -> None:
    mean_x, mean_d = means[0], means[1]
    for number in range(first, last):
        if largest_x[number] > 0 and largest_d[number] > 0:
            mean_x += (forgetting if mean_x != 0 else 1.0) * (np.float64(largest_x[number]) - mean_x)
            mean_d += (forgetting if mean_d != 0 else 1.0) * (np.float64(largest_d[number]) - mean_d)
        rates[number] = pulses / (mean_x * mean_d) if mean_x * mean_d > 0 else 0.0
    means[0], means[1] = mean_x, mean_d


MAGNITUDES = Kernel(_magnitudes)
FOLLOW = Kernel(_follow, per="row")
