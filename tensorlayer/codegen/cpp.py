"""The dialect of C++ that compilers for graphics processors take, and those for ordinary ones too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, final

import numpy as np

from tensorlayer.codegen.dialect import Dialect
from tensorlayer.codegen.statements import Operand, Statement
from tensorlayer.graph import DType

__all__ = ["CPP", "CppDialect"]

_COMPARISONS = {"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">="}
#: Functions of real numbers that C has under the standard's names, and under its own.
_SAME = (
    "acos acosh asin asinh atan atan2 atanh ceil copysign cos cosh expm1 floor hypot log log10 log1p log2 "
    "nextafter pow sin sinh sqrt tan tanh trunc"
).split()
_BINARY = frozenset({"atan2", "copysign", "hypot", "nextafter", "pow"})
_SUFFIXES = {"int64": "LL", "uint32": "U", "uint64": "ULL", "float32": "f"}


def _wrapping(symbol: str) -> Mapping[str, str]:
    """An operator; of whole numbers modulo 2**n, which C promises of unsigned ones only."""
    return {
        "i": f"({{type}})(1U * (u{{type}}){{0}} {symbol} (u{{type}}){{1}})",
        "u": f"({{type}})(1U * {{0}} {symbol} {{1}})",
        "fc": f"{{0}} {symbol} {{1}}",
    }


@final
class CppDialect(Dialect):
    """C++ on the types ``bool``, ``int8`` to ``uint64``, ``float16`` to ``float64``, ``complex64`` and ``complex128``.

    Half precision is for storage: as in NumPy, every operation is one of ``float`` whose result is rounded.

    Whoever compiles the text provides what C++ has not: the named integer and complex types with their
    operators, ``float16``, ``infinity`` and ``not_a_number``, and the functions `floor_divide`, `remainder_of`,
    `logaddexp`, `conj`, `exp` of complex numbers, `shift_left` and `shift_right`.
    """

    types: ClassVar[Mapping[str, str]] = {
        **{name: name for name in "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64".split()},
        "float16": "float16",
        "float32": "float",
        "float64": "double",
        "complex64": "complex64",
        "complex128": "complex128",
    }
    templates: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "abs": {"f": "fabs({0})", "i": "{0} < 0 ? ({type})(0U - (u{type}){0}) : {0}", "c": "hypot({0}.re, {0}.im)"},
        "add": {**_wrapping("+"), "b": "{0} || {1}"},
        "bitwise_and": {"biu": "{0} & {1}"},
        "bitwise_invert": {"iu": "~{0}", "b": "!{0}"},
        "bitwise_left_shift": {"iu": "shift_left({0}, {1})"},
        "bitwise_or": {"biu": "{0} | {1}"},
        "bitwise_right_shift": {"iu": "shift_right({0}, {1})"},
        "bitwise_xor": {"biu": "{0} ^ {1}"},
        "conj": {"c": "conj({0})"},
        "divide": {"fc": "{0} / {1}"},
        "equal": {"biufc": "{0} == {1}"},
        "floor_divide": {"iuf": "floor_divide({0}, {1})"},
        "imag": {"c": "{0}.im"},
        "isfinite": {"f": "isfinite({0})", "c": "isfinite({0}.re) && isfinite({0}.im)"},
        "isinf": {"f": "isinf({0})", "c": "isinf({0}.re) || isinf({0}.im)"},
        "isnan": {"f": "isnan({0})", "c": "isnan({0}.re) || isnan({0}.im)"},
        "logaddexp": {"f": "logaddexp({0}, {1})"},
        "logical_and": {"b": "{0} && {1}"},
        "logical_not": {"b": "!{0}"},
        "logical_or": {"b": "{0} || {1}"},
        "logical_xor": {"b": "{0} != {1}"},
        "maximum": {"f": "{0} >= {1} || isnan({0}) ? {0} : {1}", "iu": "{0} >= {1} ? {0} : {1}", "b": "{0} || {1}"},
        "minimum": {"f": "{0} <= {1} || isnan({0}) ? {0} : {1}", "iu": "{0} <= {1} ? {0} : {1}", "b": "{0} && {1}"},
        "multiply": {**_wrapping("*"), "b": "{0} && {1}"},
        "negative": {"fc": "-{0}", "i": "({type})(0U - (u{type}){0})", "u": "({type})(0U - {0})"},
        "not_equal": {"biufc": "{0} != {1}"},
        "real": {"c": "{0}.re"},
        "remainder": {"iuf": "remainder_of({0}, {1})"},
        "round": {"f": "rint({0})"},
        "sign": {"f": "isnan({0}) ? {0} : ({type})(({0} > 0) - ({0} < 0))", "iu": "({0} > 0) - ({0} < 0)"},
        "signbit": {"f": "signbit({0})"},
        "subtract": _wrapping("-"),
        "where": {"biufc": "{0} ? {1} : {2}"},
        **{name: {"biuf": f"{{0}} {symbol} {{1}}"} for name, symbol in _COMPARISONS.items()},
        "exp": {"fc": "exp({0})"},
        **{name: {"f": f"{name}({{0}}, {{1}})" if name in _BINARY else f"{name}({{0}})"} for name in _SAME},
    }

    def lacks(self, statements: Iterable[Statement]) -> str | None:
        """What the language cannot say of the statements, in words; None if it can say all."""
        known = list(statements)
        if any(one.name == "nextafter" and one.dtype == np.float16 for one in known):
            return "no nextafter of float16"
        return super().lacks(known)

    def text(self, statement: Statement, names: Sequence[str]) -> str:
        """Text of a statement whose operands are called `names`."""
        if statement.name != "astype" and statement.dtype == np.float16:
            statement = statement._replace(dtype=np.dtype(np.float32))
        return super().text(statement, names)

    def operand(self, operand: Operand, arguments: Sequence[str]) -> str:
        """Text of an operand; statement i is called ``t{i}``."""
        text = super().operand(operand, arguments)
        return f"(float){text}" if operand.dtype == np.float16 else text

    def constant(self, value: Any, dtype: DType) -> str:
        """A literal of the type."""
        if dtype.kind == "b":
            return "true" if value else "false"
        if dtype.kind == "c":
            part = value.real.dtype
            parts = f"{self.constant(value.real, part)}, {self.constant(value.imag, part)}"
            return f"{self.types[dtype.name]}{{{parts}}}"
        return _real(value, dtype) if dtype.kind == "f" else self._whole(int(value), dtype)

    def cast(self, text: str, own: DType, dtype: DType) -> str:
        """A cast; of complex numbers the real part is meant."""
        if dtype.kind == "b":
            return f"{text}.re != 0 || {text}.im != 0" if own.kind == "c" else f"{text} != 0"
        if dtype == np.float16 and own != np.float64:
            return f"(float16)(float){text}{'.re' if own.kind == 'c' else ''}"
        part = {"complex64": "float", "complex128": "double"}.get(dtype.name)
        if part is None:
            return f"({self.types[dtype.name]}){text}{'.re' if own.kind == 'c' else ''}"
        real, imaginary = (f"{text}.re", f"({part}){text}.im") if own.kind == "c" else (text, "0")
        return f"{self.types[dtype.name]}{{({part}){real}, {imaginary}}}"

    def typed(self, text: str, dtype: DType) -> str:
        """The text alone: every statement declares its type."""
        del dtype
        return text

    def line(self, index: int, statement: Statement, arguments: Sequence[str]) -> str:
        """The declaration of statement number `index`."""
        return f"const {self.types[statement.dtype.name]} {super().line(index, statement, arguments)};"

    def _whole(self, value: int, dtype: DType) -> str:
        suffix = _SUFFIXES.get(dtype.name, "")
        if dtype.itemsize < 4:
            return f"({self.types[dtype.name]}){value}"
        if value < 0:
            # The lowest number has no literal of its own: its magnitude is too large.
            return f"({value + 1}{suffix} - 1)"
        return f"{value}{suffix}"


def _real(value: Any, dtype: DType) -> str:
    if dtype == np.float16:
        return f"(float16){_real(value.astype(np.float32), np.dtype(np.float32))}"
    kind = CppDialect.types[dtype.name]
    if not np.isfinite(value):
        sign = "-" if value < 0 else ""
        return f"({kind}){'not_a_number' if np.isnan(value) else f'{sign}infinity'}"
    text = f"{value!s}{_SUFFIXES.get(dtype.name, '')}"
    return f"({text})" if text.startswith("-") else text


#: The one instance.
CPP = CppDialect()
