"""A device on its way through the pulses of a batch, and what its lines hold whenever they are read.

A line that is read many times in a batch would cut it into many spans. But neither other lines nor other elements of
its line matter to a crosspoint of a device: each goes through the whole batch by itself. Its pulses are numbered
through the batch, so that they take the normal numbers that they would take if nobody read it. A law that has a closed
form for the pulses of a vector pair is used by that, however short the trains are. Neither pulses nor reads of the
whole batch are in memory: a `Course` takes them in parts, which change no bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import numpy as np

from analog.cell import Cell, CellState, Site
from analog.compound.passage_kernels import by_runs, by_steps
from analog.compound.transit import Reads
from analog.compound.writing import Place
from analog.devices import PulsedDevice
from analog.devices.linear_law import QUIET
from analog.parameters import UpdateParameters
from analog.pulses import Counts, Trains
from analog.pulses.bookkeeping import device_of
from analog.pulses.law import Bound, bind
from analog.pulses.slots import BITS, VECTOR

__all__ = ["Course", "is_simple", "is_worthwhile", "pass_through"]


def is_simple(to: Place) -> bool:
    """Whether a cell is one device whose weights are all that its pulses change."""
    cell, state, _ = to
    return isinstance(cell, PulsedDevice) and not {"persistent_weights", "positive_pulses"} & state.arrays.keys()


def has_closed_form(to: Place) -> bool:
    """Whether it is known what several pulses of one direction do to a cell."""
    cell = to[0]
    return isinstance(cell, PulsedDevice) and (cell.law.run is not None or _adds_up(cell))


def is_worthwhile(to: Place, parameters: UpdateParameters) -> bool:
    """Whether a cell is faster through a batch at once even if hardly any line is read twice.

    A closed form takes as long for a vector pair as some pulses do; devices of constant steps, which stay at their
    bounds in a fast cell, would be stepped pulse by pulse there.
    """
    trains = not parameters.pulse_type.is_implicit
    return has_closed_form(to) and trains and (parameters.desired_bl > BITS or _adds_up(to[0]))


def _adds_up(cell: Cell) -> bool:
    """Whether pulses add up to one normal number, and hardly any goes backwards."""
    return isinstance(cell, PulsedDevice) and cell.law.additive and not cell.law.carried and cell.dw_min_std <= QUIET


@lru_cache(maxsize=1024)
def _sum_of(step: Callable[..., Any]) -> Callable[..., Any]:
    """What several pulses of an additive law do."""

    def run(w: Any, direction: Any, normal: Any, pulses: Any, row: int, column: int, arguments: Any) -> Any:
        zero = np.float32(0)
        mean = step(zero, direction, zero, zero, row, column, arguments)
        spread = step(zero, direction, np.float32(1), zero, row, column, arguments) - mean
        return w + pulses * mean + np.float32(math.sqrt(pulses)) * spread * normal

    return run


@dataclass(frozen=True, eq=False)
class Course:
    """A simple cell in the middle of an update.

    Attributes
    ----------
    to : tuple
        The cell.
    bound : Bound
        Its law, or the closed form of that.
    device : tuple
        What kernels know of its devices.
    had : array of int64
        How many pulses each crosspoint has had in this update, (outputs, inputs).
    closed : bool
        Whether the pulses of a vector pair are one step.
    """

    to: Place
    bound: Bound
    device: tuple[Any, ...]
    had: Any
    closed: bool = False

    @classmethod
    def begun(cls, to: Place, parameters: UpdateParameters | None = None) -> Course:
        """An update, which is counted; by pulses made in that way, or else by numbers of pulses."""
        cell, state, site = cast(tuple[PulsedDevice, CellState, Site], to)
        closed = parameters is not None and not parameters.pulse_type.is_implicit and has_closed_form(to)
        law = cell.law._replace(step=cell.law.run) if closed and cell.law.run is not None else cell.law
        bound = bind(law, state, site)
        return cls(to, bound, device_of(bound, state, site), site.storage.zeros(site.shape, np.int64), closed)


def pass_through(
    course: Course,
    pulses: Trains | Counts,
    before: int,
    reads: Reads,
    until: Any,
    signs: tuple[Any, Any],
    *,
    rows: bool,
) -> Any:
    """Bring a simple cell through pulses, vector pair after vector pair.

    Parameters
    ----------
    course : Course
        Of the cell, which goes on.
    pulses : Trains or Counts
        Of consecutive vector pairs; used up.
    before : int
        How many vector pairs of the batch were before them.
    reads : Reads
        Which lines are read.
    until : array of int
        After how many of the vector pairs.
    signs : tuple of two arrays
        By what pulses of lines are multiplied at first, (lines,), and once more from each read on, (reads,); native.
    rows : bool
        Whether lines are rows.

    Returns
    -------
    array
        What lines hold when they are read, (elements of a line, reads).
    """
    cell, _, site = course.to
    held = site.storage.empty((site.shape[1 if rows else 0], len(reads.numbers)))
    events = *reads.order, reads.lines, site.storage.take(_runs_before(pulses, until, site)), *signs, held
    step, normals = course.bound.step, course.bound.normals
    if course.closed and isinstance(pulses, Trains):
        run = step if cast(PulsedDevice, cell).law.run is not None else _sum_of(step)
        kernel, source = by_runs(run, normals, course.bound.gathered), pulses.delay_(before).source
    else:
        kernel, source = by_steps(step, normals, pulses.count), pulses.source
    site.target.launch(kernel, *site.shape, course.device, course.had, (pulses.runs, source), events, rows)
    return held


def _runs_before(pulses: Trains | Counts, until: Any, site: Site) -> Any:
    """How many runs of pulses come before each read."""
    if isinstance(pulses, Counts):
        return until
    of_vectors = np.bincount(site.storage.give(pulses.table)[:, VECTOR], minlength=pulses.vectors)
    return np.concatenate([[0], np.cumsum(of_vectors)])[until]
