"""The syntax tree of a text program; every part knows where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Binary", "Call", "Name", "Number", "Part", "Source", "Statement", "Subscript", "Target", "Unary"]


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a program, for messages that point into it."""

    text: str

    def point(self, start: int, end: int) -> str:
        """The line that holds `start`, with carets under ``start:end``.

        Examples
        --------
        >>> print(Source("C[i] = A[i,]").point(11, 12))
            C[i] = A[i,]
                       ^
        """
        first = self.text.rfind("\n", 0, start) + 1
        last = self.text.find("\n", start)
        line = self.text[first : last if last >= 0 else len(self.text)]
        width = max(1, min(end, first + len(line)) - start)
        return f"    {line}\n    {' ' * (start - first)}{'^' * width}"


@dataclass(frozen=True, slots=True)
class Part:
    """Anything in the text: the characters from `start` to `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Number(Part):
    """A number."""

    value: Any


@dataclass(frozen=True, slots=True)
class Name(Part):
    """The name of a tensor."""

    name: str


@dataclass(frozen=True, slots=True)
class Subscript(Part):
    """``part[...]``: `key` is what the operator form would be given."""

    part: Part
    key: Any


@dataclass(frozen=True, slots=True)
class Call(Part):
    """``function(arguments, over=labels)``."""

    function: str
    arguments: tuple[Part, ...]
    over: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Unary(Part):
    """A sign."""

    operator: str
    operand: Part


@dataclass(frozen=True, slots=True)
class Binary(Part):
    """An infix operation; `operator` is the function's name."""

    operator: str
    left: Part
    right: Part


@dataclass(frozen=True, slots=True)
class Target(Part):
    """What a statement assigns to."""

    name: str
    key: Any


@dataclass(frozen=True, slots=True)
class Statement(Part):
    """``targets = right`` or ``target += right`` (then `augmented` is ``"add"`` or ``"subtract"``)."""

    targets: tuple[Target, ...]
    right: Part
    augmented: str | None
