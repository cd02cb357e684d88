"""Numbers of half precision: stored as bits, computed with in single precision, rounded after every operation.

Imported by generated kernels only: it imports numba.
"""

from __future__ import annotations

from typing import Any

from llvmlite.ir import FloatType, HalfType, IntType
from numba import float32, types
from numba.extending import intrinsic

from backends.numba.bits import inlined
from backends.numba.exponential import (
    cosh_float32,
    exp_float32,
    expm1_float32,
    sinh_float32,
    tanh_float32,
)
from backends.numba.logarithm import log1p_float32, log2_float32, log10_float32, log_float32
from backends.numba.power import pow_float32
from backends.numba.trigonometric import cos_float32, sin_float32, tan_float32

__all__ = [
    "cos_float16",
    "cosh_float16",
    "exp_float16",
    "expm1_float16",
    "float16",
    "from_half",
    "log1p_float16",
    "log2_float16",
    "log10_float16",
    "log_float16",
    "pow_float16",
    "sin_float16",
    "sinh_float16",
    "tan_float16",
    "tanh_float16",
    "to_half",
]


def _to_half(typing: Any, number: Any) -> Any:
    del typing

    def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        del context, signature
        return builder.bitcast(builder.fptrunc(operands[0], HalfType()), IntType(16))

    return types.uint16(number), generate


def _from_half(typing: Any, bits: Any) -> Any:
    del typing

    def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        del context, signature
        return builder.fpext(builder.bitcast(operands[0], HalfType()), FloatType())

    return types.float32(bits), generate


#: The bits of a number of single precision, rounded; and the number that has such bits.
to_half: Any = intrinsic(_to_half)
from_half: Any = intrinsic(_from_half)


@inlined
def float16(x: Any) -> Any:
    """A number rounded to half precision, as one of single precision."""
    return from_half(to_half(float32(x)))


# What texts do with the result of a function is to round it.
cos_float16, sin_float16, tan_float16 = cos_float32, sin_float32, tan_float32
exp_float16, expm1_float16, pow_float16 = exp_float32, expm1_float32, pow_float32
log_float16, log2_float16, log10_float16, log1p_float16 = log_float32, log2_float32, log10_float32, log1p_float32
sinh_float16, cosh_float16, tanh_float16 = sinh_float32, cosh_float32, tanh_float32
