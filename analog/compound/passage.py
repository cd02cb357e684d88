"""A device on its way through the pulses of a batch, and what its lines hold whenever they are read.

A line that is read many times in a batch would cut it into many spans. But neither other lines nor other elements of
its line matter to a crosspoint of a device: each goes through the whole batch by itself. Its pulses are numbered
through the batch, so that they take the normal numbers that they would take if nobody read it. A law that has a closed
form for the pulses of a vector pair is used by that, however short the trains are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
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
from analog.pulses.law import Bound, Law, bind
from analog.pulses.slots import BITS, VECTOR

__all__ = ["bound_of", "is_simple", "is_worthwhile", "pass_through"]


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


def bound_of(to: Place, law: Law | None = None) -> tuple[Bound, tuple[Any, ...]]:
    """The law of a simple cell, and what kernels know of its devices."""
    cell, state, site = cast(tuple[PulsedDevice, CellState, Site], to)
    bound = bind(law or cell.law, state, site)
    return bound, device_of(bound, state, site)


def pass_through(to: Place, pulses: Trains | Counts, reads: Reads, until: Any, turns: Any, *, rows: bool) -> Any:
    """Bring a simple cell through pulses, vector pair after vector pair.

    Parameters
    ----------
    to : tuple
        The cell.
    pulses : Trains or Counts
        Of the batch.
    reads : Reads
        Which lines are read.
    until : array of int
        After how many vector pairs.
    turns : array
        By what the pulses of the line are multiplied from then on, (reads,); native.
    rows : bool
        Whether lines are rows.

    Returns
    -------
    array
        What lines hold when they are read, (elements of a line, reads).
    """
    site, law = to[2], cast(PulsedDevice, to[0]).law
    held = site.storage.empty((site.shape[1 if rows else 0], len(reads.numbers)))
    events = *reads.order, reads.lines, site.storage.take(_runs_before(pulses, until, site)), turns, held
    closed = has_closed_form(to) and isinstance(pulses, Trains)
    bound, device = bound_of(to, replace(law, step=law.run) if law.run is not None and closed else law)
    if closed:
        run = bound.step if law.run is not None else _sum_of(bound.step)
        kernel = by_runs(run, bound.normals, bound.gathered)
    else:
        kernel = by_steps(bound.step, bound.normals, pulses.count)
    site.target.launch(kernel, *site.shape, device, (pulses.runs, pulses.source), events, rows)
    return held


def _runs_before(pulses: Trains | Counts, until: Any, site: Site) -> Any:
    """How many runs of pulses come before each read."""
    if isinstance(pulses, Counts):
        return until
    of_vectors = np.bincount(site.storage.give(pulses.table)[:, VECTOR], minlength=pulses.vectors)
    return np.concatenate([[0], np.cumsum(of_vectors)])[until]
