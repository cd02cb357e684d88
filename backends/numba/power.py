"""Powers in steps that a compiler can do for many elements at once.

Imported by generated kernels only: it imports numba.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import float32, float64

from backends.numba.bits import as_bits, as_real, fma, inlined, polynomial
from backends.numba.exponential import exp_float64, exp_of_sum_float64
from backends.numba.logarithm import decomposed_float64, log_float64

__all__ = ["pow_float32", "pow_float64"]

#: Larger exponents give what this one gives: 0, 1 or infinity.
_FARTHEST = 1e300


#: Coefficients of (2 atanh(s) - 2 s) / s**3 in powers of s**2: the first in two parts, and a polynomial of the others.
_FIRST, _FIRST_REST = 0.6666666666666666, 3.700743415417188e-17
_others = polynomial(*(2.0 / (2 * k + 5) for k in range(9)))


@inlined
def _logarithm(x: Any) -> Any:
    """log(x) in two parts: of the sum k log(2) + 2 s + 2/3 s**3 + ..., the first three terms with twice the digits."""
    k, m = decomposed_float64(x)
    f, below = m - 1.0, m + 1.0
    inverse = 1.0 / below
    s = f * inverse
    rest = fma(-s, m - (below - 1.0), fma(-s, below, f)) * inverse
    # k times this part of log(2) is exact, and not smaller than 2 s unless it is zero.
    high = k * 6.93147180369123816490e-01
    total = fma(2.0, s, high)
    square = s * s
    cube = square * s
    third = cube * _FIRST
    lost = fma(square, s, -cube) + fma(s, s, -square) * s
    lost = fma(lost, _FIRST, fma(cube, _FIRST, -third))
    tail = fma(k, 1.90821492927058770002e-10, fma(cube, fma(square, _others(square), _FIRST_REST), lost))
    tail = fma(2.0, fma(rest, square, rest), tail)
    low = (fma(2.0, s, high - total) + third) + tail
    return total + low, low - ((total + low) - total)


@inlined
def _with_sign(x: Any, y: Any, value: Any) -> Any:
    """x**y, given abs(x)**y wherever that is no question of limits."""
    # 0 for even whole numbers, 1 for odd ones.
    parity = fma(-2.0, np.floor(0.5 * y), y)
    sign = (as_bits(x) >> 63) << 63
    value = as_real(as_bits(value) ^ (sign if parity == 1.0 else 0))
    value = np.nan if (x < 0.0) & (x > -np.inf) & (parity != 0.0) & (parity != 1.0) else value
    return 1.0 if (y == 0.0) | (x == 1.0) else value


@inlined
def pow_float64(x: Any, y: Any) -> Any:
    """x**y, within 1.5 + abs(log(x**y)) / 100 units in the last place: 9 at the ends of the range."""
    size = abs(x)
    total, low = _logarithm(size)
    total = -np.inf if size == 0.0 else total
    total = total if size < np.inf else size
    exponent = min(max(y, -_FARTHEST), _FARTHEST)
    product = exponent * total
    rest = fma(exponent, low, fma(exponent, total, -product))
    return _with_sign(x, exponent, exp_of_sum_float64(product, rest))


@inlined
def pow_float32(x: Any, y: Any) -> Any:
    """x**y, within one unit in the last place."""
    base, exponent = float64(x), min(max(float64(y), -_FARTHEST), _FARTHEST)
    return float32(_with_sign(base, exponent, exp_float64(exponent * log_float64(abs(base)))))
