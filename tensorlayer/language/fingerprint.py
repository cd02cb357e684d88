"""What makes two computations equal, so that they can share a plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tensorlayer.graph import Input, Node
from tensorlayer.labels import Label, Labels
from tensorlayer.language.expression import Expression
from tensorlayer.language.value import Value, settling

__all__ = ["fingerprint", "parts"]

#: A part's own description, and the parts it reads.
Description = tuple[Any, Sequence[Any]]


def fingerprint(values: Sequence[Value]) -> tuple[tuple[Any, ...], list[Value]]:
    """A hashable description of how `values` are computed, and the available values they read.

    Equal fingerprints have equal plans. The parts are written in prefix order, each described once and later
    referred to by its number, so shared parts are visible; a description says how many parts follow it.
    """
    numbers: dict[int, int] = {}
    tokens: list[Any] = [len(values)]
    leaves: list[Value] = []
    stack: list[Any] = list(reversed(values))
    while stack:
        part = stack.pop()
        if type(part) is Expression and part.operation == "leaf":
            # At once, because most parts are of this kind: labels, and the value that carries them.
            part, labels = part.operands
            tokens.append(labels)
        known = len(numbers)
        number = numbers.setdefault(id(part), known)
        if number != known:
            tokens.append(number)
        elif type(part) is Value and part.is_available:
            tokens.append(part.facts)
            leaves.append(part)
        else:
            token, children = _describe(part)
            tokens.append(token)
            stack += children[::-1]
    return tuple(_renamed(tokens) if Label.exist else tokens), leaves


def _renamed(tokens: Sequence[Any]) -> list[Any]:
    """Label objects replaced by numbers, or the labels that a function makes anew would ask for a new plan."""
    numbers: dict[Any, tuple[int]] = {}

    def rename(token: Any) -> Any:
        if type(token) is Labels:
            return tuple([numbers.setdefault(x, (len(numbers),)) if type(x) is Label else x for x in token])
        return tuple(map(rename, token)) if type(token) is tuple and any(type(x) is Labels for x in token) else token

    return [rename(token) for token in tokens]


def parts(value: Value) -> list[Any]:
    """What a value that is not computed is made of (values, expressions, nodes), each after what it reads itself.

    Pickled in this order, a chain of thousands of statements does not recurse.
    """
    with settling:
        return list(_parts(value).values())


def _parts(value: Value) -> dict[int, Any]:
    done: dict[int, Any] = {}
    stack: list[tuple[Any, bool]] = [(value, False)]
    while stack:
        part, ready = stack.pop()
        if ready:
            done.setdefault(id(part), part)
        elif id(part) not in done and not (type(part) is Value and part.is_available):
            stack.append((part, True))
            stack += [(child, False) for child in reversed(_describe(part)[1])]
    return done


def _describe(part: Any) -> Description:
    if type(part) is Expression:
        return _describe_expression(part)
    # Asked by type: an instance check against an abstract class costs as much as the rest.
    return _describe_value(part) if type(part) is Value else _describe_node(part)


def _describe_node(part: Node) -> Description:
    if isinstance(part, Input) and isinstance(part.key, Value):
        return "input", (part.key,)
    return (type(part), part.identity(part.parameters), len(part.inputs)), part.inputs


def _describe_value(part: Value) -> Description:
    if part.node is not None:
        return "derived", (part.node,)
    return (part.target, part.shape), (part.expression,)


def _describe_expression(part: Expression) -> Description:
    operation, operands = part.operation, part.operands
    if operation == "leaf":
        return operands[1], operands[:1]
    if operation.startswith("reduce_"):
        return (operation, operands[1]), operands[:1]
    children = [operand for operand in operands if type(operand) is Expression]
    if len(children) == len(operands):
        return operation, children
    return (operation, *map(_scalar, operands)), children


def _scalar(operand: Any) -> Any:
    # 2, 2.0 and True are equal but mean different element types.
    return None if type(operand) is Expression else (type(operand), repr(operand))
