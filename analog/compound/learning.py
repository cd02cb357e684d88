"""Updates of cells inside other cells."""

from __future__ import annotations

from typing import Any

from analog.cell.vectors import portions
from analog.compound.writing import Place
from analog.parameters import UpdateParameters

__all__ = ["learn"]


def learn(to: Place, x: Any, d: Any, lr: float, parameters: UpdateParameters) -> None:
    """Update a cell by vector pairs of one batch; one that does not count batches gets them in portions.

    Parameters
    ----------
    to : tuple
        The cell.
    x, d : array or Vectors
        (vector pairs, inputs) and (vector pairs, outputs).
    lr : float
        Learning rate.
    parameters : UpdateParameters
        How pulses are made.
    """
    cell, state, site = to
    if cell.counts_batches:
        cell.update(state, site, x, d, lr, parameters)
        return
    for some in portions(x.shape[0], site.shape):
        cell.update(state, site, x[some], d[some], lr, parameters)
