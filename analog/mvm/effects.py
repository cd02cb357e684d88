"""What the array does to a product on its way to the converters: voltage drop, offsets, resistances, fluctuations.

Rasch et al., "A flexible and fast PyTorch toolkit for simulating training and inference on analog crossbar arrays",
AICAS 2021; the voltage drop: Rasch et al., "Hardware-aware training for large-scale and diverse deep learning inference
workloads using in-memory computing-based accelerators", Nat. Commun. 14, 5282, 2023.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from analog.kernels import Kernel
from analog.mvm.side import Side, singles
from analog.parameters.enums import WeightNoiseType
from analog.parameters.io import IOParameters

__all__ = ["ArrayStages", "array_stages", "effects", "sums"]

ZERO = np.float32(0)
ONE = np.float32(1)


class ArrayStages(NamedTuple):
    """Which effects there are; what is not there costs nothing."""

    dropping: bool
    resisted: bool
    offset: bool
    noise: WeightNoiseType

    @property
    def needs_magnitudes(self) -> bool:
        """Whether absolute weights are multiplied with."""
        return self.dropping or self.noise is WeightNoiseType.PCM_READ

    @property
    def needs_sums(self) -> bool:
        """Whether sums over the inputs are needed."""
        return self.resisted or self.noise is WeightNoiseType.ADDITIVE_CONSTANT


def array_stages(io: IOParameters) -> ArrayStages:
    """The effects that some parameters switch on."""
    offset = io.v_offset_std > 0
    noise = io.w_noise_type if io.w_noise > 0 else WeightNoiseType.NONE
    return ArrayStages(io.ir_drop > 0, offset or io.r_series > 0, offset, noise)


def effects(io: IOParameters, *, added: bool = False) -> Side | None:
    """The kernel ``y -> result``, or ``result + ...`` when `added`; none if there is nothing to do.

    Its arguments: currents; the same of absolute values and of inputs weighted by position; the variances of their
    fluctuations; sums and sums of squares of the inputs; normal numbers; offsets of the outputs; the result; number of
    inputs; conductance of a piece of wire, strength of the voltage drop, weight of the reference column, series
    resistance and its largest effect, strength of the fluctuations.
    """
    stages = array_stages(io)
    noisy = stages.noise is not WeightNoiseType.NONE
    if not (stages.dropping or stages.resisted or noisy or added):
        return None
    numbers = singles(io.ir_drop_g_ratio, io.ir_drop, io.v_offset_w_min, io.r_series, io.r_series_max_total, io.w_noise)
    return Side(_kernel(stages, added), numbers, noisy)


def dropped(y: np.float32, crowding: np.float32, position: np.float32) -> np.float32:
    """A current less what the voltage drop takes of it.

    Parameters
    ----------
    y : float
        The current.
    crowding : float
        What all devices of the line draw, over what a piece of wire conducts.
    position : float
        The current weighted with the distance from the driver; times the strength of the effect.
    """
    part = crowding * (crowding * (np.float32(0.05) * crowding - np.float32(0.2)) + np.float32(0.5))
    return y - part * position


def resisted(y: np.float32, q: np.float32, offset: np.float32, series: np.float32, most: np.float32) -> np.float32:
    """A current minus that of a reference column, both through a series resistance and at shifted voltages."""
    total = y + q
    return (ONE - offset) * total / (ONE + min(series * abs(total), most)) - (ONE + offset) * q / (
        ONE + min(series * abs(q), most)
    )


def _sums(row: int, first: int, last: int, u: Any, result: Any) -> None:
    total = ZERO
    squares = ZERO
    for column in range(first, last):
        total += u[row, column]
        squares += u[row, column] * u[row, column]
    result[row, 0] = total
    result[row, 1] = squares


#: Sum and sum of squares of every vector.
sums = Kernel(_sums, per="row")


@lru_cache
def _kernel(stages: ArrayStages, added: bool) -> Kernel:
    dropping, resisting, shifted, noise = stages
    constant, reading = noise is WeightNoiseType.ADDITIVE_CONSTANT, noise is WeightNoiseType.PCM_READ

    def body(
        row: int,
        first: int,
        last: int,
        y: Any,
        absolute: Any,
        position: Any,
        variance: Any,
        total: Any,
        normals: Any,
        offset: Any,
        result: Any,
        inputs: int,
        wire: np.float32,
        drop: np.float32,
        reference: np.float32,
        series: np.float32,
        most: np.float32,
        strength: np.float32,
    ) -> None:
        load = np.float32(inputs) / wire
        for column in range(first, last):
            value = y[row, column]
            if dropping:
                value = dropped(value, absolute[row, column] * load, drop * position[row, column])
            if resisting:
                shift = offset[column] if shifted else ZERO
                value = resisted(value, -reference * total[row, 0], shift, series, most)
            if constant:
                value += strength * np.float32(math.sqrt(total[row, 1])) * normals[row, column]
            if reading:
                value += strength * np.float32(math.sqrt(variance[row, column])) * normals[row, column]
            if added:
                result[row, column] += value
            else:
                result[row, column] = value

    return Kernel(body)
