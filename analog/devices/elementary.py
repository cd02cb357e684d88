"""Exponential and power in float32, as polynomials without branches and calls, so that laws vectorise."""

from __future__ import annotations

import numpy as np

from analog.devices.number import ONE, ZERO, Number
from analog.kernels.bits import bits_of_float32, float32_of_bits
from analog.kernels.logarithm import LN2_HIGH, LN2_LOW, logarithm_of, split

__all__ = ["exponential", "logarithm", "power"]

HALF = np.float32(0.5)
#: Arguments between which the exponential is a normal float32.
LEAST, MOST = np.float32(-87.0), np.float32(88.0)
INVERSE_LN2 = np.float32(1.44269504088896341)
#: Adding and subtracting it rounds to the nearest integer.
ROUNDER = np.float32(1.5 * 2.0**23)
#: What one more in the exponent is.
EXPONENT = np.int32(1 << 23)
#: The least normal number.
TINY = np.float32(2.0**-126)


def exponential(x: Number) -> Number:
    """The exponential function, for `x` from -87 to 88, with a relative error below 2e-7 (Moshier, Cephes, expf).

    Beyond, it is that of the nearer end.
    """
    x = min(max(x, LEAST), MOST)
    n = (x * INVERSE_LN2 + ROUNDER) - ROUNDER
    r = (x - n * LN2_HIGH) - n * LN2_LOW
    p = np.float32(1.9875691500e-4)
    p = p * r + np.float32(1.3981999507e-3)
    p = p * r + np.float32(8.3334519073e-3)
    p = p * r + np.float32(4.1665795894e-2)
    p = p * r + np.float32(1.6666665459e-1)
    p = p * r + np.float32(5.0000001201e-1)
    return scaled(p * (r * r) + r + ONE, n)


def logarithm(x: Number) -> Number:
    """The natural logarithm of a positive, normal number, with a relative error below 2e-7 (Moshier, Cephes, logf)."""
    e, f = split(x)
    return logarithm_of(e, f)


def power(base: Number, exponent: Number) -> Number:
    """`base` from 0 on to the power of `exponent`, ``2 ** (exponent * log2(base))``; 0 for base 0.

    Both polynomials are least-squares fits at Chebyshev nodes, with errors below 2e-8.
    """
    e, f = split(max(base, TINY))
    p = np.float32(0.126148462)
    p = p * f + np.float32(-0.207421035)
    p = p * f + np.float32(0.215669855)
    p = p * f + np.float32(-0.238920346)
    p = p * f + np.float32(0.287918329)
    p = p * f + np.float32(-0.360704839)
    p = p * f + np.float32(0.480910599)
    p = p * f + np.float32(-0.721347332)
    p = p * f + np.float32(1.44269502)
    t = min(max(exponent * (e + p * f), np.float32(-126)), np.float32(127))
    n = (t + ROUNDER) - ROUNDER
    r = t - n
    p = np.float32(0.000154614478)
    p = p * r + np.float32(0.00133908668)
    p = p * r + np.float32(0.00961805694)
    p = p * r + np.float32(0.0555035695)
    p = p * r + np.float32(0.240226507)
    p = p * r + np.float32(0.693147182)
    return scaled(p * r + ONE, n) if base > ZERO else ZERO


def scaled(value: Number, n: Number) -> Number:
    """``value * 2**n`` for a whole number `n`, which is added to the bits of the exponent."""
    return float32_of_bits(np.uint32(np.int32(bits_of_float32(value)) + np.int32(n) * EXPONENT))
