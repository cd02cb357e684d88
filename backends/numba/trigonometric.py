"""Sine, cosine and tangent in steps that a compiler can do for many elements at once.

Arguments of more than `FARTHEST` are not for these functions: whoever calls them must look.
The coefficients are those of Sun's FDLIBM (``k_sin.c``, ``k_cos.c``). Imported by generated kernels only: it imports
numba.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import float32, float64, int64

from backends.numba.bits import fma, inlined, polynomial

__all__ = [
    "FARTHEST",
    "cos_float32",
    "cos_float64",
    "sin_float32",
    "sin_float64",
    "tan_float32",
    "tan_float64",
]

#: The number of quarter turns must be exact, and so must what is left when they are subtracted.
FARTHEST = 2.0**40

#: (sin(r) - r) / r**3 and (cos(r) - 1 + r**2 / 2) / r**4 for |r| < 0.79, in powers of r**2.
_sine = polynomial(
    -1.66666666666666324348e-01,
    8.33333333332248946124e-03,
    -1.98412698298579493134e-04,
    2.75573137070700676789e-06,
    -2.50507602534068634195e-08,
    1.58969099521155010221e-10,
)
_cosine = polynomial(
    4.16666666666666019037e-02,
    -1.38888888888741095749e-03,
    2.48015872894767294178e-05,
    -2.75573143513906633035e-07,
    2.08757232129817482790e-09,
    -1.13596475577881948265e-11,
)


@inlined
def _parts(x: Any) -> Any:
    # x = n pi/2 + r. Multiples of the first of three parts of pi/2 are subtracted without an error.
    n = np.rint(x * 0.63661977236758134308)
    r = fma(-n, 1.5707963267948966, x)
    r = fma(-n, 6.123233995736766e-17, r)
    r = fma(-n, -1.4973849048591833e-33, r)
    square = r * r
    # Minus zero is its own sine.
    sine = r + r * square * _sine(square) if x != 0.0 else x
    return int64(n), sine, 1.0 - (0.5 * square - square * square * _cosine(square))


@inlined
def sin_float64(x: Any) -> Any:
    """The sine, within two units in the last place."""
    n, sine, cosine = _parts(x)
    value = cosine if n & 1 else sine
    return -value if n & 2 else value


@inlined
def cos_float64(x: Any) -> Any:
    """The cosine, within two units in the last place."""
    n, sine, cosine = _parts(x)
    value = sine if n & 1 else cosine
    return -value if (n + 1) & 2 else value


@inlined
def tan_float64(x: Any) -> Any:
    """The tangent, within three units in the last place."""
    n, sine, cosine = _parts(x)
    above, below = (-cosine, sine) if n & 1 else (sine, cosine)
    return above / below


@inlined
def sin_float32(x: Any) -> Any:
    """The sine, within one unit in the last place."""
    return float32(sin_float64(float64(x)))


@inlined
def cos_float32(x: Any) -> Any:
    """The cosine, within one unit in the last place."""
    return float32(cos_float64(float64(x)))


@inlined
def tan_float32(x: Any) -> Any:
    """The tangent, within one unit in the last place."""
    return float32(tan_float64(float64(x)))
