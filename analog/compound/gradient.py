"""The gradient of consecutive vector pairs on its way to a cell that is read meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from analog.cell import PulsedCell
from analog.compound.excerpt import Excerpt
from analog.compound.schedule import Span
from analog.compound.selection import of_lines
from analog.compound.writing import Place
from analog.parameters import UpdateParameters
from analog.pulses import Counts, Trains, make_trains

__all__ = ["Gradient", "shares_pulses"]


def shares_pulses(to: Place, parameters: UpdateParameters) -> bool:
    """Whether the lines of a cell may be updated one without the other."""
    cell = to[0]
    return isinstance(cell, PulsedCell) and cell.separable and not parameters.pulse_type.is_exact


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
            cell.apply(state, site, self.pulses if self.reads_at_end else self._until_read())

    def after_read(self, signs: Any = None) -> None:
        """Bring the lines that were read to the end of the span; their pulses are multiplied by `signs` of lines."""
        cell, state, site = self.to
        if self.reads_at_end or not isinstance(cell, PulsedCell):
            return
        # All other lines are there already: the read ones alone are a smaller cell.
        excerpt = Excerpt(site, self.span.lines, self.rows)
        end = np.full_like(self.span.until, self.span.last - self.span.first)
        signs = None if signs is None else excerpt.of_lines(signs, 0)
        some = excerpt.pulses(self.pulses)
        part = excerpt.taken(state)
        cell.apply(part, excerpt.place, of_lines(excerpt.place, some, (self.span.until, end), signs, rows=self.rows))
        excerpt.put_back(state, part)

    def _until_read(self) -> Trains | Counts:
        site, batch = self.to[2], self.span.last - self.span.first
        ends = np.full(site.shape[0 if self.rows else 1], batch, np.int32)
        ends[self.span.lines] = self.span.until
        return of_lines(site, self.pulses, (np.zeros_like(ends), ends), rows=self.rows)
