"""The dialect of scalar Python that compilers of Python loops take: operators, `abs`, and NumPy's functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

import numpy as np

from tensorlayer.codegen.dialect import Dialect
from tensorlayer.graph import DType

__all__ = ["PYTHON", "PythonDialect"]

_COMPARISONS = {
    "less": "<",
    "less_equal": "<=",
    "greater": ">",
    "greater_equal": ">=",
}
#: NumPy's order of complex numbers, by their real parts first; nothing is in order with NaN.
_COMPLEX_ORDER = (
    "(({{0}}.real {} {{1}}.real) & ({{0}}.imag == {{0}}.imag) & ({{1}}.imag == {{1}}.imag))"
    " | (({{0}}.real == {{1}}.real) & ({{0}}.imag {} {{1}}.imag))"
)
#: Functions that compilers know under NumPy's older names, and take of real and complex numbers.
_ANY = {
    "acos": "arccos",
    "acosh": "arccosh",
    "asin": "arcsin",
    "asinh": "arcsinh",
    "atan": "arctan",
    "atanh": "arctanh",
    "sqrt": "sqrt",
}
#: Functions of complex numbers that are NumPy's, and of real ones that whoever compiles the text provides.
_OWN = ("cos", "cosh", "exp", "expm1", "log", "log10", "log1p", "log2", "sin", "sinh", "tan", "tanh")
#: NumPy's functions of two real numbers.
_REAL = {
    "atan2": "arctan2",
    "copysign": "copysign",
    "hypot": "hypot",
    "logaddexp": "logaddexp",
    "nextafter": "nextafter",
}


@final
class PythonDialect(Dialect):
    """Python on scalars of NumPy's types.

    Whole numbers are brought back to their type after every operation, since compilers compute with 64 bits.
    Of real numbers the text calls `floor_divide`, `remainder`, and elementary functions with the element type in
    their names, as `exp_float32`, which whoever compiles it provides. So is `float16`, which rounds: numbers of
    half precision are ones of single precision that have been rounded.
    """

    types: ClassVar[Mapping[str, str]] = {
        "bool": "bool",
        **{
            name: name
            for name in (
                "int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128".split()
            )
        },
    }
    templates: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "abs": {"ifc": "abs({0})"},
        "add": {"iufc": "{0} + {1}", "b": "{0} | {1}"},
        "bitwise_and": {"biu": "{0} & {1}"},
        "bitwise_invert": {"iu": "~{0}", "b": "not {0}"},
        "bitwise_or": {"biu": "{0} | {1}"},
        "bitwise_xor": {"iu": "{0} ^ {1}", "b": "{0} != {1}"},
        "ceil": {"f": "np.ceil({0})"},
        "conj": {"c": "{0}.conjugate()"},
        "divide": {"f": "{0} / {1}", "c": "np.divide({0}, {1})"},
        "equal": {"biufc": "{0} == {1}"},
        "floor": {"f": "np.floor({0})"},
        "floor_divide": {
            "i": "{type}(0) if {1} == 0 else (-{0} if {1} == -1 else {0} // {1})",
            "u": "{type}(0) if {1} == 0 else {0} // {1}",
            "f": "floor_divide({0}, {1})",
        },
        "imag": {"c": "{0}.imag"},
        "isfinite": {"f": "abs({0}) < inf", "c": "(abs({0}.real) < inf) & (abs({0}.imag) < inf)"},
        "isinf": {"f": "abs({0}) == inf", "c": "(abs({0}.real) == inf) | (abs({0}.imag) == inf)"},
        "isnan": {"f": "{0} != {0}", "c": "({0}.real != {0}.real) | ({0}.imag != {0}.imag)"},
        "logical_and": {"b": "{0} & {1}"},
        "logical_not": {"b": "not {0}"},
        "logical_or": {"b": "{0} | {1}"},
        "logical_xor": {"b": "{0} != {1}"},
        "maximum": {
            "f": "{0} if ({0} >= {1}) | ({0} != {0}) else {1}",
            "iu": "{0} if {0} >= {1} else {1}",
            "b": "{0} | {1}",
        },
        "minimum": {
            "f": "{0} if ({0} <= {1}) | ({0} != {0}) else {1}",
            "iu": "{0} if {0} <= {1} else {1}",
            "b": "{0} & {1}",
        },
        "multiply": {"iufc": "{0} * {1}", "b": "{0} & {1}"},
        "negative": {"fc": "-{0}", "iu": "{type}(0) - {0}"},
        "not_equal": {"biufc": "{0} != {1}"},
        "pow": {"f": "pow_{type}({0}, {1})"},
        "real": {"c": "{0}.real"},
        "remainder": {
            "i": "{type}(0) if ({1} == 0) | ({1} == -1) else {0} % {1}",
            "u": "{type}(0) if {1} == 0 else {0} % {1}",
            "f": "remainder({0}, {1})",
        },
        "round": {"f": "np.rint({0})"},
        "sign": {
            "f": "{0} if {0} != {0} else ({type}({0} > 0) - {type}({0} < 0))",
            "i": "{type}({0} > 0) - {type}({0} < 0)",
            "u": "{type}({0} > 0)",
        },
        "signbit": {"f": "np.signbit({0})"},
        "subtract": {"iufc": "{0} - {1}"},
        "trunc": {"f": "np.trunc({0})"},
        "where": {"biufc": "{1} if {0} else {2}"},
        **{
            name: {"biuf": f"{{0}} {symbol} {{1}}", "c": _COMPLEX_ORDER.format(symbol[0], symbol)}
            for name, symbol in _COMPARISONS.items()
        },
        **{name: {"fc": f"np.{own}({{0}})"} for name, own in _ANY.items()},
        **{name: {"f": f"{name}_{{type}}({{0}})", "c": f"np.{name}({{0}})"} for name in _OWN},
        **{name: {"f": f"np.{own}({{0}}, {{1}})"} for name, own in _REAL.items()},
    }

    def constant(self, value: Any, dtype: DType) -> str:
        """A literal, in a call of its type where Python's own is another."""
        if dtype.kind == "b":
            return str(bool(value))
        if dtype.kind == "c":
            text = f"complex({float(value.real)!r}, {float(value.imag)!r})"
        else:
            text = repr(float(value)) if dtype.kind == "f" else repr(int(value))
        return text if dtype in (np.float64, np.complex128) else f"{self.types[dtype.name]}({text})"

    def cast(self, text: str, own: DType, dtype: DType) -> str:
        """A call of the type; of complex numbers the real part is meant."""
        if dtype.kind == "b":
            return f"{text} != 0"
        if own.kind == "c" and dtype.kind != "c":
            text = f"{text}.real"
        return f"{self.types[dtype.name]}({text})"

    def typed(self, text: str, dtype: DType) -> str:
        """A call of the type, but for those that operators keep."""
        return (
            text if dtype.kind == "b" or dtype in (np.float64, np.complex128) else f"{self.types[dtype.name]}({text})"
        )


#: The one instance.
PYTHON = PythonDialect()
