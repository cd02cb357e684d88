"""Python text of a list of instructions: as one expression, or as calls that write into given buffers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from backends.numpy.instructions import Instruction, Operand
from tensorlayer.scalar import FUNCTIONS

__all__ = ["Names", "compile_function", "expression_lines", "writing_lines"]


class Names:
    """The global names of a generated function: functions by their own name, constants numbered.

    Attributes
    ----------
    values : dict
        Name -> object.
    """

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def function(self, name: str) -> str:
        """Name under which NumPy's function `name` is called."""
        self.values[name] = getattr(np, name)
        return name

    def constant(self, value: Any) -> str:
        """Name of a constant, or its text where that is exact."""
        if type(value) in (bool, int):
            return f"({value!r})"
        name = f"c{len(self.values)}"
        self.values[name] = value
        return name


def compile_function(
    name: str, parameters: Sequence[str], lines: Sequence[str], values: dict[str, Any]
) -> Callable[..., Any]:
    """Compile a function whose body is `lines` and whose global names are `values`."""
    text = "\n".join([f"def {name}({', '.join(parameters)}):", *(f"    {line}" for line in lines)])
    scope = dict(values)
    exec(compile(text, "<tensorlayer kernel>", "exec"), scope)  # noqa: S102  # our own text, no user input in it
    function: Callable[..., Any] = scope[name]
    return function


def expression_lines(
    instructions: Sequence[Instruction], result: Operand, names: Names, inputs: Sequence[str]
) -> list[str]:
    """Lines that return `result`: nested as NumPy likes it, what is read twice in a variable.

    Parameters
    ----------
    instructions, result
        From `linearise`.
    names : Names
        Collects the global names.
    inputs : sequence of str
        Text of every input.
    """
    reads = Counter(o.value for i in instructions for o in i.operands if o.kind == "t")
    lines: list[str] = []
    texts: list[str] = []
    for index, instruction in enumerate(instructions):
        text = _call_text(instruction, [_text(o, names, inputs, texts) for o in instruction.operands], names)
        if reads[index] > 1:
            lines.append(f"t{index} = {text}")
            text = f"t{index}"
        texts.append(text)
    return [*lines, f"return {_text(result, names, inputs, texts)}"]


def _text(operand: Operand, names: Names, inputs: Sequence[str], results: Sequence[str]) -> str:
    if operand.kind == "c":
        return names.constant(operand.value)
    known = inputs if operand.kind == "x" else results
    text: str = known[operand.value]
    return text


def _call_text(instruction: Instruction, operands: list[str], names: Names) -> str:
    name = instruction.name
    if name == "astype":
        # From complex to real, the real part is what is meant; NumPy would warn that it drops the other.
        source = operands[0] if instruction.dtype.kind in "cb" else f"{names.function('real')}({operands[0]})"
        return f"{names.function('asarray')}({source}).astype('{instruction.dtype.name}')"
    symbol = FUNCTIONS[name].symbol
    # The operator ** is not the function pow: of booleans it makes 8-bit integers.
    if symbol and name != "pow":
        return f"({operands[0]} {symbol} {operands[1]})"
    if name == "negative":
        # Operators write into temporaries that nobody holds, functions do not.
        return f"(-{operands[0]})"
    return f"{names.function(name)}({', '.join(operands)})"


def writing_lines(
    instruction: Instruction, operands: Sequence[str], target: str, names: Names, *, real_operand: bool
) -> list[str]:
    """Lines that compute one instruction into the array called `target`.

    Parameters
    ----------
    instruction : Instruction
        What to compute; its element type is that of the target.
    operands : sequence of str
        Text of every operand.
    target : str
        Name of the array that receives the values.
    names : Names
        Collects the global names.
    real_operand : bool
        Whether the (first) operand has real elements.
    """
    name = instruction.name
    if name == "where":
        copy = names.function("copyto")
        condition, yes, no = operands
        return [f"{copy}({target}, {no})", f"{copy}({target}, {yes}, where={condition})"]
    if name in ("astype", "real", "imag"):
        part = "imag" if name == "imag" else "real"
        wanted = not real_operand and (name != "astype" or instruction.dtype.kind not in "cb")
        source = f"{operands[0]}.{part}" if wanted else ("0" if name == "imag" else operands[0])
        return [f"{names.function('copyto')}({target}, {source}, casting='unsafe')"]
    return [f"{names.function(name)}({', '.join(operands)}, out={target})"]
