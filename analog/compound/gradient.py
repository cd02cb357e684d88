"""The gradient of consecutive vector pairs on its way to a cell that is read meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analog.cell import PulsedCell
from analog.cell.vectors import portions
from analog.compound.excerpt import Excerpt
from analog.compound.learning import learn
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


@dataclass
class Gradient:
    """Vector pairs and the cell that they update; a long span is worked off in portions, of which each is an update.

    Attributes
    ----------
    to : tuple
        The cell.
    span : Span
        Which lines are read after how many of the vector pairs.
    x, d : array or Vectors
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
    _made: tuple[slice, Trains | Counts] | None = field(default=None, init=False)

    @property
    def reads_at_end(self) -> bool:
        """Whether all lines are read after the last vector pair."""
        return bool((self.span.until == self.span.last - self.span.first).all())

    def until_read(self) -> None:
        """Bring every line to where it is read, and lines that are not read to the end of the span."""
        cell, state, site = self.to
        if not isinstance(cell, PulsedCell) or not shares_pulses(self.to, self.parameters):
            learn(self.to, self.x, self.d, self.lr, self.parameters)
            return
        ends = np.full(site.shape[0 if self.rows else 1], self.span.last - self.span.first, np.int32)
        ends[self.span.lines] = self.span.until
        for some in self._portions():
            pulses = self._pulses(some)
            if (ends < some.stop).any():
                pulses = of_lines(site, pulses, (np.zeros_like(ends), _within(some, ends)), rows=self.rows)
            cell.apply(state, site, pulses)

    def after_read(self, signs: Any = None) -> None:
        """Bring the lines that were read to the end of the span; their pulses are multiplied by `signs` of lines."""
        cell, state, site = self.to
        if self.reads_at_end or not isinstance(cell, PulsedCell):
            return
        # All other lines are there already: the read ones alone are a smaller cell.
        excerpt, until = Excerpt(site, self.span.lines, self.rows), self.span.until
        signs = None if signs is None else excerpt.of_lines(signs, 0)
        part = excerpt.taken(state)
        for some in self._portions():
            if (until < some.stop).any():
                pulses, ends = excerpt.pulses(self._pulses(some)), np.full_like(until, some.stop - some.start)
                ranges = _within(some, until), ends
                cell.apply(part, excerpt.place, of_lines(excerpt.place, pulses, ranges, signs, rows=self.rows))
        excerpt.put_back(state, part)

    def _portions(self) -> Iterator[slice]:
        return portions(self.span.last - self.span.first, self.to[2].shape)

    def _pulses(self, some: slice) -> Trains | Counts:
        """The pulses of some of the vector pairs; the last ones are kept."""
        if self._made is None or self._made[0] != some:
            self._made, (cell, _, site) = None, self.to
            x, d, step = self.x[some], self.d[some], self.step + some.start
            self._made = some, make_trains(x, d, self.lr, cell.granularity, self.parameters, site, step)
        return self._made[1]


def _within(some: slice, vectors: NDArray[np.int32]) -> NDArray[np.int32]:
    """Numbers of vectors, counted from the first of a portion, as far as they are in it."""
    inside: NDArray[np.int32] = np.clip(vectors - some.start, 0, some.stop - some.start)
    return inside
