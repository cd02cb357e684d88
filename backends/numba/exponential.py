"""Exponential and hyperbolic functions in steps that a compiler can do for many elements at once.

A call of the C library keeps a loop from being vectorised. Errors are below one unit in the last place for exp, two
and a half for expm1, three for tanh and cosh, four for sinh. Imported by generated kernels only: it imports numba.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from backends.numba.bits import DOUBLE, SINGLE, Width, as_bits, as_real, fused, inlined, ldexp, polynomial
from backends.numba.machine import scales_vectors

__all__ = [
    "cosh_float32",
    "cosh_float64",
    "exp_float32",
    "exp_float64",
    "exp_of_sum_float64",
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
#: Where results are zero below, and infinite above; and where hyperbolic ones are infinite.
_RANGE = {DOUBLE: (-746.0, 710.0, 710.5), SINGLE: (-104.0, 89.0, 89.45)}


class _Parts(NamedTuple):
    """What exponentials of one width are made of.

    Attributes
    ----------
    reduced : function
        ``(shifted, r)`` with x = n log(2) + r and |r| < 0.35; n as the last bits of `shifted`.
    growth : function
        The exponential of r, less 1.
    power_of_two : function
        ``(shifted, less)`` -> 2**(n - less).
    expanded : function
        ``(r, shifted)`` -> exp(r) 2**n, in all of the range of results.
    """

    reduced: Any
    growth: Any
    power_of_two: Any
    expanded: Any


def _parts(width: Width) -> _Parts:
    real, whole, digits = width.real, width.whole, width.digits
    series = _SERIES[width]
    high, low = (real(part) for part in _LOG2[width])
    per_log2, one = real(1.4426950408889634), real(1.0)
    # Added to this number, others are rounded to whole ones, which its last bits then are.
    rounding = real(1.5 * 2.0**digits)
    none, unit = whole(width.bits(1.5 * 2.0**digits)), whole(width.bits(1.0))

    @inlined
    def reduced(x: Any) -> Any:
        shifted = fused(x, per_log2, rounding)
        n = shifted - rounding
        return shifted, fused(-n, low, fused(-n, high, x))

    @inlined
    def growth(r: Any) -> Any:
        return fused(r * r, series(r), r)

    @inlined
    def power_of_two(shifted: Any, less: Any) -> Any:
        return as_real(whole(whole(as_bits(shifted) << whole(digits)) + whole(unit - whole(less << digits))))

    @inlined
    def scaled_at_once(value: Any, shifted: Any) -> Any:
        return ldexp(value, whole(as_bits(shifted) - none))

    @inlined
    def scaled_twice(value: Any, shifted: Any) -> Any:
        # Two steps of 2**n: the first result would overflow, or lose digits, before the end of the range.
        n = whole(as_bits(shifted) - none)
        first = whole(n >> whole(1))
        second = whole(n - first)
        value = value * as_real(whole(whole(first << whole(digits)) + unit))
        return value * as_real(whole(whole(second << whole(digits)) + unit))

    scaled = scaled_at_once if scales_vectors() else scaled_twice

    @inlined
    def expanded(r: Any, shifted: Any) -> Any:
        return scaled(fused(fused(series(r), r, one), r, one), shifted)

    return _Parts(reduced, growth, power_of_two, expanded)


def _flat(width: Width) -> Any:
    """From here on, 1 more or less is nothing to the exponential, nor its inverse to the hyperbolic tangent."""
    return width.real(0.36 * width.digits + 2)


# Where limits come second, NaN stays in minima and maxima.
def _exponentials(width: Width) -> tuple[Any, ...]:
    """exp, expm1, and exp of a sum, of one width."""
    real = width.real
    reduced, growth, power_of_two, expanded = _parts(width)
    lowest, highest, flat = *map(real, _RANGE[width][:2]), _flat(width)
    half, two, smallest = real(0.5), real(2.0), real(width.smallest)

    @inlined
    def exp(x: Any) -> Any:
        shifted, r = reduced(min(max(x, lowest), highest))
        return expanded(r, shifted)

    @inlined
    def exp_of_sum(x: Any, rest: Any) -> Any:
        # exp(x + rest) with a rest that is small; beyond the range it is none.
        inside = min(max(x, lowest), highest)
        shifted, r = reduced(inside)
        return expanded(r + (rest if inside == x else real(0.0)), shifted)

    @inlined
    def expm1(x: Any) -> Any:
        shifted, r = reduced(min(max(x, -two * flat), highest))
        # Half of the result.
        power = power_of_two(shifted, 1)
        value = two * fused(growth(r), power, power - half)
        # What is so small that it has lost digits is its own result, as are minus zero and NaN.
        return value if abs(x) > smallest else x

    return exp, expm1, exp_of_sum


def _hyperbolic(width: Width) -> tuple[Any, ...]:
    """sinh, cosh and tanh of one width."""
    real = width.real
    reduced, growth, power_of_two, _ = _parts(width)
    highest, flat, smallest = real(_RANGE[width][2]), _flat(width), real(width.smallest)
    quarter, one, two = real(0.25), real(1.0), real(2.0)

    @inlined
    def sinh(x: Any) -> Any:
        size = abs(x)
        shifted, r = reduced(min(size, highest))
        # A quarter of the exponential less 1: it does not overflow before the result does.
        power = power_of_two(shifted, 2)
        part = fused(growth(r), power, power - quarter)
        value = np.copysign(two * (part + part / fused(part, real(4.0), one)), x)
        return value if size > smallest else x

    @inlined
    def cosh(x: Any) -> Any:
        size = abs(x)
        shifted, r = reduced(min(size, highest))
        # A quarter of the exponential.
        power = power_of_two(shifted, 2)
        part = fused(growth(r), power, power)
        return two * (part + real(0.0625) / part)

    @inlined
    def tanh(x: Any) -> Any:
        size = min(abs(x), flat)
        shifted, r = reduced(size + size)
        power = power_of_two(shifted, 0)
        grown = fused(growth(r), power, power - one)
        return np.copysign(grown / (grown + two), x)

    return sinh, cosh, tanh


exp_float64, expm1_float64, exp_of_sum_float64 = _exponentials(DOUBLE)
exp_float32, expm1_float32, _ = _exponentials(SINGLE)
sinh_float64, cosh_float64, tanh_float64 = _hyperbolic(DOUBLE)
sinh_float32, cosh_float32, tanh_float32 = _hyperbolic(SINGLE)
