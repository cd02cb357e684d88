"""Reading lines of an array: one column, or one row, after the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from analog.cell import CellState, Site
from analog.kernels import Kernel
from analog.mvm import Periphery
from analog.parameters.enums import BoundManagementType, NoiseManagementType
from analog.parameters.io import IOParameters

__all__ = ["Reader", "one_hot"]

#: Products of so few lines are too small for the threads of a BLAS, which would be in the way of the kernels around.
LINES_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads lines by driving one of them at a time through a periphery.

    Parameters
    ----------
    io : IOParameters
        Of the periphery. Noise and bound management are off: a read has a fixed range.
    rows : bool
        Whether rows are read, from the other side of the array.
    """

    io: IOParameters
    rows: bool = False

    @property
    def periphery(self) -> Periphery:
        """The converters."""
        return _periphery(self.io, self.rows)

    @property
    def local(self) -> bool:
        """Whether what is read does not depend on the other lines: these are driven by nothing, not even by noise."""
        return self.io.is_perfect or self.io.inp_noise == 0

    @property
    def alike(self) -> bool:
        """Whether it makes no difference where on the array a line is."""
        return self.local and self.io.wires is None and not (self.io.ir_drop or self.io.w_read_asymmetry_dtod)

    def create(self, site: Site) -> CellState:
        """The state of the periphery."""
        return self.periphery.create(site)

    def read(self, state: CellState, site: Site, weights: Any, lines: Any) -> Any:
        """The values of some lines.

        Parameters
        ----------
        weights : array
            (outputs, inputs).
        lines : array of int32
            Columns, or rows.

        Returns
        -------
        array
            (lines, elements of a line); new.
        """
        if not self.alike:
            vectors = one_hot(site, lines, site.shape[0 if self.rows else 1])
            return self.periphery.product(state, site, weights, vectors)
        held = site.storage.empty((lines.shape[0], site.shape[1 if self.rows else 0]))
        site.target.launch(GATHER, *held.shape, weights, (lines, self.rows), held)
        if self.io.is_perfect:
            return held
        # Lines that are driven by nothing add nothing: a product with the others gives the same.
        for first in range(0, held.shape[0], LINES_AT_ONCE):
            some = held[first : first + LINES_AT_ONCE]
            vectors = one_hot(site, site.storage.take(np.arange(some.shape[0], dtype=np.int32)), some.shape[0])
            some[...] = self.periphery.product(state, site, some if self.rows else some.T, vectors)
        return held


@lru_cache(maxsize=64)
def _periphery(io: IOParameters, rows: bool) -> Periphery:
    plain = io.replace(noise_management=NoiseManagementType.NONE, bound_management=BoundManagementType.NONE)
    return Periphery(plain, transposed=rows)


def one_hot(site: Site, lines: Any, size: int) -> Any:
    """Vectors with a 1 at one place each, (lines, size)."""
    vectors = site.storage.zeros((lines.shape[0], size))
    site.target.launch(ONE_HOT, lines.shape[0], 1, lines, vectors)
    return vectors


def _gather(row: int, first: int, last: int, weights: Any, which: Any, values: Any) -> None:
    lines, rows = which
    line = lines[row]
    for column in range(first, last):
        values[row, column] = weights[line, column] if rows else weights[column, line]


def _one_hot(row: int, first: int, last: int, lines: Any, vectors: Any) -> None:
    for _ in range(first, last):
        vectors[row, lines[row]] = 1


GATHER = Kernel(_gather)
ONE_HOT = Kernel(_one_hot)
