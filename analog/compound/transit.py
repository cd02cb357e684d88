"""What passes between the cells of a compound that transfers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analog.compound.schedule import Lines
from analog.parameters import UpdateParameters

__all__ = ["Fast", "Transfer", "Update"]


@dataclass(frozen=True, eq=False, slots=True)
class Update:
    """What a compound is asked to learn: vector pairs, learning rate, how pulses are made."""

    x: Any
    d: Any
    lr: float
    parameters: UpdateParameters


@dataclass(frozen=True, eq=False, slots=True)
class Fast:
    """What the first cell gets: vector pairs, their learning rate, and the one that each of them stands for."""

    x: Any
    d: Any
    lr: float
    rates: NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Transfer:
    """Lines of a cell on their way to the next.

    Attributes
    ----------
    level : int
        Number of the cell that was read.
    numbers : array of int32
        The lines, none twice.
    lines : array of int32
        The same, native.
    values : array
        What was read, (lines, elements of a line).
    first : int
        How many lines had been read from that cell before, ever.
    lr : float
        Learning rate of the transfer.
    rates : array
        Learning rates of the first cell when the lines were read, (lines,).
    """

    level: int
    numbers: Lines
    lines: Any
    values: Any
    first: int
    lr: float
    rates: NDArray[np.float64]
