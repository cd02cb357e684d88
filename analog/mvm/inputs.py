"""From vectors to what drives the lines: scale, converter, bound, noise, asymmetry."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from analog.kernels import Kernel
from analog.mvm.rounding import nearest, nearest_or_next
from analog.parameters.io import IOParameters

__all__ = ["InputStages", "input_stages", "inputs"]

ZERO = np.float32(0)
ONE = np.float32(1)


class InputStages(NamedTuple):
    """Which stages there are; what is not there costs nothing."""

    quantised: bool
    stochastic: bool
    bounded: bool
    noisy: bool
    asymmetric: bool


def input_stages(io: IOParameters) -> InputStages:
    """The stages that some parameters switch on."""
    quantised = io.inp_step > 0
    return InputStages(
        quantised, quantised and io.inp_sto_round, io.inp_bound > 0, io.inp_noise > 0, io.inp_asymmetry != 0
    )


@lru_cache
def inputs(stages: InputStages) -> Kernel:
    """The kernel ``x[vectors] -> u``.

    Its arguments: vectors and their divisors, which of them, normal and uniform numbers, the result; by how much more
    than the divisor to divide (bound management), step, bound, noise, asymmetry.
    """
    quantised, stochastic, bounded, noisy, asymmetric = stages

    def body(
        row: int,
        first: int,
        last: int,
        x: Any,
        scale: Any,
        vectors: Any,
        normals: Any,
        uniforms: Any,
        u: Any,
        reduction: np.float32,
        step: np.float32,
        bound: np.float32,
        noise: np.float32,
        asymmetry: np.float32,
    ) -> None:
        vector = vectors[row]
        silent = scale[vector] <= ZERO
        divisor = ONE if silent else scale[vector] * reduction
        steps = ONE / step
        for column in range(first, last):
            value = x[vector, column] / divisor
            if stochastic:
                value = step * nearest_or_next(value * steps, uniforms[row, column])
            elif quantised:
                value = step * nearest(value * steps)
            if bounded:
                value = min(max(value, -bound), bound)
            if noisy:
                value += noise * normals[row, column]
            if asymmetric:
                value = value * (ONE - asymmetry) if value < ZERO else value
            u[row, column] = ZERO if silent else value

    return Kernel(body)
