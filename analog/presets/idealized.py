"""Devices as one wishes to have them."""

from __future__ import annotations

from analog.devices import ConstantStepDevice
from analog.devices.pulsed import NonPositive
from analog.parameters import NonNegative, Positive

__all__ = ["GokmenVlasovPresetDevice", "IdealizedPresetDevice"]


class IdealizedPresetDevice(ConstantStepDevice):
    """Ten thousand states, steps up and down of equal size in every device.

    Notes
    -----
    T. Gokmen, Y. Vlasov, Front. Neurosci. 10, 333 (2016); M. J. Rasch, T. Gokmen, W. Haensch, arXiv:1906.02698 (2019).
    Values as in aihwkit.
    """

    dw_min: Positive = 0.0002
    w_max: NonNegative = 1.0
    w_min: NonPositive = -1.0
    up_down_dtod: NonNegative = 0.0


class GokmenVlasovPresetDevice(ConstantStepDevice):
    """What a device must be to train a network by stochastic pulses: 1250 states, steps equal within 2 %.

    Notes
    -----
    T. Gokmen, Y. Vlasov, Front. Neurosci. 10, 333 (2016). Values as in aihwkit.
    """

    dw_min: Positive = 0.0016
    w_max: NonNegative = 1.0
    w_min: NonPositive = -1.0
