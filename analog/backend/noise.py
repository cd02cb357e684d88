"""How much noise a product on crossbars is expected to have, and how many conversions it takes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, final

import numpy as np

from analog.backend.operator import matrix_of
from analog.parameters import WeightNoiseType
from tensorlayer.errors import ShapeError, UnsupportedOperationError
from tensorlayer.language.tensor import Tensor
from tensorlayer.shape import Nested

if TYPE_CHECKING:
    from analog.crossbar import Crossbar
    from analog.parameters import IOParameters

__all__ = ["NoiseTerms", "conversions", "expected_noise"]


@final
@dataclass(frozen=True, slots=True)
class NoiseTerms:
    """Standard deviations at one crossbar, in scaled units: 1 is the largest input.

    A converter of step s rounds by an error that is uniform over one step, of standard deviation s / sqrt(12).

    Parameters
    ----------
    output : float
        In front of the output converters.
    adc : float
        Of the rounding of output converters.
    input : float
        On every input, to be multiplied by the norm of the weights of an output.
    dac : float
        Of the rounding of input converters, as `input`.
    weight : float
        Of the weights, to be multiplied by the norm of the inputs.
    read : float
        Of currents that fluctuate with conductances, to be multiplied by the root of the sum of ``|w| x**2``.
    """

    output: float
    adc: float
    input: float
    dac: float
    weight: float
    read: float

    @classmethod
    def of(cls, io: IOParameters) -> Self:
        """The terms of one direction."""
        if io.is_perfect:
            return cls(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        weight = io.w_noise if io.w_noise_type is WeightNoiseType.ADDITIVE_CONSTANT else 0.0
        read = io.w_noise if io.w_noise_type is WeightNoiseType.PCM_READ else 0.0
        return cls(io.out_noise, io.out_step / math.sqrt(12), io.inp_noise, io.inp_step / math.sqrt(12), weight, read)

    def variance(self, inputs: np.ndarray[Any, Any], weights: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Of every output for scaled vectors, (..., inputs) to (..., outputs); `weights` are (outputs, inputs)."""
        squares = inputs**2
        result: np.ndarray[Any, Any] = (
            self.output**2
            + self.adc**2
            + (self.input**2 + self.dac**2) * (weights**2).sum(-1)
            + self.weight**2 * squares.sum(-1, keepdims=True)
            + self.read**2 * (squares @ np.abs(weights).T)
        )
        return result


def conversions(tiles: Nested, vectors: int, *, transposed: bool) -> tuple[int, int]:
    """Digital-to-analog and analog-to-digital conversions of a product, without repetitions by bound management.

    Every crossbar has converters of its own, so an input is converted once for every crossbar in its column.

    Examples
    --------
    >>> conversions(Nested.from_tiling((4, 6), (2, 2)), 10, transposed=False)
    (120, 120)
    """
    (outputs, inputs), (down, across) = tiles.extents, tiles.outer.extents
    entering, leaving = inputs * down, outputs * across
    return (vectors * leaving, vectors * entering) if transposed else (vectors * entering, vectors * leaving)


def expected_noise(tensor: Tensor, vectors: Any, *, transposed: bool = False) -> np.ndarray[Any, Any]:
    """Standard deviation of every element of a product with a tensor on crossbars, from the IO parameters.

    Noise and rounding only: what the devices do to weights is in the weights, and non-linear effects (bounds, voltage
    drop, compression) are errors that do not average out.

    Parameters
    ----------
    tensor : Tensor
        On crossbars.
    vectors : array
        (..., inputs) of the folded matrix, or (..., outputs) if `transposed`.
    transposed : bool, optional
        Whether vectors enter at the outputs.

    Returns
    -------
    numpy.ndarray
        (..., outputs), float64; or (..., inputs).

    Raises
    ------
    UnsupportedOperationError
        If inputs are scaled by something else than their largest magnitude, or not at all.
    ConversionError
        If the tensor is not held by the backend ``"analog"``.
    ShapeError
        If the vectors have another number of elements.
    """
    array, turned = matrix_of(tensor)
    transposed = transposed != turned
    x = np.asarray(vectors, np.float64)
    outputs, inputs = array.grid.shape[::-1] if transposed else array.grid.shape
    if not x.ndim or x.shape[-1] != inputs:
        raise ShapeError(f"vectors are {list(x.shape)}: the last axis must have {inputs} elements")
    total = np.zeros((*x.shape[:-1], outputs))
    for (row, column), block in array.form.tiles.blocks():
        entered, left = (block[0], block[1]) if transposed else (block[1], block[0])
        total[..., left] += _variance(array.grid.crossbars[row, column], x[..., entered], transposed=transposed)
    deviation: np.ndarray[Any, Any] = array.scale * np.sqrt(total)
    return deviation


def _variance(crossbar: Crossbar, x: np.ndarray[Any, Any], *, transposed: bool) -> np.ndarray[Any, Any]:
    core = crossbar.config.core()
    io = core.backward if transposed else core.forward
    largest = _divisor(io, x)
    weights = np.asarray(crossbar.allocator.backend.to_numpy(crossbar.weights), np.float64)
    scaled = x / np.where(largest > 0, largest, 1)
    variance = NoiseTerms.of(io).variance(scaled, weights.T if transposed else weights)
    result: np.ndarray[Any, Any] = (io.out_scale * largest) ** 2 * variance
    return result


def _divisor(io: IOParameters, x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if io.is_perfect or io.noise_management.name == "NONE":
        return np.ones((*x.shape[:-1], 1))
    if io.noise_management.name != "ABS_MAX" or io.nm_thres > 0:
        raise UnsupportedOperationError(
            f"the expected noise with noise_management={io.noise_management.name} depends on more than the vector: use "
            "ABS_MAX or NONE without a threshold, or estimate it from repeated products"
        )
    largest: np.ndarray[Any, Any] = np.abs(x).max(-1, keepdims=True)
    return largest
