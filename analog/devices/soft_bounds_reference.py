"""Soft bounds, read against a reference."""

from __future__ import annotations

from typing import Any

from analog.devices.draws import Draws
from analog.devices.number import Number
from analog.devices.reference import against_reference, quotient
from analog.devices.written import WrittenDevice
from analog.parameters import NonNegative

__all__ = ["SoftBoundsReferenceDevice"]


class SoftBoundsReferenceDevice(WrittenDevice):
    """A device with soft bounds, of which a reference is subtracted: the weight is ``w = v - reference``.

    Up: ``v += dwmin_up * (1 - v / b_max + dw_min_std * N)``, down:
    ``v -= dwmin_down * (1 - v / b_min + dw_min_std * N)``; with `mult_noise` the noise is ``* (1 + dw_min_std * N)``.
    `v` stays between `b_max` and `b_min`.

    Parameters
    ----------
    mult_noise : bool, optional
        Whether the noise of a pulse is relative to its size at that weight.
    slope_up_dtod, slope_down_dtod : float, optional
        Relative spread of the slope of the step, that is of ``1 / b_max`` (``1 / b_min``).
    reference_mean, reference_std : float, optional
        Mean and standard deviation of the reference over the crosspoints.
    subtract_symmetry_point : bool, optional
        Whether the reference also has the `v` at which pulses up and down are equally large.

    Notes
    -----
    Gong et al., IEDM 33.7 (2022). Hidden parameters ``max_bound`` and ``min_bound`` are bounds of `w`.
    Other parameters are those of `WrittenDevice` and `PulsedDevice`.
    """

    mult_noise: bool = False
    slope_up_dtod: NonNegative = 0.0
    slope_down_dtod: NonNegative = 0.0
    reference_mean: float = 0.0
    reference_std: NonNegative = 0.0
    subtract_symmetry_point: bool = False

    @staticmethod
    def step(
        w: Number,
        direction: Number,
        dwmin_up: Number,
        dwmin_down: Number,
        slope_up: Number,
        slope_down: Number,
        reference: Number,
        mult_noise: bool,
        dw_min_std: Number,
        normal: Number,
    ) -> Number:
        """One pulse."""
        size = dwmin_up if direction > 0 else dwmin_down
        change = size - (slope_up if direction > 0 else slope_down) * (w + reference)
        noise = (change if mult_noise else size) * dw_min_std * normal
        return w + direction * (change + noise)

    def draw(self, draws: Draws) -> dict[str, Any]:
        """Also slopes, ``dwmin / bound``, and the reference."""
        values = super().draw(draws)
        for name, spread in (("max_bound", self.slope_up_dtod), ("min_bound", self.slope_down_dtod)):
            values[name] = values[name] / abs(draws.gain(f"slope of {name}", spread))
        up, down = values["dwmin_up"], values["dwmin_down"]
        slope_up = quotient(up, values["max_bound"], draws)
        slope_down = quotient(down, values["min_bound"], draws)
        reference = draws.shifted("reference", self.reference_mean, self.reference_std)
        if self.subtract_symmetry_point:
            reference = reference + quotient(up - down, slope_up - slope_down, draws)
        return against_reference(values, reference) | {"slope_up": slope_up, "slope_down": slope_down}
