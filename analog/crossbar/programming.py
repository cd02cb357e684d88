"""Writing and reading weights through the periphery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from analog.cell import Storage

if TYPE_CHECKING:
    from analog.crossbar.crossbar import Crossbar

__all__ = ["ClosedLoop", "least_squares"]


@dataclass(frozen=True)
class ClosedLoop:
    """Write and verify: pulses by the difference between what is read and what is wanted, until it is small enough.

    Parameters
    ----------
    lr : float
        Learning rate of the pulses.
    max_iter : int
        Reads at most.
    tolerance : float
        Mean absolute error, relative to the largest absolute result wanted, at which it ends.
    w_init : float
        Largest absolute weight at the start.
    patience : int
        Reads without progress after which it ends.
    """

    lr: float
    max_iter: int
    tolerance: float
    w_init: float
    patience: int

    def run(self, crossbar: Crossbar, target: Any, x: Any, start: Any) -> None:
        """Program a crossbar in place.

        Parameters
        ----------
        crossbar : Crossbar
            What is programmed.
        target : array
            (outputs, inputs), the weights wanted.
        x : array
            (vectors, inputs) to read with.
        start : array
            (outputs, inputs), uniform in (0, 1): where the weights start.
        """
        wanted = x @ target.T
        enough = self.tolerance * float(abs(wanted).max())
        least, since = np.inf, 0
        crossbar.set_weights(self.w_init * (2 * start - 1))
        for _ in range(self.max_iter):
            error = crossbar.mvm(x) - wanted
            size = float(abs(error).mean())
            least, since = (size, 0) if size < least else (least, since + 1)
            if size <= enough or since >= self.patience:
                return
            crossbar.update_(x, error, self.lr)


def least_squares(x: Any, y: Any, storage: Storage) -> Any:
    """The weights that give `y` from `x` with the least squared error, solved on the host in double precision."""
    read = storage.allocator.backend.to_numpy
    solution, *_ = np.linalg.lstsq(read(x).astype(np.float64), read(y).astype(np.float64))
    return storage.take(solution.T.astype(np.float32))
