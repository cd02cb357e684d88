"""Noise management: what every vector is divided by before it meets the converter.

Gokmen, Onen, Haensch, "Training deep convolutional neural networks with resistive cross-point devices",
Front. Neurosci. 11, 538, 2017.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analog.kernels import Kernel
from analog.kernels.bits import bits_of_float32, float32_of_bits
from analog.mvm.side import Side, singles
from analog.parameters.enums import NoiseManagementType
from analog.parameters.io import IOParameters

__all__ = ["running_average", "scaling", "worst_case"]

#: A float32 without its sign, as an integer; integers are compared as the floats they stand for.
MAGNITUDE = np.int32(0x7FFFFFFF)
INFINITE = np.int32(0x7F800000)
ZERO = np.float32(0)
#: More than any sum is of a peak, and no infinity: that times zero is no number.
UNLIMITED = 1e30
#: Rules by which a divisor follows from a vector.
CONSTANT, LARGEST, MAX, LARGEST_OUTPUT = range(4)
RULES = {
    NoiseManagementType.NONE: CONSTANT,
    NoiseManagementType.CONSTANT: CONSTANT,
    NoiseManagementType.ABS_MAX: LARGEST,
    NoiseManagementType.AVERAGE_ABS_MAX: LARGEST,
    NoiseManagementType.MAX: MAX,
    NoiseManagementType.ABS_MAX_NP_SUM: LARGEST_OUTPUT,
}


def scaling(io: IOParameters) -> Side:
    """The kernel that finds the divisor of every vector; NaN for a vector with an element that is no number.

    Its arguments: the vectors and their divisors; which vectors; the rule; threshold; the divisor of a vector without a
    peak; the weight, and the part of the peak, that bound the estimate of LARGEST_OUTPUT (see `IOParameters`).
    """
    kind, threshold = io.noise_management, io.nm_thres or np.inf
    rule = RULES[kind]
    if rule == CONSTANT:
        threshold = io.nm_thres if kind is NoiseManagementType.CONSTANT and io.nm_thres else 1.0
    elif kind is NoiseManagementType.AVERAGE_ABS_MAX:
        threshold = np.inf
    return Side(_SCALING, (rule, np.float32(threshold), *_numbers(io)))


def worst_case(io: IOParameters) -> Side:
    """The same by the estimate of the largest output."""
    return Side(_SCALING, (LARGEST_OUTPUT, np.float32(io.nm_thres or np.inf), *_numbers(io)))


def _numbers(io: IOParameters) -> tuple[np.float32, ...]:
    weight = io.nm_assumed_wmax / (io.out_bound if io.out_bound > 0 else 1.0)
    part = io.max_bm_res / io.inp_step if io.inp_step > 0 else UNLIMITED
    # A vector of zeros is noisy if inputs are, but says nothing to an average.
    noisy = io.inp_noise > 0 and io.noise_management is not NoiseManagementType.AVERAGE_ABS_MAX
    return singles(1.0 if noisy else 0.0, weight, part)


def _scale(
    row: int,
    first: int,
    last: int,
    x: Any,
    scale: Any,
    vectors: Any,
    rule: int,
    threshold: np.float32,
    idle: np.float32,
    weight: np.float32,
    part: np.float32,
) -> None:
    vector = vectors[row]
    magnitude = np.int32(0)
    top = np.int32(0)
    # Integers, because compilers keep the order of comparisons of floats, one after the other.
    for column in range(first, last):
        bits = np.int32(bits_of_float32(x[vector, column]))
        magnitude = max(magnitude, bits & MAGNITUDE)
        top = max(top, bits)
    peak = min(float32_of_bits(np.uint32(top if rule == MAX else magnitude)), threshold)
    if rule == CONSTANT:
        peak = threshold
    if rule == LARGEST_OUTPUT:
        positive = ZERO
        negative = ZERO
        for column in range(first, last):
            positive += max(x[vector, column], ZERO)
            negative -= min(x[vector, column], ZERO)
        peak = max(peak, min(max(positive, negative) * weight, peak * part))
    scale[vector] = peak if peak > ZERO else idle
    if magnitude >= INFINITE:
        scale[vector] = np.float32(np.nan)


#: One for all rules: it is part of many kernels.
_SCALING = Kernel(_scale, per="row")


def _average(
    row: int,  # noqa: ARG001
    first: int,
    last: int,
    scale: Any,
    start: np.float32,
    decay: np.float32,
) -> None:
    average = start
    for column in range(first, last):
        # A vector of zeros that comes first says nothing about the others.
        average = average + decay * (scale[column] - average) if average > ZERO else scale[column]
        scale[column] = average


#: Replaces the peaks of a batch by their running average; arguments: peaks, average so far (0: none), rate.
running_average = Kernel(_average, per="row")
