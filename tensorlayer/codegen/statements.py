"""A scalar body as typed statements: every cast explicit, equal parts once, few functions left for a dialect."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tensorlayer.graph import DType
from tensorlayer.interpreter import operand_types
from tensorlayer.scalar import Body, dtype_of

__all__ = ["Operand", "Statement", "typed_statements"]

#: Functions that leave whole numbers as they are.
_ROUNDING = frozenset({"floor", "ceil", "trunc", "round"})
_REAL = frozenset({"real", "conj", "positive"})
#: Of whole numbers.
_TESTS = {"isnan": False, "isinf": False, "isfinite": True}


class Operand(NamedTuple):
    """What a statement reads.

    Attributes
    ----------
    kind : str
        ``"x"`` (an argument of the body), ``"t"`` (an earlier statement) or ``"c"`` (a constant).
    value : int or numpy scalar
        Its number, or the constant.
    dtype : dtype
        Its element type.
    """

    kind: str
    value: Any
    dtype: DType


class Statement(NamedTuple):
    """One function of operands that have the types it takes; ``"astype"`` is the only one that changes a type."""

    name: str
    operands: tuple[Operand, ...]
    dtype: DType


def typed_statements(body: Body, dtypes: tuple[DType, ...]) -> tuple[tuple[Statement, ...], Operand]:
    """Statements in an order in which they can run, and where the result is.

    Squares and small powers are products, clips are a maximum and a minimum, and what does nothing to the
    type it is applied to is left out.

    Parameters
    ----------
    body : Body
        A scalar expression.
    dtypes : tuple of dtype
        Element types of its arguments.

    Examples
    --------
    >>> from tensorlayer.scalar import argument, call, constant
    >>> body = call("multiply", constant(2), call("square", argument(0)))
    >>> statements, result = typed_statements(body, (np.dtype("int8"),))
    >>> [(one.name, str(one.dtype)) for one in statements], result.value
    ([('multiply', 'int8'), ('multiply', 'int8')], 1)
    """
    builder = _Builder(dtypes)
    result = builder.visit(body)
    return tuple(builder.statements), result


class _Builder:
    def __init__(self, dtypes: tuple[DType, ...]) -> None:
        self.dtypes = dtypes
        self.statements: list[Statement] = []
        self.known: dict[str, Operand] = {}

    def visit(self, body: Body) -> Operand:
        """The operand that has the value of `body`."""
        if body[0] == "x":
            return Operand("x", body[1], self.dtypes[body[1]])
        if body[0] == "c":
            return _constant(body[2], np.result_type(np.asarray(body[2])))
        if body[0] == "astype":
            return self.cast(self.visit(body[1]), np.dtype(body[2]))
        name, parts = body[0], body[1:]
        wanted = operand_types(name, parts, self.dtypes)
        operands = [self.operand(part, dtype) for part, dtype in zip(parts, wanted, strict=True)]
        return self.apply(name, operands, dtype_of(body, self.dtypes))

    def operand(self, part: Body, dtype: DType) -> Operand:
        # A Python scalar takes the type that is wanted, whatever NumPy would call it alone.
        return _constant(part[2], dtype) if part[0] == "c" else self.cast(self.visit(part), dtype)

    def cast(self, operand: Operand, dtype: DType) -> Operand:
        if operand.dtype == dtype:
            return operand
        if operand.kind == "c":
            return _constant(operand.value, dtype)
        return self.add("astype", [operand], dtype)

    def add(self, name: str, operands: list[Operand], dtype: DType) -> Operand:
        # Constants are compared by their spelling: -0.0 is not 0.0, and NaN is NaN.
        key = repr((name, operands, dtype))
        if key not in self.known:
            self.known[key] = Operand("t", len(self.statements), dtype)
            self.statements.append(Statement(name, tuple(operands), dtype))
        return self.known[key]

    def apply(self, name: str, operands: list[Operand], dtype: DType) -> Operand:
        first, kind = operands[0], operands[0].dtype.kind
        if _does_nothing(name, kind):
            return self.cast(first, dtype)
        if kind != "c" and (value := _known_value(name, kind)) is not None:
            return _constant(value, dtype)
        if name == "clip":
            return self.add("minimum", [self.add("maximum", operands[:2], dtype), operands[2]], dtype)
        if name == "reciprocal" and kind in "fc":
            return self.add("divide", [_constant(1, dtype), first], dtype)
        exponent = 2 if name == "square" else _small_power(operands[1]) if name == "pow" else 0
        return self.power(first, exponent, dtype) if exponent else self.add(name, operands, dtype)

    def power(self, base: Operand, exponent: int, dtype: DType) -> Operand:
        square = self.add("multiply", [base, base], dtype)
        if exponent == 2:
            return square
        return self.add("multiply", [square, base if exponent == 3 else square], dtype)


def _does_nothing(name: str, kind: str) -> bool:
    if name in _ROUNDING:
        return kind in "biu"
    return (name in _REAL and kind != "c") or (name == "abs" and kind in "bu")


def _known_value(name: str, kind: str) -> Any:
    if name == "imag":
        return 0
    return _TESTS.get(name) if kind in "biu" else None


def _small_power(exponent: Operand) -> int:
    """The exponent if it is one of those that products are made for, else 0."""
    return next((power for power in (2, 3, 4) if exponent.kind == "c" and exponent.value == power), 0)


def _constant(value: Any, dtype: DType) -> Operand:
    with np.errstate(all="ignore"):
        return Operand("c", np.asarray(value).astype(dtype)[()], dtype)
