"""Some lines of a cell as a smaller cell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from array_api_compat import array_namespace

from analog.cell import CellState, Site
from analog.compound.schedule import Lines
from analog.pulses import Counts, Trains

__all__ = ["Excerpt"]


@dataclass(frozen=True)
class Excerpt:
    """Some columns of an array of crosspoints, or some rows.

    Parameters
    ----------
    site : Site
        Where the array is.
    lines : array of int32
        Which, none twice.
    rows : bool
        Whether lines are rows.
    """

    site: Site
    lines: Lines
    rows: bool

    @cached_property
    def place(self) -> Site:
        """A place with the lines alone."""
        outputs, inputs = self.site.shape
        count = len(self.lines)
        return replace(self.site, shape=(count, inputs) if self.rows else (outputs, count))

    @cached_property
    def _index(self) -> Any:
        """The lines as an index: a slice where they follow each other, which costs a tenth."""
        first, count = int(self.lines[0]), len(self.lines)
        if np.array_equal(self.lines, np.arange(first, first + count)):
            return slice(first, first + count)
        return self.site.storage.take(self.lines.astype(np.int64))

    def of_lines(self, array: Any, axis: int) -> Any:
        """What an array has for these lines, in C order; a copy."""
        space = array_namespace(array)
        if isinstance(self._index, slice):
            return space.asarray(array[self._at(axis)], copy=True)
        return space.take(array, self._index, axis=axis)

    def _at(self, axis: int) -> tuple[Any, ...]:
        return (slice(None),) * axis + (self._index,)

    def taken(self, state: CellState) -> CellState:
        """A state of these lines: copies of what belongs to crosspoints; all else is shared."""
        return state.map(lambda array: self.of_lines(array, 1 - self.rows) if self._fits(array) else array)

    def put_back(self, state: CellState, part: CellState) -> None:
        """Put the lines of a state into the one that they were taken from, with its counters."""
        state.numbers |= part.numbers
        for name, array in state.arrays.items():
            if self._fits(array):
                array[self._at(1 - self.rows)] = part.arrays[name]
        for name, cell in state.cells.items():
            self.put_back(cell, part.cells[name])

    def pulses(self, pulses: Trains | Counts) -> Trains | Counts:
        """The pulses of these lines."""
        side = "d" if self.rows else "x"
        names = (side,) if isinstance(pulses, Counts) else (f"{side}_positive", f"{side}_negative")
        return replace(pulses, **{name: self.of_lines(getattr(pulses, name), 1) for name in names})

    def _fits(self, array: Any) -> bool:
        return tuple(array.shape) == self.site.shape
