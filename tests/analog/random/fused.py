"""The normal numbers of a compiler that merges products with sums into one rounding, as CUDA's does."""

from __future__ import annotations

import numpy as np

from analog.kernels import logarithm as shared
from analog.random import distributions as own

LOGARITHM = [
    7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
    2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
]  # fmt: skip
SINE = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1]
COSINE = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2]


def fma(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """``a * b + c``, rounded once to float32: products of two float32 are exact in float64."""
    return (np.asarray(a, np.float64) * b + c).astype(np.float32)


def polynomial(coefficients: list[float], x: np.ndarray) -> np.ndarray:
    value = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        value = fma(value, x, np.float32(coefficient))
    return value


def logarithm(word: np.ndarray) -> np.ndarray:
    near = word >= own.NEAR_ONE
    bits = (word.astype(np.float32) + own.HALF).view(np.uint32) + shared.UP_TO_ONE
    mantissa = ((bits & shared.FRACTION) + shared.ROOT_HALF).view(np.float32)
    e = np.where(near, np.float32(0), (bits >> np.uint32(23)).astype(np.float32) - np.float32(159))
    f = np.where(near, (~word).astype(np.float32) * np.float32(-(2.0**-32)) - np.float32(2.0**-33), mantissa - own.ONE)
    square = f * f
    return fma(
        e, shared.LN2_HIGH, f + fma(e, shared.LN2_LOW, fma(polynomial(LOGARITHM, f) * f, square, -own.HALF * square))
    )


def normals(words: np.ndarray) -> np.ndarray:
    first, second = words[:, 0], words[:, 1]
    t = (second << np.uint32(2)).view(np.int32).astype(np.float32) * own.TURN
    z = t * t
    sine = fma(polynomial(SINE, z) * z, t, t)
    cosine = fma(polynomial(COSINE, z) * z, z, fma(z, -own.HALF, own.ONE))
    quarter = ((second.astype(np.uint64) + (1 << 29)) >> 30) % 4
    turned = np.array([1, 1j, -1, -1j])[quarter] * (cosine + 1j * sine.astype(np.float64))
    radius = np.sqrt(np.float32(-2) * logarithm(first))
    return np.stack([radius * turned.real, radius * turned.imag], axis=-1)
