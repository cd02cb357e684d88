"""A scalar body as a list of instructions: equal subtrees once, powers by small integers as products."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tensorlayer.graph import DType
from tensorlayer.scalar import Body, call, constant, dtype_of

__all__ = ["Instruction", "Operand", "linearise", "split_scale"]

#: Factors of this size are pulled out of sums: much larger or smaller ones may be there to prevent an overflow.
SMALLEST_SCALE, LARGEST_SCALE = 2.0**-32, 2.0**32


class Operand(NamedTuple):
    """What an instruction reads: ``kind`` is ``"x"`` (input), ``"t"`` (earlier instruction) or ``"c"`` (constant)."""

    kind: str
    value: Any


class Instruction(NamedTuple):
    """One call of an elementwise function."""

    name: str
    operands: tuple[Operand, ...]
    dtype: DType


def linearise(body: Body, dtypes: tuple[DType, ...]) -> tuple[list[Instruction], Operand]:
    """Instructions in an order in which they can run, and where the result is.

    Parameters
    ----------
    body : Body
        A scalar expression.
    dtypes : tuple of dtype
        Element types of its arguments.
    """
    instructions: list[Instruction] = []
    known: dict[Body, Operand] = {}

    def visit(part: Body) -> Operand:
        if part not in known:
            known[part] = operand(part)
        return known[part]

    def operand(part: Body) -> Operand:
        if part[0] in ("x", "c"):
            return Operand(part[0], part[-1])
        children = part[1:2] if part[0] == "astype" else part[1:]
        operands = tuple(visit(child) for child in children)
        if all(one.kind == "c" for one in operands):
            return Operand("c", _constant_value(part, operands))
        simpler = _simpler(part, tuple(dtype_of(child, dtypes) for child in children))
        if simpler is not None:
            return visit(simpler)
        instructions.append(Instruction(part[0], operands, dtype_of(part, dtypes)))
        return Operand("t", len(instructions) - 1)

    result = visit(body)
    return instructions, result


def _constant_value(part: Body, operands: tuple[Operand, ...]) -> Any:
    # By NumPy's functions and not by Python's operators: their results are of a definite element type.
    if part[0] == "astype":
        return np.asarray(operands[0].value).astype(part[2])[()]
    with np.errstate(all="ignore"):
        return getattr(np, part[0])(*(one.value for one in operands))


def _simpler(part: Body, dtypes: tuple[DType, ...]) -> Body | None:
    """A body of the same value and element type that is cheaper or easier to run, if there is one."""
    name = part[0]
    if name == "where" and dtypes[0].kind != "b":
        return call("where", call("not_equal", part[1], constant(0)), *part[2:])
    if name in ("real", "conj", "positive") and dtypes[0].kind not in "bc":
        return part[1]  # type: ignore[no-any-return]
    return _power(part) if name == "pow" and dtypes[0].kind in "fc" else None


def _power(part: Body) -> Body | None:
    exponent = part[2][-1]
    if part[2][0] != "c" or type(exponent) not in (int, float) or exponent not in (2, 3, 4):
        return None
    square = call("square", part[1])
    return {2: square, 3: call("multiply", square, part[1]), 4: call("square", square)}[int(exponent)]


def split_scale(body: Body, dtypes: tuple[DType, ...]) -> tuple[float, Body]:
    """Split a product into its real constant factor and the rest, which has the same element type."""
    if body[0] != "multiply" or dtype_of(body, dtypes).kind not in "fc":
        return 1.0, body
    for scale, other in ((body[1], body[2]), (body[2], body[1])):
        if scale[0] == "c" and type(scale[2]) is float and SMALLEST_SCALE <= abs(scale[2]) <= LARGEST_SCALE:
            inner, rest = split_scale(other, dtypes)
            same = dtype_of(rest, dtypes) == dtype_of(body, dtypes)
            return (scale[2] * inner, rest) if same else (1.0, body)
    left, right = split_scale(body[1], dtypes), split_scale(body[2], dtypes)
    product = call("multiply", left[1], right[1])
    same = dtype_of(product, dtypes) == dtype_of(body, dtypes)
    return (left[0] * right[0], product) if same else (1.0, body)
