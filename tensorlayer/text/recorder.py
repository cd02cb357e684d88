"""Syntax tree to recorded tensors, through the same operators that users type."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, MutableMapping
from functools import partial
from typing import Any, final

from tensorlayer.errors import LabelError, ProgramError, TensorlayerError
from tensorlayer.language.elementwise import ELEMENTWISE
from tensorlayer.language.linalg import LINALG_FUNCTIONS
from tensorlayer.language.reductions import REDUCTIONS
from tensorlayer.language.tensor import Tensor
from tensorlayer.suggestion import did_you_mean
from tensorlayer.text.syntax import Binary, Call, Name, Number, Part, Source, Statement, Subscript, Unary

__all__ = ["Recorder"]

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "pow": operator.pow,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "equal": operator.eq,
    "not_equal": operator.ne,
}


@final
class Recorder:
    """Records statements into a namespace of tensors; errors point at the place in the text.

    Parameters
    ----------
    source : Source
        The text that the statements came from.
    """

    def __init__(self, source: Source) -> None:
        self.source = source

    def record(self, statement: Statement, tensors: MutableMapping[str, Any]) -> None:
        """Record one statement; its targets are made in `tensors`, or rebound.

        Raises
        ------
        TensorlayerError
            Whatever the operator form raises, with the place added.
        """
        right = self.part(self._whole(statement), tensors)
        if len(statement.targets) == 1:
            results = [right[0] if isinstance(right, tuple) and len(right) == 1 else right]
        else:
            results = list(right) if isinstance(right, tuple) else [right]
        if len(results) != len(statement.targets) or isinstance(results[0], tuple):
            named = ", ".join(target.name for target in statement.targets)
            count = len(right) if isinstance(right, tuple) else 1
            raise ProgramError(
                f"{count} results for the targets {named}\n{self.source.point(statement.start, statement.end)}"
            )
        for target, result in zip(statement.targets, results, strict=True):
            self._assign(statement, target.name, target.key, result, tensors)

    @staticmethod
    def _whole(statement: Statement) -> Part:
        """What is assigned; in the order in which Python reads ``target += right``."""
        if statement.augmented is None:
            return statement.right
        target = statement.targets[0]
        name = Name(target.start, target.start + len(target.name), target.name)
        left = Subscript(target.start, target.end, name, target.key)
        return Binary(statement.start, statement.end, statement.augmented, left, statement.right)

    def _assign(
        self, statement: Statement, name: str, key: Any, result: Any, tensors: MutableMapping[str, Any]
    ) -> None:
        old = tensors.get(name)
        # A new handle: what the caller passed in is never rebound.
        handle = old.copy() if isinstance(old, Tensor) and type(old) is Tensor else Tensor()
        if len(statement.targets) > 1:
            # Results of decompositions are labelled by their targets, by position.
            result = self._at(statement, lambda: result[key])
        self._at(statement, lambda: handle.__setitem__(key, result))
        handle.value.name = name
        tensors[name] = handle

    def part(self, part: Part, tensors: Mapping[str, Any]) -> Any:
        """The recorded value of a part of an expression."""
        if isinstance(part, Number):
            return part.value
        if isinstance(part, Name):
            return self._tensor(part, tensors)
        if isinstance(part, Subscript):
            inner = self.part(part.part, tensors)
            if not hasattr(inner, "__getitem__"):
                raise LabelError(f"a number has no labels\n{self.source.point(part.start, part.end)}")
            return self._at(part, lambda: inner[part.key])
        if isinstance(part, Unary):
            operand = self.part(part.operand, tensors)
            return self._at(part, lambda: -operand if part.operator == "negative" else operand)
        if isinstance(part, Binary):
            return self._binary(part, tensors)
        assert isinstance(part, Call)  # noqa: S101  # the parser makes nothing else
        return self._call(part, tensors)

    def _binary(self, part: Binary, tensors: Mapping[str, Any]) -> Any:
        """An infix operation; long sums and products grow to the left, and are not recursed into."""
        spine = [part]
        while isinstance(spine[-1].left, Binary):
            spine.append(spine[-1].left)
        result = self.part(spine[-1].left, tensors)
        for step in reversed(spine):
            right = self.part(step.right, tensors)
            result = self._at(step, partial(_OPERATORS[step.operator], result, right))
        return result

    def _tensor(self, name: Name, tensors: Mapping[str, Any]) -> Any:
        if name.name not in tensors:
            known = ", ".join(sorted(tensors)) or "none"
            raise ProgramError(f"no tensor {name.name!r}; there are {known}\n{self.source.point(name.start, name.end)}")
        return tensors[name.name]

    def _call(self, call: Call, tensors: Mapping[str, Any]) -> Any:
        name = call.function.removeprefix("linalg.")
        function = ELEMENTWISE.get(name) or REDUCTIONS.get(name) or LINALG_FUNCTIONS.get(name)
        if function is None:
            known = sorted({*ELEMENTWISE, *REDUCTIONS, *LINALG_FUNCTIONS})
            advice = did_you_mean(name, known) or f"; there are {', '.join(known)}"
            raise ProgramError(f"no function {call.function!r}{advice}\n{self.source.point(call.start, call.end)}")
        arguments = [self.part(argument, tensors) for argument in call.arguments]
        options = {"over": call.over} if call.over is not None else {}
        return self._at(call, lambda: function(*arguments, **options))

    def _at(self, part: Part, action: Callable[[], Any]) -> Any:
        """Do something; an error that does not point into the text yet gets the place of `part`."""
        try:
            return action()
        except TensorlayerError as error:
            if "\n" in str(error):
                raise
            raise type(error)(f"{error}\n{self.source.point(part.start, part.end)}") from None
        except TypeError as error:
            raise ProgramError(f"{error}\n{self.source.point(part.start, part.end)}") from None
