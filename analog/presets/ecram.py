"""Electrochemical memories."""

from __future__ import annotations

from analog.devices import LinearStepDevice
from analog.devices.pulsed import NonPositive
from analog.parameters import NonNegative, Positive

__all__ = ["EcRamMOPresetDevice", "EcRamPresetDevice"]


class EcRamPresetDevice(LinearStepDevice):
    """An electrochemical memory with lithium ions: a thousand states, nearly linear, not quite symmetric.

    Notes
    -----
    J. Tang et al., IEDM 13.1 (2018). Values as in aihwkit.
    """

    dw_min: Positive = 0.002
    dw_min_dtod: NonNegative = 0.1
    w_max: NonNegative = 1.1724
    w_min: NonPositive = -0.8276
    w_max_dtod: NonNegative = 0.05
    w_min_dtod: NonNegative = 0.05
    gamma_up: float = 0.1153
    gamma_down: float = 0.5085


class EcRamMOPresetDevice(LinearStepDevice):
    """An electrochemical memory of metal oxides: seven thousand states, with noisy pulses.

    Notes
    -----
    S. Kim et al., IEDM 35.7 (2019). Values as in aihwkit.
    """

    dw_min: Positive = 2.8214e-4
    dw_min_dtod: NonNegative = 0.1
    dw_min_std: NonNegative = 2.0
    w_max: NonNegative = 1.1714
    w_min: NonPositive = -0.8286
    w_max_dtod: NonNegative = 0.05
    w_min_dtod: NonNegative = 0.05
    gamma_up: float = 0.4152
    gamma_down: float = 0.7342
