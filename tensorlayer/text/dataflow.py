"""Which tensors a program reads, and which it makes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tensorlayer.text.syntax import Binary, Call, Name, Part, Statement, Subscript, Unary

__all__ = ["Dataflow", "dataflow"]


class Dataflow(NamedTuple):
    """Names of the tensors of a program.

    Attributes
    ----------
    inputs : tuple of str
        Read before they are assigned.
    targets : tuple of str
        Assigned, in order.
    outputs : tuple of str
        Assigned, and not read later.
    """

    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    outputs: tuple[str, ...]


def dataflow(statements: Sequence[Statement]) -> Dataflow:
    """Which tensors the statements read and assign."""
    inputs: dict[str, None] = {}
    targets: dict[str, None] = {}
    unread: dict[str, None] = {}
    for statement in statements:
        augmented = [t.name for t in statement.targets if statement.augmented is not None]
        chipped = [t.name for t in statement.targets if isinstance(t.key, tuple) and not _all_labels(t.key)]
        for name in (*augmented, *_names(statement.right), *chipped):
            unread.pop(name, None)
            if name not in targets:
                inputs[name] = None
        for target in statement.targets:
            targets[target.name] = None
            unread.pop(target.name, None)
            unread[target.name] = None
    return Dataflow(tuple(inputs), tuple(targets), tuple(unread))


def _all_labels(key: tuple[Any, ...]) -> bool:
    return all(isinstance(entry, str) for entry in key)


def _names(part: Part) -> Iterator[str]:
    stack = [part]
    while stack:
        part = stack.pop()
        if isinstance(part, Name):
            yield part.name
        elif isinstance(part, Subscript):
            stack.append(part.part)
        elif isinstance(part, Unary):
            stack.append(part.operand)
        elif isinstance(part, Binary):
            stack += (part.right, part.left)
        elif isinstance(part, Call):
            stack += reversed(part.arguments)
