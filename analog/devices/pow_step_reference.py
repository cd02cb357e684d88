"""Power-law steps, read against a reference."""

from __future__ import annotations

import math
from typing import Annotated, Any

import array_api_compat

from analog.devices.draws import Draws
from analog.devices.pow_step import gammas, pow_step
from analog.devices.pulsed import PulsedDevice
from analog.devices.reference import against_reference
from analog.parameters import NonNegative, Range

__all__ = ["PowStepReferenceDevice"]

#: Halvings of an interval after which a float32 is known.
HALVINGS = 32


class PowStepReferenceDevice(PulsedDevice):
    """A device with power-law steps, of which a reference is subtracted: the weight is ``w = v - reference``.

    The law is that of `PowStepDevice` for `v`, between the device's own bounds.

    Parameters
    ----------
    pow_gamma, pow_gamma_dtod, pow_up_down, pow_up_down_dtod
        As of `PowStepDevice`.
    subtract_symmetry_point : bool, optional
        Whether the reference also has the `v` at which pulses up and down are equally large.
    n_estimation_steps : int, optional
        That `v` is what so many pairs of a pulse up and a pulse down, from 0, come to; -1: the exact one, by bisection.
    reference_mean, reference_std : float, optional
        Mean and standard deviation of the reference over the crosspoints.

    Notes
    -----
    Hidden parameters ``max_bound`` and ``min_bound`` are bounds of `w`. Other parameters are those of `PulsedDevice`.
    """

    pow_gamma: NonNegative = 1.0
    pow_gamma_dtod: NonNegative = 0.1
    pow_up_down: float = 0.0
    pow_up_down_dtod: NonNegative = 0.0
    subtract_symmetry_point: bool = False
    n_estimation_steps: Annotated[int, Range(-1)] = -1
    reference_mean: float = 0.0
    reference_std: NonNegative = 0.0

    step = staticmethod(pow_step)

    def draw(self, draws: Draws) -> dict[str, Any]:
        """Also the exponents and the reference."""
        values = super().draw(draws) | gammas(self, draws)
        reference = draws.shifted("reference", self.reference_mean, self.reference_std)
        if self.subtract_symmetry_point:
            arrays = {name: draws.array(value) for name, value in values.items()}
            steps = self.n_estimation_steps
            reference = reference + (_by_bisection(arrays) if steps < 0 else _by_pairs(arrays, steps))
        return against_reference(values, reference)

    @property
    def granularity(self) -> float:
        """The size of a pulse in the middle of the range."""
        return self.dw_min * math.pow(0.5, self.pow_gamma)


def _sizes(values: dict[str, Any], v: Any) -> tuple[Any, Any]:
    """Of a pulse up and a pulse down."""
    high, low = values["max_bound"], values["min_bound"]
    up = values["dwmin_up"] * ((high - v) / (high - low)) ** values["gamma_up"]
    down = values["dwmin_down"] * ((v - low) / (high - low)) ** values["gamma_down"]
    return up, down


def _by_bisection(values: dict[str, Any]) -> Any:
    """Pulses up shrink and pulses down grow with the weight: there is one crossing."""
    high, low = values["max_bound"], values["min_bound"]
    where = array_api_compat.array_namespace(high).where
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        up, down = _sizes(values, middle)
        low, high = where(up > down, middle, low), where(up > down, high, middle)
    return 0.5 * (low + high)


def _by_pairs(values: dict[str, Any], count: int) -> Any:
    """Both pulses of a pair have the size that they have before it."""
    high, low = values["max_bound"], values["min_bound"]
    clip = array_api_compat.array_namespace(high).clip
    v = 0.0 * high
    for _ in range(count):
        up, down = _sizes(values, v)
        v = clip(v + up - down, low, high)
    return v
