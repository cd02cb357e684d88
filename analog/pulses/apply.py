"""Pulses act on devices."""

from __future__ import annotations

from analog.cell import CellState, Site
from analog.kernels import Kernel
from analog.pulses.additive import additive
from analog.pulses.bookkeeping import EVERYWHERE, count, device_of, redraw
from analog.pulses.implicit import Counts
from analog.pulses.law import Bound, Law, bind
from analog.pulses.rounds import rounds
from analog.pulses.runs import runs
from analog.pulses.sequence import sequence, walk_runs, walk_slots
from analog.pulses.trains import Trains, coincidences

__all__ = ["apply"]


def apply(law: Law, state: CellState, site: Site, pulses: Trains | Counts) -> None:
    """Step the devices through all their pulses in order; after each, the bounds of the state hold.

    The state has ``arrays["weights"]`` (and ``"persistent_weights"``, which then take the pulses), ``"min_bound"`` and
    ``"max_bound"``, and what the law's step asks for. Its number ``"updates"`` counts and is part of every address.
    """
    by_runs = law.run is not None and isinstance(pulses, Trains) and pulses.parts > pulses.vectors
    bound = bind(law._replace(step=law.run) if law.run is not None and by_runs else law, state, site)
    device = device_of(bound, state, site)
    kernel = runs(bound.step, bound.gathered, bound.normals) if by_runs else _kernel(law, bound, pulses)
    site.target.launch(kernel, *site.shape, device, (pulses.runs if by_runs else pulses.parts, pulses.source))
    redraw(law, state, site, device[-1], pulses.part, (pulses.parts, pulses.source), EVERYWHERE)
    count(state, site, pulses.part, (pulses.parts, pulses.source), EVERYWHERE)


def _kernel(law: Law, bound: Bound, pulses: Trains | Counts) -> Kernel:
    """The fastest kernel for that law and those pulses."""
    trains = isinstance(pulses, Trains)
    if trains and not law.carried and not law.additive:
        return rounds(bound.step, bound.gathered, bound.normals)
    names = bound.step, bound.normals
    through = walk_slots(*names, coincidences) if trains else walk_runs(*names, Counts.count)
    if law.additive:
        return additive(*names, pulses.part, through, bound.gathered if trains else None)
    return sequence(through)
