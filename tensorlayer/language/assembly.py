"""Elementwise expressions as maps of bounded size.

Scalar bodies are trees that many passes walk by recursion. A sum of thousands of terms, or a loop that
accumulates into one expression, must therefore be cut into several maps; fusing puts as much of them together
again as pays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from tensorlayer.graph import Map, Node
from tensorlayer.labels import LabelLike
from tensorlayer.language.expression import Labelled
from tensorlayer.scalar import Body, argument, call, constant, substitute

__all__ = ["Factor", "Partial", "assembled", "combined", "factor_of", "postorder_of"]

#: A node and the labels of its modes.
Factor = tuple[Node, tuple[LabelLike, ...]]
#: A body of more calls than this becomes a map of its own.
LARGEST_BODY = 64
_X = argument(0)


class Partial(NamedTuple):
    """A body over factors, not yet a map; `size` is the number of calls in it."""

    factors: tuple[Factor, ...]
    body: Body
    size: int

    @classmethod
    def of(cls, factor: Factor) -> Partial:
        """A factor itself."""
        return cls((factor,), _X, 0)


def factor_of(partial: Partial, labels: Sequence[LabelLike], extents: dict[LabelLike, int]) -> Factor:
    """The map that a partial result stands for; the factor itself if nothing is done to it."""
    labels = tuple(labels)
    if partial.body == _X and partial.factors[0][1] == labels:
        return partial.factors[0]
    axes = [tuple(labels.index(x) for x in own) for _, own in partial.factors]
    return Map.of([node for node, _ in partial.factors], axes, [extents[x] for x in labels], partial.body), labels


def combined(operation: str, parts: Sequence[Any]) -> Partial:
    """A function of partial results and Python scalars."""
    places: dict[Factor, int] = {}
    bodies, size = [], 1
    for part in parts:
        if isinstance(part, Partial):
            moved = [argument(places.setdefault(factor, len(places))) for factor in part.factors]
            bodies.append(substitute(part.body, moved))
            size += part.size
        else:
            bodies.append(constant(part))
    return Partial(tuple(places), call(operation, *bodies), size)


def assembled(
    expression: Labelled,
    is_inner: Callable[[Labelled], bool],
    leaf: Callable[[Labelled], Partial],
    labels_of: Callable[[Labelled], Sequence[LabelLike]],
) -> Partial:
    """Put an expression together from its leaves, without recursing into it.

    Parameters
    ----------
    expression : Labelled
        What is assembled.
    is_inner : callable
        Whether an expression is a function of its operands here, and not a leaf.
    leaf : callable
        Gives the partial result of a leaf.
    labels_of : callable
        The labels of the map that an inner expression becomes where the body grows too large.
    """
    done: dict[int, Any] = {}
    for part in postorder_of(expression, is_inner):
        if not is_inner(part):
            done[id(part)] = leaf(part)
            continue
        whole = combined(part.operation, [done[id(x)] if isinstance(x, Labelled) else x for x in part.operands])
        if whole.size > LARGEST_BODY:
            whole = Partial.of(factor_of(whole, labels_of(part), part.signature.extents))
        done[id(part)] = whole
    return done[id(expression)]  # type: ignore[no-any-return]


def postorder_of(expression: Labelled, is_inner: Callable[[Labelled], bool]) -> Iterator[Labelled]:
    """The parts of an expression down to what is not inner, operands before what reads them."""
    seen: set[int] = set()
    stack: list[tuple[Labelled, bool]] = [(expression, False)]
    while stack:
        part, ready = stack.pop()
        if id(part) in seen:
            continue
        if ready or not is_inner(part):
            seen.add(id(part))
            yield part
        else:
            stack.append((part, True))
            stack += [(operand, False) for operand in reversed(part.operands) if isinstance(operand, Labelled)]
