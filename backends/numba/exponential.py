"""Exponential and hyperbolic functions in steps that a compiler can do for many elements at once.

A call of the C library keeps a loop from being vectorised. Errors are below one unit in the last place for exp, two
and a half for expm1, three for tanh and cosh, four for sinh. Imported by generated kernels only: it imports numba.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import int32

from backends.numba.bits import DOUBLE, SINGLE, Width, as_real, fused, inlined, ldexp, polynomial
from backends.numba.machine import scales_vectors

__all__ = [
    "cosh_float32",
    "cosh_float64",
    "exp_float32",
    "exp_float64",
    "expm1_float32",
    "expm1_float64",
    "sinh_float32",
    "sinh_float64",
    "tanh_float32",
    "tanh_float64",
]

#: (exp(r) - 1 - r) / r**2 for |r| < 0.35: polynomials fitted at Chebyshev's nodes, and by Cephes.
_SERIES = {
    DOUBLE: polynomial(
        0.5000000000000001,
        0.16666666666666669,
        0.04166666666662313,
        0.008333333333329985,
        0.0013888888917710368,
        0.0001984126986343555,
        2.480152052648056e-05,
        2.7557267868262007e-06,
        2.7620453391695057e-07,
        2.5100666142918374e-08,
    ),
    SINGLE: polynomial(
        5.0000001201e-1, 1.6666665459e-1, 4.1665795894e-2, 8.3334519073e-3, 1.3981999507e-3, 1.9875691500e-4
    ),
}
#: log(2) in two parts, the first with so few digits that whole multiples of it are exact.
_LOG2 = {DOUBLE: (0.693147180369123816490, 1.90821492927058770002e-10), SINGLE: (0.693359375, -2.12194440e-4)}
#: Where results are zero below, and infinite above.
_RANGE = {DOUBLE: (-746.0, 710.0), SINGLE: (-104.0, 89.0)}


def _functions(width: Width) -> tuple[Any, ...]:
    """exp, expm1, sinh, cosh and tanh of one width."""
    real, whole, digits, bias = width.real, width.whole, width.digits, width.bias
    series = _SERIES[width]
    high, low = (real(part) for part in _LOG2[width])
    lowest, highest = (real(limit) for limit in _RANGE[width])
    per_log2, half, one, two = real(1.4426950408889634), real(0.5), real(1.0), real(2.0)
    # From here on, 1 more or less makes no difference.
    many, flat = real(digits + 4), real(0.36 * digits + 2)

    @inlined
    def power_of_two(n: Any) -> Any:
        return as_real(whole((whole(n) + whole(bias)) << whole(digits)))

    @inlined
    def reduced(x: Any) -> Any:
        # x = n log(2) + r with |r| < 0.35.
        n = np.rint(x * per_log2)
        return n, fused(-n, low, fused(-n, high, x))

    @inlined
    def scaled_at_once(value: Any, n: Any) -> Any:
        return ldexp(value, int32(n))

    @inlined
    def scaled_twice(value: Any, n: Any) -> Any:
        # Two steps of 2**n: the first result would overflow, or lose digits, before the end of the range.
        first = whole(whole(n) >> whole(1))
        return value * power_of_two(first) * power_of_two(whole(whole(n) - first))

    scaled = scaled_at_once if scales_vectors() else scaled_twice

    @inlined
    def exp(x: Any) -> Any:
        n, r = reduced(min(highest, max(lowest, x)))
        return x if np.isnan(x) else scaled(fused(fused(series(r), r, one), r, one), n)

    @inlined
    def expm1(x: Any) -> Any:
        n, r = reduced(min(highest, max(lowest, x)))
        grown = fused(r * r, series(r), r)
        # Beyond the range in which 1 matters, n is cut so that its power exists; the other value is taken there.
        near = power_of_two(min(many, max(-many, n)))
        value, far = grown * near + (near - one), scaled(one + grown, n)
        value = far if n > many else value
        # What is so small that it has lost digits is its own result, as are minus zero and NaN.
        return value if abs(x) > real(width.smallest) else x

    @inlined
    def sinh(x: Any) -> Any:
        # exp(x / 2) does not overflow before the result does.
        size = abs(x)
        root = expm1(half * size)
        grown = root * (root + two)
        value, far = half * (grown + grown / (grown + one)), half * root * (root + two)
        value = np.copysign(far if size > many else value, x)
        return value if size > real(width.smallest) else x

    @inlined
    def cosh(x: Any) -> Any:
        root = exp(half * abs(x))
        return half * root * root + half / (root * root)

    @inlined
    def tanh(x: Any) -> Any:
        size = abs(x)
        grown = expm1(two * min(size, flat))
        value = np.copysign(grown / (grown + two), x)
        return value if size > real(width.smallest) else x

    return exp, expm1, sinh, cosh, tanh


exp_float64, expm1_float64, sinh_float64, cosh_float64, tanh_float64 = _functions(DOUBLE)
exp_float32, expm1_float32, sinh_float32, cosh_float32, tanh_float32 = _functions(SINGLE)
