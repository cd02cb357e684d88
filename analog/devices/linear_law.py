"""The law of steps whose size is linear in the weight: one pulse, several pulses, the slopes of crosspoints."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from analog.devices.draws import Draws
from analog.devices.elementary import exponential, power
from analog.devices.number import ONE, ZERO, Number
from analog.devices.pulsed import PulsedDevice
from analog.devices.reference import quotient
from analog.pulses import Law

__all__ = ["QUIET", "linear_run", "linear_step", "slopes", "with_runs"]

#: Runs have a closed form up to this change of a step by a pulse, relative to the step.
FINE = 0.005
#: No pulse changes what is left by more than this.
LEAST = np.float32(-0.99)
#: Below these, the series is exact to float32.
SMALL, QUARTER = np.float32(0.01), np.float32(0.25)
#: And up to this noise, at which one pulse in 700 goes backwards, by a tenth of its size on average.
QUIET = 1 / 3
HALF, THIRD, FOURTH, FIFTH, SIXTH = (np.float32(1 / n) for n in (2, 3, 4, 5, 6))


def linear_step(
    w: Number,
    direction: Number,
    dwmin_up: Number,
    dwmin_down: Number,
    slope_up: Number,
    slope_down: Number,
    mult_noise: bool,
    dw_min_std: Number,
    normal: Number,
) -> Number:
    """One pulse of ``dwmin + slope * w``."""
    size = dwmin_up if direction > 0 else dwmin_down
    change = (slope_up if direction > 0 else slope_down) * w + size
    noise = (change if mult_noise else size) * dw_min_std * normal
    return w + direction * (change + noise)


def linear_run(
    w: Number,
    direction: Number,
    dwmin_up: Number,
    dwmin_down: Number,
    slope_up: Number,
    slope_down: Number,
    mult_noise: bool,
    dw_min_std: Number,
    normal: Number,
    pulses: Number,
) -> Number:
    """Several pulses of ``v = dwmin + slope * w`` in one direction, before bounds.

    Each multiplies `v` by ``1 + s * (1 + dw_min_std * N)`` with ``s = direction * slope``, so that the logarithm of the
    product is normal up to the third power of ``s * dw_min_std``; with additive noise `v` is normal itself.
    """
    size = dwmin_up if direction > 0 else dwmin_down
    slope = slope_up if direction > 0 else slope_down
    change, s = slope * w + size, max(direction * slope, LEAST)
    noise = dw_min_std * np.float32(math.sqrt(pulses)) * normal
    if mult_noise:
        return w + direction * change * grown(
            s, pulses, noise / (ONE + s) - pulses * HALF * s * dw_min_std * dw_min_std
        )
    return w + direction * (change * grown(s, pulses, ZERO) + size * noise * (ONE + s * (pulses - ONE) * HALF))


def grown(s: Number, pulses: Number, noise: Number) -> Number:
    """``((1 + s) ** pulses * exp(s * noise) - 1) / s``, also for an `s` that is next to nothing."""
    q = pulses * (ONE - s * (HALF - s * (THIRD - s * FOURTH))) + noise
    p = s * q
    series = q * (ONE + p * (HALF + p * (SIXTH + p * (FOURTH * SIXTH + p * FIFTH * FOURTH * SIXTH))))
    small = (abs(s) < SMALL) & (abs(p) < QUARTER)
    return series if small else (power(ONE + s, pulses) * exponential(s * noise) - ONE) / s


def with_runs(device: PulsedDevice, law: Law, slope: float) -> Law:
    """The law with `linear_run`, if that is exact to the precision of weights.

    Parameters
    ----------
    slope : float
        The largest slope, in steps per bound.
    """
    fine = slope * device.dw_min <= FINE * min(device.w_max, -device.w_min)
    return law._replace(run=linear_run) if fine and device.dw_min_std <= QUIET else law


def slopes(
    values: dict[str, Any],
    gammas: list[Any],
    bounds: dict[str, Any],
    reversal: tuple[bool, bool, float],
    draws: Draws,
) -> dict[str, Any]:
    """``-gamma * dwmin / bound``, where the bound is the one that pulses go to, or lies beyond the other one.

    Pulses to a bound at 0 are all of one size.
    """
    up, down, offset = reversal
    high, low = bounds["max_bound"], bounds["min_bound"]
    return {
        "slope_up": quotient(-gammas[0] * values["dwmin_up"], low - offset if up else high, draws),
        "slope_down": quotient(-gammas[1] * values["dwmin_down"], high + offset if down else low, draws),
    }
