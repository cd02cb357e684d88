"""Updates without pulses: the exact outer product."""

from __future__ import annotations

from typing import Any

import numpy as np

from analog.cell import CellState, Site
from analog.kernels import Kernel
from analog.kernels.half import as_words, widened
from analog.kernels.matmul import matmul
from analog.pulses.bookkeeping import EVERYWHERE, next_address, redraw
from analog.pulses.law import Law

__all__ = ["subtract_product"]


def subtract_product(law: Law, state: CellState, site: Site, x: Any, d: Any, lr: float, *, bounded: bool) -> None:
    """Subtract ``lr * d.T @ x`` from the weights.

    Parameters
    ----------
    law : Law
        For its write noise.
    state : CellState
        Changed in place: see `analog.pulses.apply`.
    x, d : array of float32, (batch, inputs) and (batch, outputs)
    lr : float
        Learning rate.
    bounded : bool
        Whether the bounds of the state hold after every vector pair.
    """
    arrays = state.arrays
    weights = arrays.get("persistent_weights", arrays["weights"])
    rate = np.float32(lr)
    if bounded:
        bounds = as_words(arrays["min_bound"]), as_words(arrays["max_bound"])
        site.target.launch(SUBTRACT_WITHIN, *site.shape, weights, x, d, rate, *bounds)
    else:
        site.target.launch(SUBTRACT, *site.shape, weights, matmul(d.T, x), rate)
    redraw(law, state, site, next_address(state, site), _everywhere, (1, weights), EVERYWHERE)


def _everywhere(part: int, row: int, column: int, source: Any) -> tuple[Any, Any]:  # noqa: ARG001  # all are written
    return np.uint32(1), np.uint32(0)


def _subtract(row: int, first: int, last: int, weights: Any, product: Any, lr: Any) -> None:
    for column in range(first, last):
        weights[row, column] -= lr * product[row, column]


def _subtract_within(
    row: int, first: int, last: int, weights: Any, x: Any, d: Any, lr: Any, least: Any, most: Any
) -> None:
    for vector in range(x.shape[0]):
        rate = lr * d[vector, row]
        for column in range(first, last):
            w = weights[row, column] - rate * x[vector, column]
            weights[row, column] = min(max(w, widened(least[row, column])), widened(most[row, column]))


SUBTRACT = Kernel(_subtract)
SUBTRACT_WITHIN = Kernel(_subtract_within)
