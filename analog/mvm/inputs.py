"""From vectors to what drives the lines: scale, converter, bound, noise, asymmetry."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from analog.kernels import Kernel
from analog.mvm.rounding import converter
from analog.mvm.scaling import scaling
from analog.mvm.side import Side, singles
from analog.parameters.io import IOParameters

__all__ = ["inputs", "scaled_inputs"]

ZERO = np.float32(0)
ONE = np.float32(1)


def inputs(io: IOParameters) -> Side:
    """The kernel ``x[vectors] -> u`` with the stages that the parameters switch on.

    Its arguments: vectors and their divisors, which of them, normal and uniform numbers, the result; by how much more
    than the divisor to divide (bound management), step, bound, noise, asymmetry.
    """
    quantised, noisy = io.inp_step > 0, io.inp_noise > 0
    stochastic = quantised and io.inp_sto_round
    kernel = _kernel(quantised, stochastic, io.inp_bound > 0, noisy, io.inp_asymmetry != 0)
    numbers = singles(io.inp_step or 1, io.inp_bound, io.inp_noise, io.inp_asymmetry)
    return Side(kernel, numbers, noisy, stochastic)


def scaled_inputs(io: IOParameters) -> Side:
    """The kernel of `scaling` and that of `inputs` in one: what is scaled is still in the cache.

    Its arguments: those of `scaling` up to which vectors; normal and uniform numbers, the result; the numbers of both.
    """
    first, second = scaling(io), inputs(io)
    kernel = _one_after_the_other(first.kernel, second.kernel)
    return Side(kernel, (first.numbers, second.numbers), second.noisy, second.stochastic)


@lru_cache
def _one_after_the_other(first_kernel: Kernel, second_kernel: Kernel) -> Kernel:
    find_divisor, drive = first_kernel.body, second_kernel.body

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
        finding: Any,
        driving: Any,
    ) -> None:
        find_divisor(row, first, last, x, scale, vectors, *finding)
        drive(row, first, last, x, scale, vectors, normals, uniforms, u, ONE, *driving)

    return Kernel(body, per="row")


@lru_cache
def _kernel(quantised: bool, stochastic: bool, bounded: bool, noisy: bool, asymmetric: bool) -> Kernel:
    convert = converter(quantised=quantised, stochastic=stochastic)

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
        for column in range(first, last):
            value = x[vector, column] / divisor
            value = convert(value, step, uniforms[row, column])
            if bounded:
                value = min(max(value, -bound), bound)
            if noisy:
                value += noise * normals[row, column]
            if asymmetric:
                value = value * (ONE - asymmetry) if value < ZERO else value
            u[row, column] = ZERO if silent else value

    return Kernel(body)
