"""Logarithms in steps that a compiler can do for many elements at once, within two units in the last place.

The method and the coefficients are those of Sun's FDLIBM (``e_log.c``) and of its single-precision counterpart:
log(m) = 2 atanh(s) with s = (m - 1) / (m + 1). Imported by generated kernels only: it imports numba.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from backends.numba.bits import DOUBLE, SINGLE, Width, as_bits, as_real, inlined, polynomial

__all__ = [
    "decomposed_float64",
    "log1p_float32",
    "log1p_float64",
    "log2_float32",
    "log2_float64",
    "log10_float32",
    "log10_float64",
    "log_float32",
    "log_float64",
]

#: (2 atanh(s) - 2 s) / s**3, in powers of s**2.
_SERIES = {
    DOUBLE: polynomial(
        6.666666666666735130e-01,
        3.999999999940941908e-01,
        2.857142874366239149e-01,
        2.222219843214978396e-01,
        1.818357216161805012e-01,
        1.531383769920937332e-01,
        1.479819860511658591e-01,
    ),
    SINGLE: polynomial(0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841),
}
#: log(2) and log10(2) in two parts, the first with so few digits that whole multiples of it are exact.
_LOG2 = {
    DOUBLE: (6.93147180369123816490e-01, 1.90821492927058770002e-10),
    SINGLE: (6.9313812256e-01, 9.0580006145e-06),
}
_LOG10_2 = {
    DOUBLE: (3.01029995663611771306e-01, 3.69423907715893078616e-13),
    SINGLE: (3.0102920532e-01, 7.9034151668e-07),
}


def _functions(width: Width) -> tuple[Any, ...]:
    """The exponent and mantissa of a number, and log, log2, log10 and log1p, of one width."""
    real, whole, digits = width.real, width.whole, width.digits
    series = _SERIES[width]
    high, low = (real(part) for part in _LOG2[width])
    high10, low10 = (real(part) for part in _LOG10_2[width])
    per_log2, per_log10 = real(1.4426950408889634), real(0.43429448190325182)
    half, one, two, inf, nan = real(0.5), real(1.0), real(2.0), real(np.inf), real(np.nan)
    # The bits of the square root of one half: mantissas are brought between it and its double.
    middle = int(np.sqrt(np.array(0.5, "float64" if digits == 52 else "float32")).view(f"int{digits + 12 & 96}"))

    @inlined
    def decomposed(x: Any) -> Any:
        # x = 2**k m; numbers that have lost digits are scaled up first.
        tiny = x < real(width.smallest)
        bits = as_bits(x * real(2.0**digits) if tiny else x)
        k = whole(whole(bits - whole(middle)) >> whole(digits))
        return real(k) - (real(digits) if tiny else real(0.0)), as_real(whole(bits - whole(k << whole(digits))))

    @inlined
    def of_mantissa(m: Any) -> Any:
        # log(m) = f - rest.
        f = m - one
        s = f / (two + f)
        square = half * f * f
        return f, square - s * (square + s * s * series(s * s))

    @inlined
    def special(x: Any, value: Any) -> Any:
        value = value if x < inf else x
        value = value if x > real(0.0) else nan
        return -inf if x == real(0.0) else value

    @inlined
    def log(x: Any) -> Any:
        k, m = decomposed(x)
        f, rest = of_mantissa(m)
        return special(x, k * high - ((rest - k * low) - f))

    @inlined
    def log2(x: Any) -> Any:
        k, m = decomposed(x)
        f, rest = of_mantissa(m)
        return special(x, k + (f - rest) * per_log2)

    @inlined
    def log10(x: Any) -> Any:
        k, m = decomposed(x)
        f, rest = of_mantissa(m)
        return special(x, k * high10 + (k * low10 + (f - rest) * per_log10))

    @inlined
    def log1p(x: Any) -> Any:
        above = one + x
        # What the sum has lost, relative to it.
        lost = (x - (above - one) if x < one else one - (above - x)) / above
        value = log(above) + lost
        value = value if (above > real(0.0)) & (above < inf) else log(above)
        return value if abs(x) > real(width.smallest) else x

    return decomposed, log, log2, log10, log1p


decomposed_float64, log_float64, log2_float64, log10_float64, log1p_float64 = _functions(DOUBLE)
_, log_float32, log2_float32, log10_float32, log1p_float32 = _functions(SINGLE)
