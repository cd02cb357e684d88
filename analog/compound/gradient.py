"""The gradient of consecutive vector pairs on its way to a cell that is read meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from analog.cell import PulsedCell
from analog.compound.schedule import Lines, Span
from analog.compound.selection import of_lines
from analog.compound.writing import Place
from analog.parameters import UpdateParameters
from analog.parameters.enums import PulseType
from analog.pulses import Counts, Trains, make_trains

__all__ = ["Gradient", "shares_pulses"]


def shares_pulses(to: Place, parameters: UpdateParameters) -> bool:
    """Whether the lines of a cell may be updated one without the other."""
    cell = to[0]
    exact = parameters.pulse_type in (PulseType.NONE, PulseType.NONE_WITH_DEVICE)
    return isinstance(cell, PulsedCell) and cell.separable and not exact


@dataclass(frozen=True)
class Gradient:
    """Vector pairs and the cell that they update.

    Attributes
    ----------
    to : tuple
        The cell.
    span : Span
        Which lines are read after how many of the vector pairs.
    x, d : array
        The vector pairs of the span.
    lr : float
        Learning rate.
    parameters : UpdateParameters
        How pulses are made.
    step : int
        Counts vector pairs: that of the first one.
    rows : bool
        Whether lines are rows.
    """

    to: Place
    span: Span
    x: Any
    d: Any
    lr: float
    parameters: UpdateParameters
    step: int
    rows: bool

    @cached_property
    def pulses(self) -> Trains | Counts:
        """All pulses, made once."""
        cell, _, site = self.to
        return make_trains(self.x, self.d, self.lr, cell.granularity, self.parameters, site, self.step)

    @property
    def reads_at_end(self) -> bool:
        """Whether all lines are read after the last vector pair."""
        return bool((self.span.until == self.span.last - self.span.first).all())

    def until_read(self) -> None:
        """Bring every line to where it is read, and lines that are not read to the end of the span."""
        cell, state, site = self.to
        if not shares_pulses(self.to, self.parameters):
            cell.update(state, site, self.x, self.d, self.lr, self.parameters)
        elif isinstance(cell, PulsedCell):
            cell.apply(state, site, self.pulses if self.reads_at_end else self._part((self._zeros, self._reads)))

    def after_read(self, signs: Any = None) -> None:
        """Bring the lines that were read to the end of the span; their pulses are multiplied by `signs` of lines."""
        cell, state, site = self.to
        if not self.reads_at_end and isinstance(cell, PulsedCell):
            end = np.full_like(self._zeros, self.span.last - self.span.first)
            cell.apply(state, site, self._part((self._reads, end), signs))

    @property
    def _zeros(self) -> Lines:
        return np.zeros(self.to[2].shape[0 if self.rows else 1], np.int32)

    @property
    def _reads(self) -> Lines:
        """After how many vector pairs each line is read; all of them if it is not."""
        reads = np.full_like(self._zeros, self.span.last - self.span.first)
        reads[self.span.lines] = self.span.until
        return reads

    def _part(self, ranges: tuple[Lines, Lines], signs: Any = None) -> Trains | Counts:
        return of_lines(self.to[2], self.pulses, ranges, signs, rows=self.rows)
