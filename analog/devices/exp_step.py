"""Steps that fall exponentially towards the bound."""

from __future__ import annotations

import math

from analog.devices.elementary import exponential
from analog.devices.number import ONE, TWO, ZERO, Number
from analog.devices.written import WrittenDevice
from analog.parameters import NonNegative

__all__ = ["ExpStepDevice"]

#: Exponents up to which there are numbers of double precision.
MOST = 700.0


class ExpStepDevice(WrittenDevice):
    """The size of a pulse falls exponentially towards the bound that it goes to, as fitted to resistive memories.

    With ``z = 2 * a * w / (max_bound - min_bound) + b``, up: ``w += dwmin_up * max(1 - A_up * exp(gamma_up * z), 0)``,
    down: ``w -= dwmin_down * max(1 - A_down * exp(-gamma_down * z), 0)``, each times ``1 + dw_min_std * N``. With
    `dw_min_std_add` or `dw_min_std_slope` the noise is instead
    ``dw_min_std * (abs(step) + dw_min_std_add + dw_min_std_slope * abs(w)) * N``.

    Parameters
    ----------
    A_up, A_down, gamma_up, gamma_down, a, b : float, optional
        Of the formula.
    dw_min_std_add : float, optional
        Noise that does not depend on the size of the step, in weight units.
    dw_min_std_slope : float, optional
        Noise per weight.

    Notes
    -----
    Gong et al., Nat. Commun. 9, 2102 (2018), for the default fit. Other parameters are those of `WrittenDevice` and
    `PulsedDevice`.
    """

    A_up: float = 0.00081
    A_down: float = 0.36833
    gamma_up: float = 12.44625
    gamma_down: float = 12.78785
    a: float = 0.244
    b: float = 0.2425
    dw_min_std_add: NonNegative = 0.0
    dw_min_std_slope: NonNegative = 0.0

    @staticmethod
    def step(
        w: Number,
        direction: Number,
        max_bound: Number,
        min_bound: Number,
        dwmin_up: Number,
        dwmin_down: Number,
        A_up: Number,
        A_down: Number,
        gamma_up: Number,
        gamma_down: Number,
        a: Number,
        b: Number,
        dw_min_std: Number,
        dw_min_std_add: Number,
        dw_min_std_slope: Number,
        normal: Number,
    ) -> Number:
        """One pulse."""
        size = dwmin_up if direction > 0 else dwmin_down
        factor = A_up if direction > 0 else A_down
        rate = direction * (gamma_up if direction > 0 else gamma_down)
        span = max_bound - min_bound
        z = (TWO * w / span * a if span > ZERO else ZERO) + b
        change = size * max(ONE - factor * exponential(rate * z), ZERO)
        noise = change + dw_min_std_add + dw_min_std_slope * abs(w)
        return w + direction * (change + dw_min_std * noise * normal)

    @property
    def granularity(self) -> float:
        """The mean of a pulse up and a pulse down at ``w = 0``."""
        up = (1 + min(self.up_down, 0)) * max(1 - self.A_up * _exp(self.gamma_up * self.b), 0)
        down = (1 - max(self.up_down, 0)) * max(1 - self.A_down * _exp(-self.gamma_down * self.b), 0)
        return self.dw_min * (up + down) / 2


def _exp(value: float) -> float:
    """The exponential; the largest one instead of an overflow."""
    return math.exp(min(value, MOST))
