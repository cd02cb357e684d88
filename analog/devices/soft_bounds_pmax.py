"""Soft bounds by the number of pulses that saturates a device."""

from __future__ import annotations

import math
from dataclasses import field

from analog.devices.soft_bounds import SoftBoundsDevice
from analog.errors import ConfigError
from analog.parameters import Positive

__all__ = ["SoftBoundsPmaxDevice"]


class SoftBoundsPmaxDevice(SoftBoundsDevice):
    """Soft bounds, given by a measured curve: after `p_max` pulses up from `range_min` the weight is `range_max`.

    With ``B = (range_max - range_min) / (1 - exp(-p_max * alpha))``: ``w_min = range_min``, ``w_max = range_min + B``,
    ``dw_min = B * alpha``, ``up_down = 1 + 2 * range_min / B``; these four are derived and cannot be given.

    Parameters
    ----------
    p_max : float, optional
        Number of pulses.
    alpha : float, optional
        Rate at which the curve saturates, per pulse.
    range_min, range_max : float, optional
        Weights before and after these pulses.

    Examples
    --------
    >>> device = SoftBoundsPmaxDevice()
    >>> round(device.w_max, 5), round(device.up_down, 6), round(device.dw_min, 8)
    (4.08299, 0.606531, 0.00254149)
    """

    p_max: Positive = 1000.0
    alpha: Positive = 0.0005
    range_min: float = -1.0
    range_max: float = 1.0
    dw_min: float = field(init=False, default=0.0)
    w_min: float = field(init=False, default=0.0)
    w_max: float = field(init=False, default=0.0)
    up_down: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        """Derive what follows.

        Raises
        ------
        ConfigError
            If 0 is not between the ends of the range.
        """
        if not self.range_min <= 0 <= self.range_max or self.range_min == self.range_max:
            raise ConfigError(
                f"range_min is {self.range_min:g} and range_max {self.range_max:g}: a range has 0 in it and two ends"
            )
        scale = (self.range_max - self.range_min) / -math.expm1(-self.p_max * self.alpha)
        derived = {
            "dw_min": scale * self.alpha,
            "w_min": self.range_min,
            "w_max": self.range_min + scale,
            "up_down": 1.0 + 2.0 * self.range_min / scale,
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)
        super().__post_init__()
