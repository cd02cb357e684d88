"""What passes between the cells of a compound that transfers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analog.compound.schedule import Lines
from analog.parameters import UpdateParameters

__all__ = ["Fast", "Reads", "Update", "by_lines"]


@dataclass(frozen=True, eq=False, slots=True)
class Update:
    """What a compound is asked to learn: vector pairs, learning rate, how pulses are made."""

    x: Any
    d: Any
    lr: float
    parameters: UpdateParameters


@dataclass(frozen=True, eq=False, slots=True)
class Fast:
    """What the first cell gets of a batch, but for signs of lines.

    Vector pairs, as arrays or as `Vectors`, their learning rate, and the one that each of them stands for.
    """

    x: Any
    d: Any
    lr: float
    rates: NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Reads:
    """Lines that are read from a cell, one after the other.

    Attributes
    ----------
    level : int
        Number of the cell.
    numbers : array of int32
        The lines.
    lines : array of int32
        The same, native.
    first : int
        How many lines had been read from that cell before, ever.
    lr : float
        Learning rate of the transfer.
    rates : array
        Learning rates of the first cell when the lines are read, (reads,).
    order : tuple of two arrays
        Where the reads of each line begin in the second array, and the reads, line by line in order of time; native.
    """

    level: int
    numbers: Lines
    lines: Any
    first: int
    lr: float
    rates: NDArray[np.float64]
    order: tuple[Any, Any]


def by_lines(numbers: Lines, lines: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The order of reads by lines: see `Reads.order`."""
    starts = np.concatenate([[0], np.cumsum(np.bincount(numbers, minlength=lines))])
    # Of 16 bits, numbers are sorted by counting them.
    return starts, np.argsort(numbers.astype(np.uint16) if lines <= 1 << 16 else numbers, kind="stable")
