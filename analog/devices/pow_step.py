"""Steps that are a power of the distance to the bound."""

from __future__ import annotations

import math
from typing import Any

from analog.devices.construction import up_and_down
from analog.devices.draws import Draws
from analog.devices.elementary import power
from analog.devices.number import ONE, ZERO, Number
from analog.devices.written import WrittenDevice
from analog.parameters import NonNegative

__all__ = ["PowStepDevice", "gammas", "pow_step"]


def pow_step(
    w: Number,
    direction: Number,
    max_bound: Number,
    min_bound: Number,
    dwmin_up: Number,
    dwmin_down: Number,
    gamma_up: Number,
    gamma_down: Number,
    dw_min_std: Number,
    normal: Number,
) -> Number:
    """One pulse of ``dwmin * (distance / range) ** gamma``."""
    span = max_bound - min_bound
    distance = max_bound - w if direction > 0 else w - min_bound
    share = distance / span if span > ZERO else ZERO
    size = dwmin_up if direction > 0 else dwmin_down
    gamma = gamma_up if direction > 0 else gamma_down
    return w + direction * size * power(share, gamma) * (ONE + dw_min_std * normal)


def gammas(device: Any, draws: Draws) -> dict[str, Any]:
    """The exponents of the crosspoints, with an asymmetry as of the steps."""
    gain = draws.gain("gamma", device.pow_gamma_dtod)
    asymmetry = draws.shifted("asymmetry of gamma", 0.0, device.pow_up_down_dtod)
    up, down = up_and_down(device.pow_gamma, device.pow_up_down, gain, asymmetry)
    return {"gamma_up": up, "gamma_down": down}


class PowStepDevice(WrittenDevice):
    """The size of a pulse is a power of the distance to the bound that it goes to.

    With ``R = max_bound - min_bound``, up: ``w += dwmin_up * ((max_bound - w) / R) ** gamma_up``, down:
    ``w -= dwmin_down * ((w - min_bound) / R) ** gamma_down``, each times ``1 + dw_min_std * N``.

    Parameters
    ----------
    pow_gamma : float, optional
        Mean exponent.
    pow_gamma_dtod : float, optional
        Its relative spread over the crosspoints.
    pow_up_down, pow_up_down_dtod : float, optional
        Asymmetry of the exponents and its spread, as `up_down` of the steps.

    Notes
    -----
    Frascaroli et al., Sci. Rep. 8, 7178 (2018). Other parameters are those of `WrittenDevice` and `PulsedDevice`.
    """

    pow_gamma: NonNegative = 1.0
    pow_gamma_dtod: NonNegative = 0.1
    pow_up_down: float = 0.0
    pow_up_down_dtod: NonNegative = 0.0

    step = staticmethod(pow_step)

    def draw(self, draws: Draws) -> dict[str, Any]:
        """Also the exponents."""
        return super().draw(draws) | gammas(self, draws)

    @property
    def granularity(self) -> float:
        """The size of a pulse in the middle of the range."""
        return self.dw_min * math.pow(0.5, self.pow_gamma)
