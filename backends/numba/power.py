"""Powers in steps that a compiler can do for many elements at once.

Imported by generated kernels only: it imports numba.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import float32, float64

from backends.numba.bits import as_bits, fma, inlined
from backends.numba.exponential import exp_float64
from backends.numba.logarithm import decomposed_float64, log_float64, series_float64

__all__ = ["pow_float32", "pow_float64"]


@inlined
def _logarithm(x: Any) -> Any:
    """log(x) in two parts: of the sum k log(2) + 2 s + s**3 (...), all but the last term with twice the digits."""
    k, m = decomposed_float64(x)
    f, below = m - 1.0, m + 1.0
    s = f / below
    rest = (fma(-s, below, f) - s * (m - (below - 1.0))) / below
    # k times this part of log(2) is exact, and not smaller than 2 s unless it is zero.
    high = k * 6.93147180369123816490e-01
    total = high + 2.0 * s
    tail = k * 1.90821492927058770002e-10 + s * s * s * series_float64(s * s)
    low = (2.0 * s - (total - high)) + (2.0 * rest + tail)
    return total + low, low - ((total + low) - total)


@inlined
def _with_sign(x: Any, y: Any, value: Any) -> Any:
    """x**y, given abs(x)**y wherever that is no question of limits."""
    size, rounded = abs(x), np.floor(y)
    value = 1.0 if (size == 1.0) & ((x > 0.0) | ~np.isnan(y)) else value
    odd = (rounded == y) & (np.floor(y * 0.5) != y * 0.5)
    value = -value if (as_bits(x) < 0) & odd else value
    value = np.nan if (x < 0.0) & (size < np.inf) & (rounded != y) else value
    return 1.0 if y == 0.0 else value


@inlined
def pow_float64(x: Any, y: Any) -> Any:
    """x**y, within five units in the last place."""
    size = abs(x)
    total, low = _logarithm(size)
    total = np.inf if size == np.inf else total
    total = -np.inf if size == 0.0 else total
    total = x if np.isnan(x) else total
    exponent = y * total
    lost = fma(y, total, -exponent) + y * low
    # Where the exponent is infinite or NaN, nothing was lost.
    lost = lost if abs(exponent) < 1e4 else 0.0
    return _with_sign(x, y, exp_float64(exponent) * (1.0 + lost))


@inlined
def pow_float32(x: Any, y: Any) -> Any:
    """x**y, within one unit in the last place."""
    base, exponent = float64(x), float64(y)
    return float32(_with_sign(base, exponent, exp_float64(exponent * log_float64(abs(base)))))
