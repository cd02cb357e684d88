"""From the currents of the lines to numbers: compression, asymmetry, noise, converter, bound, digital scale."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from analog.kernels import Kernel
from analog.mvm.rounding import nearest, nearest_or_next
from analog.parameters.enums import BoundManagementType
from analog.parameters.io import IOParameters

__all__ = ["OutputStages", "output_stages", "outputs"]

ZERO = np.float32(0)
ONE = np.float32(1)


class OutputStages(NamedTuple):
    """Which stages there are; what is not there costs nothing."""

    compressed: bool
    asymmetric: bool
    noisy: bool
    spread: bool
    quantised: bool
    stochastic: bool
    bounded: bool
    watched: bool
    both_signs: bool


def output_stages(io: IOParameters) -> OutputStages:
    """The stages that some parameters switch on."""
    quantised = io.out_step > 0
    return OutputStages(
        compressed=io.out_nonlinearity > 0 or (io.r_series > 0 and io.slope_calibration > 0),
        asymmetric=io.out_asymmetry != 0,
        noisy=io.out_noise > 0,
        spread=io.out_noise > 0 and io.out_noise_std > 0,
        quantised=quantised,
        stochastic=quantised and io.out_sto_round,
        bounded=io.out_bound > 0,
        watched=io.out_bound > 0 and io.bound_management is not BoundManagementType.NONE,
        both_signs=io.bm_test_negative_bound,
    )


@lru_cache
def outputs(stages: OutputStages, added: bool = False) -> Kernel:
    """The kernel ``y -> result[vectors]``, or ``result[vectors] + ...`` when `added`.

    Its arguments: currents, normal and uniform numbers; strength of the compression and of the noise, output by
    output; divisors of the vectors, which of them; the result, and the marks of vectors that exceeded; gain after the
    compression, asymmetry, noise, step, bound, digital factor.
    """
    compressed, asymmetric, noisy, spread, quantised, stochastic, bounded, watched, both_signs = stages

    def body(
        row: int,
        first: int,
        last: int,
        y: Any,
        normals: Any,
        uniforms: Any,
        compression: Any,
        deviation: Any,
        scale: Any,
        vectors: Any,
        result: Any,
        exceeded: Any,
        gain: np.float32,
        asymmetry: np.float32,
        noise: np.float32,
        step: np.float32,
        bound: np.float32,
        factor: np.float32,
    ) -> None:
        vector = vectors[row]
        digital = scale[vector] * factor
        steps = ONE / step
        beyond = 0
        for column in range(first, last):
            value = y[row, column]
            if compressed:
                value = gain * value / (ONE + abs(compression[column] * value))
            if asymmetric:
                value = value * (ONE - asymmetry) if value < ZERO else value
            if noisy:
                value += (deviation[column] if spread else noise) * normals[row, column]
            if stochastic:
                value = step * nearest_or_next(value * steps, uniforms[row, column])
            elif quantised:
                value = step * nearest(value * steps)
            if watched:
                beyond |= value > bound
                if both_signs:
                    beyond |= value < -bound
            if bounded:
                value = min(max(value, -bound), bound)
            if added:
                result[vector, column] += value * digital
            else:
                result[vector, column] = value * digital
        if watched and beyond and digital != ZERO:
            exceeded[row] = 1

    return Kernel(body)
