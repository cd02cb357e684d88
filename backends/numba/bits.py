"""Real numbers as bits and polynomials of them: what the elementary functions of kernels are made of.

Imported by generated kernels only: it imports numba.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from llvmlite.ir import Constant, DoubleType, FloatType, FunctionType, IntType
from numba import float32, float64, int32, int64, njit, types
from numba.extending import intrinsic

F = TypeVar("F", bound=Callable[..., Any])

__all__ = ["DOUBLE", "SINGLE", "Width", "as_bits", "as_real", "fma", "fused", "inlined", "ldexp", "polynomial"]


def inlined(function: F) -> F:
    """Compile a function that becomes part of the loops that call it: else they could not be vectorised."""
    compiled: Any = njit(error_model="numpy", forceinline=True)(function)
    return cast(F, compiled)


class Width(NamedTuple):
    """One of the two binary formats of real numbers.

    Attributes
    ----------
    real, whole
        numba's types of the number and of its bits.
    digits : int
        Bits of the mantissa that are stored.
    bias : int
        The exponent that is stored for 1.
    smallest : float
        The smallest number that has all its digits.
    """

    real: Any
    whole: Any
    digits: int
    bias: int
    smallest: float

    def bits(self, number: float) -> int:
        """The bits of a number, as a whole one."""
        name = "float64" if self.digits == 52 else "float32"
        return int(np.array(number, name).view(name.replace("float", "int")))


SINGLE = Width(float32, int32, 23, 127, 2.0**-126)
DOUBLE = Width(float64, int64, 52, 1023, 2.0**-1022)


def _as_real(typing: Any, bits: Any) -> Any:
    del typing
    wide = bits == types.int64

    def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        del context, signature
        return builder.bitcast(operands[0], DoubleType() if wide else FloatType())

    return (types.float64 if wide else types.float32)(bits), generate


def _as_bits(typing: Any, number: Any) -> Any:
    del typing
    wide = number == types.float64

    def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        del context, signature
        return builder.bitcast(operands[0], IntType(64 if wide else 32))

    return (types.int64 if wide else types.int32)(number), generate


#: The real number that has the bits of a whole one.
as_real: Any = intrinsic(_as_real)
#: The whole number that has the bits of a real one.
as_bits: Any = intrinsic(_as_bits)


def _fma(typing: Any, x: Any, y: Any, z: Any) -> Any:
    del typing

    def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        kind = context.get_value_type(signature.return_type)
        function = builder.module.declare_intrinsic("llvm.fma", [kind], FunctionType(kind, [kind] * 3))
        return builder.call(function, operands)

    return x(x, y, z), generate


#: x y + z, rounded once.
fma: Any = intrinsic(_fma)


def _fused(typing: Any, x: Any, y: Any, z: Any) -> Any:
    del typing

    def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        del context, signature
        product = builder.fmul(*operands[:2], flags=("contract",))
        return builder.fadd(product, operands[2], flags=("contract",))

    return x(x, y, z), generate


#: x y + z, in one step where there is one: rounded once or twice.
fused: Any = intrinsic(_fused)


def _ldexp(typing: Any, x: Any, n: Any) -> Any:
    del typing

    def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        kind, whole = (context.get_value_type(one) for one in signature.args)
        function = builder.module.declare_intrinsic("llvm.ldexp", [kind, whole], FunctionType(kind, [kind, whole]))
        return builder.call(function, operands)

    return x(x, n), generate


#: x 2**n, rounded once.
ldexp: Any = intrinsic(_ldexp)


def polynomial(*coefficients: float) -> Any:
    """A function that compiled code may call: ``c0 + x (c1 + x (c2 + ...))``, in fused steps where there are any.

    Parameters
    ----------
    *coefficients : float
        From the constant one up.
    """

    def typed(typing: Any, x: Any) -> Any:
        del typing

        def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
            kind = context.get_value_type(signature.return_type)
            value = Constant(kind, coefficients[-1])
            for coefficient in coefficients[-2::-1]:
                product = builder.fmul(value, operands[0], flags=("contract",))
                value = builder.fadd(product, Constant(kind, coefficient), flags=("contract",))
            return value

        return x(x), generate

    return intrinsic(typed)
