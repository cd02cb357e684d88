"""The table of elementwise functions: the one place where their names and properties are listed.

Names are those of the array API standard, so that any standard namespace can run them; NumPy is the
definition of their values and of their result types (NEP 50 promotion).
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FUNCTIONS", "ScalarFunction"]


@dataclass(frozen=True, slots=True)
class ScalarFunction:
    """One elementwise function.

    Attributes
    ----------
    name : str
        Array-API name; also NumPy's.
    arity : int
        Number of arguments.
    additive : bool
        Whether f(a + b) = f(a) + f(b): a sum over labels may pass through it.
    symbol : str
        Infix symbol for printing, or "" for call notation.
    """

    name: str
    arity: int
    additive: bool = False
    symbol: str = ""


_UNARY = (
    "abs acos acosh asin asinh atan atanh ceil cos cosh exp expm1 floor isfinite isinf isnan log log10 log1p log2 "
    "logical_not reciprocal round sign signbit sin sinh sqrt square tan tanh trunc bitwise_invert"
).split()
_BINARY = (
    "atan2 copysign floor_divide hypot logaddexp logical_and logical_or logical_xor maximum minimum nextafter "
    "remainder bitwise_and bitwise_or bitwise_xor bitwise_left_shift bitwise_right_shift"
).split()
_INFIX = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "pow": "**",
    "equal": "==",
    "not_equal": "!=",
    "less": "<",
    "less_equal": "<=",
    "greater": ">",
    "greater_equal": ">=",
}

FUNCTIONS: dict[str, ScalarFunction] = {
    **{name: ScalarFunction(name, 1) for name in _UNARY},
    **{name: ScalarFunction(name, 1, additive=True) for name in ("negative", "positive", "conj", "real", "imag")},
    **{name: ScalarFunction(name, 2) for name in _BINARY},
    **{name: ScalarFunction(name, 2, symbol=symbol) for name, symbol in _INFIX.items()},
    "where": ScalarFunction("where", 3),
    "clip": ScalarFunction("clip", 3),
}
