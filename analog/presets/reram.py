"""Resistive memories."""

from __future__ import annotations

from analog.devices import ExpStepDevice, SoftBoundsReferenceDevice
from analog.devices.pulsed import NonPositive
from analog.parameters import NonNegative, Positive

__all__ = [
    "ReRamArrayHfO2PresetDevice",
    "ReRamArrayOMPresetDevice",
    "ReRamESPresetDevice",
    "ReRamSBPresetDevice",
]


class ReRamESPresetDevice(ExpStepDevice):
    """A resistive memory, by a law with exponential steps. Single pulses are very noisy, and weaker downwards.

    Notes
    -----
    N. Gong et al., Nat. Commun. 9, 2102 (2018). Values as in aihwkit.
    """

    dw_min: Positive = 0.00135
    dw_min_dtod: NonNegative = 0.2
    dw_min_std: NonNegative = 5.0
    w_max: NonNegative = 1.0
    w_min: NonPositive = -1.0
    up_down: float = 0.259359
    up_down_dtod: NonNegative = 0.05
    write_noise_std: NonNegative = 75.0
    A_up: float = -1.18445
    A_down: float = -0.081404
    gamma_up: float = 5.0
    gamma_down: float = 5.0
    a: float = -0.5
    b: float = -0.5


class ReRamSBPresetDevice(SoftBoundsReferenceDevice):
    """A resistive memory, by a law with soft bounds, to which it fits loosely.

    Notes
    -----
    N. Gong et al., Nat. Commun. 9, 2102 (2018). Values as in aihwkit.
    """

    dw_min: Positive = 0.002
    dw_min_std: NonNegative = 3.75
    w_max: NonNegative = 1.25
    w_min: NonPositive = -0.75
    w_max_dtod: NonNegative = 0.24
    w_min_dtod: NonNegative = 0.4
    write_noise_std: NonNegative = 56.0


class ReRamArrayOMPresetDevice(SoftBoundsReferenceDevice):
    """Resistive memories with few states from an array, optimised materials: statistics of the whole array.

    Read against a reference that was programmed to the symmetry point, with some error.

    Notes
    -----
    N. Gong, M. J. Rasch et al., IEDM 33.7 (2022). Values as in aihwkit.
    """

    dw_min: Positive = 0.0949
    dw_min_dtod: NonNegative = 0.7829
    dw_min_dtod_log_normal: bool = True
    dw_min_std: NonNegative = 0.4158
    w_max: NonNegative = 1.0
    w_min: NonPositive = -1.0
    w_max_dtod: NonNegative = 0.3499
    w_min_dtod: NonNegative = 0.5695
    write_noise_std: NonNegative = 1.4113
    corrupt_devices_range: NonNegative = 0.01
    reference_std: NonNegative = 0.05
    subtract_symmetry_point: bool = True


class ReRamArrayHfO2PresetDevice(ReRamArrayOMPresetDevice):
    """Resistive memories with few states from an array, hafnium dioxide: statistics of the whole array.

    Read against a reference that was programmed to the symmetry point, with some error.

    Notes
    -----
    N. Gong, M. J. Rasch et al., IEDM 33.7 (2022). Values as in aihwkit.
    """

    dw_min: Positive = 0.4622
    dw_min_dtod: NonNegative = 0.7125
    dw_min_std: NonNegative = 0.2174
    w_max_dtod: NonNegative = 0.4295
    w_min_dtod: NonNegative = 0.5990
    write_noise_std: NonNegative = 0.5841
