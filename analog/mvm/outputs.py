"""From the currents of the lines to numbers: compression, asymmetry, noise, converter, bound, digital scale."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from analog.kernels import Kernel
from analog.mvm.rounding import converter
from analog.mvm.side import Side, singles
from analog.parameters.enums import BoundManagementType
from analog.parameters.io import IOParameters

__all__ = ["outputs"]

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
    added: bool


def outputs(io: IOParameters, *, added: bool = False) -> Side:
    """The kernel ``y -> result[vectors]``, or ``result[vectors] + ...`` when `added`, with the stages that are on.

    Its arguments: currents, normal and uniform numbers; strength of the compression and of the noise, output by
    output; divisors of the vectors, which of them; the result, and the marks of vectors that exceeded; gain after the
    compression; how much more than by the divisors the inputs were divided; asymmetry, noise, step, bound, digital
    factor.
    """
    stages = OutputStages(
        compressed=io.out_nonlinearity > 0 or (io.r_series > 0 and io.slope_calibration > 0),
        asymmetric=io.out_asymmetry != 0,
        noisy=io.out_noise > 0,
        spread=io.out_noise > 0 and io.out_noise_std > 0,
        quantised=io.out_step > 0,
        stochastic=io.out_step > 0 and io.out_sto_round,
        bounded=io.out_bound > 0,
        watched=io.out_bound > 0 and io.bound_management is not BoundManagementType.NONE,
        both_signs=io.bm_test_negative_bound,
        added=added,
    )
    numbers = singles(io.out_asymmetry, io.out_noise, io.out_step or 1, io.out_bound, io.out_scale)
    return Side(_kernel(stages), numbers, stages.noisy, stages.stochastic)


@lru_cache
def _kernel(stages: OutputStages) -> Kernel:
    compressed, asymmetric, noisy, spread, quantised, stochastic, bounded, watched, both_signs, added = stages

    convert = converter(quantised=quantised, stochastic=stochastic)

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
        reduction: np.float32,
        asymmetry: np.float32,
        noise: np.float32,
        step: np.float32,
        bound: np.float32,
        factor: np.float32,
    ) -> None:
        vector = vectors[row]
        digital = scale[vector] * reduction * factor
        beyond = 0
        for column in range(first, last):
            value = y[row, column]
            if compressed:
                value = gain * value / (ONE + abs(compression[column] * value))
            if asymmetric:
                value = value * (ONE - asymmetry) if value < ZERO else value
            if noisy:
                value += (deviation[column] if spread else noise) * normals[row, column]
            value = convert(value, step, uniforms[row, column])
            if watched:
                beyond |= int(value > bound)
                if both_signs:
                    beyond |= int(value < -bound)
            if bounded:
                value = min(max(value, -bound), bound)
            if added:
                result[vector, column] += value * digital
            else:
                result[vector, column] = value * digital
        if watched and beyond and digital != ZERO:
            exceeded[row] = 1

    return Kernel(body)
