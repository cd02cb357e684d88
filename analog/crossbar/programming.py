"""Writing and reading weights through the periphery, as hardware does."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from analog.cell import Storage
from analog.crossbar.arguments import MOST_VECTORS, as_integer, as_number
from analog.crossbar.operands import take_array, take_rows
from analog.crossbar.parts import Face
from analog.crossbar.products import counted
from analog.random import Stream, normals, uniforms

__all__ = ["Programming"]


class Programming(Face):
    """Write and verify, and estimates of what was written."""

    @abstractmethod
    def mvm(self, x: Any) -> Any:
        """Vectors through the array."""

    @abstractmethod
    def update_(self, x: Any, d: Any, lr: float) -> Self:
        """Learn, in place."""

    @abstractmethod
    def set_weights(self, weights: Any) -> Self:
        """Write weights, in place."""

    def program_weights(self, target: Any = None, **options: Any) -> Self:
        """A crossbar that was programmed: see `program_weights_`."""
        return self.copy().program_weights_(target, **options)

    def program_weights_(
        self,
        target: Any = None,
        *,
        x: Any = None,
        lr: float = 0.1,
        max_iter: int = 10000,
        tolerance: float = 0.01,
        w_init: float = 0.01,
        patience: int = 50,
    ) -> Self:
        """Write weights as hardware does: read, compare, pulse, and again.

        Devices that are programmed once (`InferenceRPUConfig`) get the noise of their model instead, anew with every
        call; options of reading and pulsing do nothing to them.

        Parameters
        ----------
        target : array, Tensor or nested sequence, optional
            (outputs, inputs); the present weights when left out, and those without noise where devices are programmed
            once.
        x : array, Tensor or nested sequence, optional
            (vectors, inputs) to read with; the unit vectors when left out.
        lr : float, optional
            Learning rate of the pulses.
        max_iter : int, optional
            Reads at most.
        tolerance : float, optional
            Ends when the mean absolute error of a read is below this share of the largest absolute result wanted.
        w_init : float, optional
            The weights start uniformly between minus this and this.
        patience : int, optional
            Ends when the error has not become smaller for so many reads: noise of reading may be above `tolerance`.

        Raises
        ------
        ShapeError, DtypeError, NotFiniteError, ConversionError, ConfigError
            If an argument is no such array or number; nothing has changed then.
        """
        wanted = None if target is None else take_array(target, self.shape, self._site.storage, "target")
        probes = self._site.storage.take(np.eye(self.shape[1], dtype=np.float32)) if x is None else x
        loop = ClosedLoop(
            as_number("lr", lr),
            as_integer("max_iter", max_iter, MOST_VECTORS),
            as_number("tolerance", tolerance, least=0.0),
            as_number("w_init", w_init, least=0.0),
            as_integer("patience", patience, MOST_VECTORS),
        )
        rows = take_rows(probes, self.shape[1], self._site.storage, "x").array
        if not self._cell.program(*self._place(), wanted):
            start = uniforms(self._site.storage, self._site.key, Stream.PROGRAMMING_START, self._reads, self.shape)
            loop.run(self, self.weights if wanted is None else wanted, rows, start)
        return self

    def read_weights(self, x: Any = None, *, over_sampling: int = 10) -> Any:
        """Estimate the weights from noisy products, by least squares. Counts the vectors that it reads.

        Parameters
        ----------
        x : array, Tensor or nested sequence, optional
            (vectors, inputs) to read with; normally distributed when left out.
        over_sampling : int, optional
            How many vectors per input, when `x` is left out; at least 1.

        Returns
        -------
        array
            (outputs, inputs), float32, of the allocator's library.

        Raises
        ------
        ShapeError, DtypeError, NotFiniteError, ConversionError, ConfigError
            If an argument is no such array or number.
        """
        storage, inputs = self._site.storage, self.shape[1]
        if x is None:
            count = max(as_integer("over_sampling", over_sampling, 1 << 20), 1) * inputs
            x = normals(storage, self._site.key, Stream.READ_VECTOR, self._reads, (count, inputs))
        rows = take_rows(x, inputs, storage, "x").array
        return least_squares(rows, self.mvm(rows), storage)

    @property
    def _reads(self) -> int:
        """How many vectors were read: no two programmings or readings begin at the same number."""
        return counted(self._state.cells["forward"])


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

    def run(self, crossbar: Programming, target: Any, x: Any, start: Any) -> None:
        """Program a crossbar in place.

        Parameters
        ----------
        crossbar : Programming
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
