"""A language in which kernels are written: how it spells types, constants, casts and functions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from tensorlayer.codegen.statements import Operand, Statement
from tensorlayer.graph import DType

__all__ = ["Dialect"]


class Dialect(ABC):
    """The text of statements in one language.

    Operands are names or constants, so a template may repeat them.

    Attributes
    ----------
    types : mapping
        Name of an element type -> how the language spells it. What is missing cannot be computed with.
    templates : mapping
        Function -> kinds of element type -> text, where ``{0}``, ``{1}``, ... are the operands. The kind is
        that of the last operand. What is missing cannot be called.
    """

    types: ClassVar[Mapping[str, str]]
    templates: ClassVar[Mapping[str, Mapping[str, str]]]

    @abstractmethod
    def constant(self, value: Any, dtype: DType) -> str:
        """Text of a NumPy scalar."""

    @abstractmethod
    def cast(self, text: str, own: DType, dtype: DType) -> str:
        """Text that changes the element type of `text` from `own` to `dtype`, by NumPy's rules."""

    @abstractmethod
    def typed(self, text: str, dtype: DType) -> str:
        """Text of a call, brought to the element type of its result where the language would widen it."""

    def lacks(self, statements: Iterable[Statement]) -> str | None:
        """What the language cannot say of the statements, in words; None if it can say all."""
        for statement in statements:
            for dtype in (statement.dtype, *(operand.dtype for operand in statement.operands)):
                if dtype.name not in self.types:
                    return f"no element type {dtype}"
            if statement.name != "astype" and self._template(statement) is None:
                return f"no {statement.name} of {statement.operands[-1].dtype}"
        return None

    def text(self, statement: Statement, names: Sequence[str]) -> str:
        """Text of a statement whose operands are called `names`."""
        if statement.name == "astype":
            return self.cast(names[0], statement.operands[0].dtype, statement.dtype)
        template = self._template(statement)
        if template is None:
            raise LookupError(f"{type(self).__name__} cannot spell {statement.name} of {statement.operands[-1].dtype}")
        return self.typed(template.format(*names, type=self.types[statement.dtype.name]), statement.dtype)

    def operand(self, operand: Operand, arguments: Sequence[str]) -> str:
        """Text of an operand; statement i is called ``t{i}``."""
        if operand.kind == "c":
            return self.constant(operand.value, operand.dtype)
        name: str = arguments[operand.value] if operand.kind == "x" else f"t{operand.value}"
        return name

    def line(self, index: int, statement: Statement, arguments: Sequence[str]) -> str:
        """The assignment of statement number `index`."""
        names = [self.operand(operand, arguments) for operand in statement.operands]
        return f"t{index} = {self.text(statement, names)}"

    def _template(self, statement: Statement) -> str | None:
        kind = statement.operands[-1].dtype.kind
        for kinds, template in self.templates.get(statement.name, {}).items():
            if kind in kinds:
                return template
        return None
