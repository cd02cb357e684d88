"""Steps whose size is linear in the weight."""

from __future__ import annotations

from typing import Any

from analog.devices.draws import Draws
from analog.devices.linear_law import linear_step, slopes, with_runs
from analog.devices.written import WrittenDevice
from analog.parameters import NonNegative
from analog.pulses import Law

__all__ = ["LinearStepDevice"]


class LinearStepDevice(WrittenDevice):
    """The size of a pulse falls linearly towards the bound that it goes to.

    Up: ``w += dwmin_up * (1 - gamma_up * w / w_max)``, down: ``w -= dwmin_down * (1 - gamma_down * w / w_min)``, each
    times ``1 + dw_min_std * N``, or plus ``dwmin * dw_min_std * N``.

    Parameters
    ----------
    gamma_up, gamma_down : float, optional
        How much smaller a pulse is at the bound, relative to its size at 0.
    gamma_up_dtod, gamma_down_dtod : float, optional
        Their spreads over the crosspoints, added.
    allow_increasing : bool, optional
        Whether a drawn gamma may be negative, so that pulses grow towards the bound; otherwise its sign is dropped.
    mean_bound_reference : bool, optional
        Whether gamma refers to the nominal bounds; otherwise to those of the device.
    mult_noise : bool, optional
        Whether the noise of a pulse is relative to its size at that weight; otherwise to its size at 0.
    reverse_up, reverse_down : bool, optional
        Whether the size of pulses up (down) refers to the other bound, and so grows away from it.
    reverse_offset : float, optional
        How far beyond the other bound that size is 0, for gamma 1.

    Notes
    -----
    Other parameters are those of `WrittenDevice` and `PulsedDevice`.
    """

    gamma_up: float = 0.0
    gamma_down: float = 0.0
    gamma_up_dtod: NonNegative = 0.05
    gamma_down_dtod: NonNegative = 0.05
    allow_increasing: bool = False
    mean_bound_reference: bool = True
    mult_noise: bool = True
    reverse_up: bool = False
    reverse_down: bool = False
    reverse_offset: NonNegative = 0.01

    step = staticmethod(linear_step)

    @property
    def law(self) -> Law:
        """How pulses change the weights."""
        slope = max(abs(self.gamma_up) + 3 * self.gamma_up_dtod, abs(self.gamma_down) + 3 * self.gamma_down_dtod)
        return with_runs(self, super().law, slope)

    def draw(self, draws: Draws) -> dict[str, Any]:
        """Also the slopes, ``slope = -gamma * dwmin / bound``."""
        values = super().draw(draws)
        gammas = [
            self._sign(draws.shifted("slope_up", self.gamma_up, self.gamma_up_dtod)),
            self._sign(draws.shifted("slope_down", self.gamma_down, self.gamma_down_dtod)),
        ]
        nominal = {"max_bound": self.w_max, "min_bound": self.w_min}
        reversal = (self.reverse_up, self.reverse_down, self.reverse_offset)
        return values | slopes(values, gammas, nominal if self.mean_bound_reference else values, reversal, draws)

    def _sign(self, gamma: Any) -> Any:
        return gamma if self.allow_increasing else abs(gamma)
