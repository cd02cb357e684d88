"""The natural logarithm in float32, as a polynomial without branches and calls (Moshier, Cephes, logf)."""

from __future__ import annotations

from typing import Any

import numpy as np

from analog.kernels.bits import bits_of_float32, float32_of_bits

__all__ = ["LN2_HIGH", "LN2_LOW", "logarithm_of", "split"]

#: ln 2 in two parts, the first so short that its products with small integers are exact.
LN2_HIGH, LN2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
#: Bits of float32: of sqrt(1/2), what lies between them and those of 1, and the mask of the fraction.
ROOT_HALF, UP_TO_ONE, FRACTION = np.uint32(0x3F3504F3), np.uint32(0x004AFB0D), np.uint32(0x007FFFFF)


def split(x: Any) -> tuple[np.float32, np.float32]:
    """``(e, f)`` with ``x = 2**e * (1 + f)`` and ``1 + f`` from sqrt(1/2) to sqrt(2), for normal positive numbers."""
    bits = np.uint32(bits_of_float32(x) + UP_TO_ONE)
    e = np.float32(np.int32(bits >> np.uint32(23))) - np.float32(127)
    return e, float32_of_bits(np.uint32((bits & FRACTION) + ROOT_HALF)) - np.float32(1)


def logarithm_of(e: Any, f: Any) -> Any:
    """ln(2**e * (1 + f)), with a relative error below 2e-7, for `f` as from `split`."""
    p = np.float32(7.0376836292e-2)
    p = p * f + np.float32(-1.1514610310e-1)
    p = p * f + np.float32(1.1676998740e-1)
    p = p * f + np.float32(-1.2420140846e-1)
    p = p * f + np.float32(1.4249322787e-1)
    p = p * f + np.float32(-1.6668057665e-1)
    p = p * f + np.float32(2.0000714765e-1)
    p = p * f + np.float32(-2.4999993993e-1)
    p = p * f + np.float32(3.3333331174e-1)
    square = f * f
    return e * LN2_HIGH + (f + (e * LN2_LOW + (p * f * square - np.float32(0.5) * square)))
