"""Which of several devices a vector pair updates."""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray

from analog.random import RandomKey, Stream
from analog.random.philox import words

__all__ = ["VectorUnitCellUpdatePolicy", "chosen"]


class VectorUnitCellUpdatePolicy(Enum):
    """Which devices of a vector cell an update changes."""

    ALL = "All"
    """All, with the same pulses."""
    SINGLE_FIXED = "SingleFixed"
    """One and the same, until another one is chosen."""
    SINGLE_SEQUENTIAL = "SingleSequential"
    """Each in turn, the next one at every vector pair."""
    SINGLE_RANDOM = "SingleRandom"
    """One at random for every vector pair."""


def chosen(
    policy: VectorUnitCellUpdatePolicy, devices: int, current: int, batch: int, key: RandomKey, step: int
) -> NDArray[np.int64]:
    """The device that each vector pair of a batch updates.

    Parameters
    ----------
    policy : VectorUnitCellUpdatePolicy
        Any but ALL.
    devices : int
        How many there are.
    current : int
        The one that was updated last.
    batch : int
        Vector pairs.
    key : RandomKey
        Who draws.
    step : int
        Counts vector pairs: that of the first one.
    """
    numbers = np.arange(1, batch + 1)
    if policy is VectorUnitCellUpdatePolicy.SINGLE_SEQUENTIAL:
        return (current + numbers) % devices
    if policy is VectorUnitCellUpdatePolicy.SINGLE_RANDOM:
        addresses = (key.address(Stream.CHOICE_OF_DEVICE, step + number) for number in range(batch))
        draws = [int(words(0, 0, *address)[0]) for address in addresses]
        return np.array(draws, np.int64) * devices >> 32
    return np.full(batch, current)
