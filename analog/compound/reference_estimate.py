"""AGAD's estimate of what a device reads when no gradient has come: its symmetry point, and the reader's offset.

Rasch, Carta, Fagbohungbe, Gokmen, "Fast and robust analog in-memory deep neural network training",
Nature Communications 15, 7133 (2024).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analog.cell import Site
from analog.kernels import Kernel

__all__ = ["subtract_reference"]


def subtract_reference(site: Site, lines: Any, values: Any, estimate: tuple[Any, Any, Any], rate: float) -> None:
    """Subtract the reference from what was read, in place, and keep the running mean.

    A line whose chopper flipped when it was last read (its age is 0) takes the mean of the period before for its
    reference.

    Parameters
    ----------
    lines : array of int32
        Which were read, none twice.
    values : array
        What was read, (reads, elements of a line).
    estimate : tuple of array
        The running means and the references, (lines, elements of a line), both changed in place; and the reads of each
        line since its chopper flipped, int32.
    rate : float
        Weight of the newest read in the mean.
    """
    site.target.launch(SUBTRACT, *values.shape, (lines, values), estimate, np.float32(rate))


def _subtract(row: int, first: int, last: int, reads: Any, estimate: Any, rate: Any) -> None:
    lines, values = reads
    means, references, ages = estimate
    line = lines[row]
    for column in range(first, last):
        value = values[row, column]
        if ages[line] == 0:
            references[line, column] = means[line, column]
        values[row, column] = value - references[line, column]
        means[line, column] = (np.float32(1) - rate) * means[line, column] + rate * value


SUBTRACT = Kernel(_subtract)
