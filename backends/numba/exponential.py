"""The exponential function in steps that a compiler can do for many elements at once, unlike a call of the C library.

Imported by generated kernels only: it imports numba.
"""

from __future__ import annotations

from math import factorial
from typing import Any

import numpy as np
from llvmlite.ir import DoubleType, FloatType
from numba import float32, int32, int64, njit, types
from numba.extending import intrinsic

__all__ = ["exp_float32", "exp_float64"]


def _typed(typing: Any, bits: Any) -> Any:
    del typing
    wide = bits == types.int64

    def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        del context, signature
        return builder.bitcast(operands[0], DoubleType() if wide else FloatType())

    return (types.float64 if wide else types.float32)(bits), generate


#: The real number that has the bits of a whole one.
_as_real: Any = intrinsic(_typed)


@njit(error_model="numpy")
def exp_float64(x: Any) -> Any:
    """e**x, within one unit in the last place."""
    # x = n log(2) + r with |r| < 0.35; log(2) in two parts, the first with so few digits that n times it is exact.
    bounded = min(710.0, max(-746.0, x))
    n = np.rint(bounded * 1.4426950408889634)
    r = bounded - n * 0.693147180369123816490
    r = r - n * 1.90821492927058770002e-10
    series = _C13
    series = series * r + _C12
    series = series * r + _C11
    series = series * r + _C10
    series = series * r + _C9
    series = series * r + _C8
    series = series * r + _C7
    series = series * r + _C6
    series = series * r + _C5
    series = series * r + _C4
    series = series * r + _C3
    series = series * r + 0.5
    value = 1.0 + (r + r * r * series)
    # Two steps of 2**n: the first result would overflow, or lose digits, before the end of the range.
    whole = int64(n)
    half = whole >> 1
    value = value * _as_real((half + 1023) << 52) * _as_real((whole - half + 1023) << 52)
    return x if np.isnan(x) else value


_C3, _C4, _C5, _C6, _C7, _C8, _C9, _C10, _C11, _C12, _C13 = (1.0 / factorial(k) for k in range(3, 14))


@njit(error_model="numpy")
def exp_float32(x: Any) -> Any:
    """e**x, within two units in the last place."""
    # As above; the coefficients are those of Cephes, fitted to the interval.
    bounded = min(float32(89.0), max(float32(-104.0), x))
    n = np.rint(bounded * float32(1.44269504088896341))
    r = bounded - n * float32(0.693359375)
    r = r + n * float32(2.12194440e-4)
    series = float32(1.9875691500e-4)
    series = series * r + float32(1.3981999507e-3)
    series = series * r + float32(8.3334519073e-3)
    series = series * r + float32(4.1665795894e-2)
    series = series * r + float32(1.6666665459e-1)
    series = series * r + float32(5.0000001201e-1)
    value = float32(1.0) + (r + r * r * series)
    whole = int32(n)
    half = int32(whole >> 1)
    value = value * _as_real(int32(int32(half + 127) << 23)) * _as_real(int32(int32(whole - half + 127) << 23))
    return x if np.isnan(x) else value
