"""Pulses act on devices."""

from __future__ import annotations

from analog.cell import CellState, Site
from analog.pulses.bookkeeping import EVERYWHERE, count, next_address, redraw
from analog.pulses.implicit import Counts
from analog.pulses.law import Law, bind
from analog.pulses.sequence import sequence
from analog.pulses.trains import Trains

__all__ = ["apply"]


def apply(law: Law, state: CellState, site: Site, pulses: Trains | Counts) -> None:
    """Step the devices through all their pulses in order; after each, the bounds of the state hold.

    The state has ``arrays["weights"]`` (and ``"persistent_weights"``, which then take the pulses), ``"min_bound"`` and
    ``"max_bound"``, and what the law's step asks for. Its number ``"updates"`` counts and is part of every address.
    """
    bound = bind(law, state, site)
    arrays = state.arrays
    weights = arrays.get("persistent_weights", arrays["weights"])
    bounds = arrays["min_bound"], arrays["max_bound"]
    address = next_address(state, site)
    kernel = sequence(bound.step, bound.normals, pulses.count)
    site.target.launch(kernel, *site.shape, weights, *bounds, pulses.runs, pulses.source, bound.arguments, address)
    redraw(law, state, site, address, pulses.totals, pulses.source, EVERYWHERE)
    count(state, site, pulses.totals, pulses.source, EVERYWHERE)
