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
        Whether the bounds of the state hold afterwards.
    """
    arrays = state.arrays
    weights = arrays.get("persistent_weights", arrays["weights"])
    bounds = (as_words(arrays["min_bound"]), as_words(arrays["max_bound"])) if bounded else (weights, weights)
    site.target.launch(SUBTRACT, *site.shape, weights, matmul(d.T, x), np.float32(lr), *bounds, bounded)
    redraw(law, state, site, next_address(state, site), _everywhere, (1, weights), EVERYWHERE)


def _everywhere(part: int, row: int, column: int, source: Any) -> tuple[Any, Any]:  # noqa: ARG001  # all are written
    return np.uint32(1), np.uint32(0)


def _subtract(
    row: int, first: int, last: int, weights: Any, product: Any, lr: Any, least: Any, most: Any, bounded: bool
) -> None:
    for column in range(first, last):
        w = weights[row, column] - lr * product[row, column]
        if bounded:
            w = min(max(w, widened(least[row, column])), widened(most[row, column]))
        weights[row, column] = w


SUBTRACT = Kernel(_subtract)
