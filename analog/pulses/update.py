"""The pulsed update of an array of devices."""

from __future__ import annotations

from typing import Any

from array_api_compat import array_namespace

from analog.cell import CellState, Site
from analog.parameters import UpdateParameters
from analog.parameters.enums import PulseType
from analog.pulses.apply import apply
from analog.pulses.implicit import Counts, implicit_counts
from analog.pulses.law import Law
from analog.pulses.product import subtract_product
from analog.pulses.scaling import scaling
from analog.pulses.trains import Trains, random_trains

__all__ = ["make_trains", "pulsed_update"]


def pulsed_update(
    law: Law, state: CellState, site: Site, x: Any, d: Any, lr: float, granularity: float, parameters: UpdateParameters
) -> None:
    """Change the weights by about ``-lr * d.T @ x``, vector pair after vector pair, in pulses of about `granularity`.

    Two counters of the state are part of the addresses of all draws: ``"vectors"`` of the trains, ``"updates"`` of the
    noise of the devices.

    Parameters
    ----------
    law : Law
        How one pulse changes a weight.
    state : CellState
        Changed in place.
    x, d : array of float32, (batch, inputs) and (batch, outputs)
    lr : float
        Learning rate; negative: all pulses change their direction.
    granularity : float
        Nominal size of a pulse, in weight units.
    parameters : UpdateParameters
        How pulses are made.
    """
    if parameters.d_sparsity:
        state.numbers["d_sparsity"] = _share_of_zeros(d)
    if parameters.pulse_type.is_exact:
        subtract_product(law, state, site, x, d, lr, bounded=parameters.pulse_type is PulseType.NONE_WITH_DEVICE)
        return
    site.target.expect(site.shape[0] * site.shape[1])
    vectors = int(state.numbers.get("vectors", 0))
    pulses = make_trains(x, d, lr, granularity, parameters, site, vectors)
    state.numbers["vectors"] = vectors + int(x.shape[0])
    apply(law, state, site, pulses)


def make_trains(
    x: Any, d: Any, lr: float, granularity: float, parameters: UpdateParameters, site: Site, step: int
) -> Trains | Counts:
    """The pulses of a batch: random trains, or counts for the implicit types; `step` numbers the first vector pair."""
    sizes = scaling(x, d, lr, granularity, parameters, site)
    if parameters.pulse_type.is_implicit:
        return implicit_counts(x, d, sizes, lr < 0, parameters, site)
    return random_trains(x, d, sizes, lr < 0, parameters, site, step)


def _share_of_zeros(values: Any) -> float:
    xp = array_namespace(values)
    zeros = xp.astype(values == 0, xp.float32)
    return float(xp.mean(zeros))
