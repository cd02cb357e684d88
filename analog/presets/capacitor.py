"""Capacitors."""

from __future__ import annotations

from analog.devices import LinearStepDevice
from analog.devices.pulsed import NonPositive
from analog.parameters import NonNegative, Positive

__all__ = ["CapacitorPresetDevice"]


class CapacitorPresetDevice(LinearStepDevice):
    """A capacitor at the gate of a transistor: linear and symmetric; its charge leaks away in a million updates.

    Notes
    -----
    Y. Li et al., Symposium on VLSI Technology (2018). Values as in aihwkit.
    """

    dw_min: Positive = 0.005
    dw_min_dtod: NonNegative = 0.1
    w_max: NonNegative = 1.0
    w_min: NonPositive = -1.0
    w_max_dtod: NonNegative = 0.07
    w_min_dtod: NonNegative = 0.07
    up_down_dtod: NonNegative = 0.06
    gamma_up: float = 0.05
    gamma_down: float = 0.05
    gamma_up_dtod: NonNegative = 0.01
    gamma_down_dtod: NonNegative = 0.01
    mult_noise: bool = False
    lifetime: NonNegative = 1e6
    lifetime_dtod: NonNegative = 0.3
