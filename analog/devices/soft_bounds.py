"""Steps that become smaller towards the bound and vanish there."""

from __future__ import annotations

from typing import Any

from analog.devices.draws import Draws
from analog.devices.linear_law import linear_step, slopes, with_runs
from analog.devices.written import WrittenDevice
from analog.parameters import NonNegative
from analog.pulses import Law

__all__ = ["SoftBoundsDevice"]


class SoftBoundsDevice(WrittenDevice):
    """The size of a pulse falls linearly to zero at the bound that it goes to.

    Up: ``w += dwmin_up * (1 - w / max_bound)``, down: ``w -= dwmin_down * (1 - w / min_bound)``, with noise as of
    `LinearStepDevice`, of which this is the case ``gamma = 1`` with the device's own bounds.

    Parameters
    ----------
    mult_noise, reverse_up, reverse_down, reverse_offset
        As of `LinearStepDevice`.

    Notes
    -----
    Fusi and Abbott, Nat. Neurosci. 10, 485 (2007). Other parameters are those of `WrittenDevice` and `PulsedDevice`.
    """

    mult_noise: bool = True
    reverse_up: bool = False
    reverse_down: bool = False
    reverse_offset: NonNegative = 0.01

    step = staticmethod(linear_step)

    @property
    def law(self) -> Law:
        """How pulses change the weights."""
        return with_runs(self, super().law, 1.0)

    def draw(self, draws: Draws) -> dict[str, Any]:
        """Also the slopes, ``slope = -dwmin / bound``."""
        values = super().draw(draws)
        reversal = (self.reverse_up, self.reverse_down, self.reverse_offset)
        return values | slopes(values, [1.0, 1.0], values, reversal, draws)
