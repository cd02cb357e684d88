"""From statements to nodes: the one place where the rules of the language get their meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, final

import numpy as np

from tensorlayer.graph import Einsum, Fill, Input, Map, Node, Reduce, rewrite
from tensorlayer.labels import LabelLike, Labels
from tensorlayer.language.expression import Expression, Labelled
from tensorlayer.language.value import Value
from tensorlayer.scalar import FUNCTIONS, Body, argument, call, constant, substitute

__all__ = ["Lowering"]

Factor = tuple[Node, tuple[LabelLike, ...]]
_X = argument(0)


class Term(NamedTuple):
    """A summand: an expression to be summed on its own, and what is done to the sum (a body of one argument)."""

    expression: Labelled | None
    body: Body


class Product(NamedTuple):
    """A flattened product: factors above and below the line, and what is done to the whole."""

    above: list[Labelled]
    below: list[Labelled]
    body: Body


@final
class Lowering:
    """Lowers values to nodes, each once.

    Parameters
    ----------
    leaf : callable
        Gives the node of a value whose elements are available.
    known : dict, optional
        Nodes of values that are not looked into.
    """

    def __init__(self, leaf: Callable[[Value], Node], known: dict[Value, Node] | None = None) -> None:
        self._leaf = leaf
        self._done: dict[Value, Node] = {} if known is None else known

    def values(self, values: Sequence[Value]) -> list[Node]:
        """Nodes of `values`. Works through chains of statements without recursing along them."""
        stack = list(reversed(values))
        while stack:
            value = stack[-1]
            pending = [v for v in _dependencies(value) if v not in self._done] if value not in self._done else []
            if pending:
                stack.extend(pending)
                continue
            stack.pop()
            if value not in self._done:
                self._done[value] = self._lower(value)
        return [self._done[value] for value in values]

    def _lower(self, value: Value) -> Node:
        if value.is_available:
            return self._leaf(value)
        if value.node is not None:
            return rewrite([value.node], self._inline)[0]
        assert value.expression is not None  # noqa: S101  # the four states of a value are exhaustive
        assert value.target is not None  # noqa: S101
        return self.statement(value.expression, value.target, value.shape)

    def _inline(self, node: Node) -> Node:
        return self._done[node.key] if isinstance(node, Input) and isinstance(node.key, Value) else node

    # -- sums ------------------------------------------------------------------------------------------------

    def statement(self, expression: Any, target: Labels, shape: tuple[int, ...]) -> Node:
        """The right side of a statement, each term reduced to `target` (R2)."""
        if not isinstance(expression, Labelled):
            return Fill.of(shape, expression, np.result_type(np.asarray(expression)))
        inputs: list[Node] = []
        total: Body | None = None
        for sign, term in _terms(expression):
            body = term.body
            if term.expression is not None:
                node, done = self._product(term.expression, target)
                body = substitute(body, [substitute(done, [argument(len(inputs))])])
                inputs.append(node)
            total = _accumulate(total, sign, body)
        assert total is not None  # noqa: S101  # an expression has a term
        axes = [tuple(range(len(target)))] * len(inputs)
        return inputs[0] if total == _X else Map.of(inputs, axes, shape, total)

    # -- products --------------------------------------------------------------------------------------------

    def _product(self, expression: Labelled, target: Labels) -> tuple[Node, Body]:
        """A term as a node over `target`, and what is still to be done to it elementwise."""
        extents = expression.signature.extents
        if all(x in target for x in extents):
            return self._placed(self._pointwise(expression), target, extents), _X
        if expression.operation.startswith("reduce_") or expression.operation == "leaf":
            node, labels = self._factor(expression)
            return Einsum.of([node], [labels], target), _X
        product = _flatten(expression)
        factors = [self._factor(factor) for factor in product.above]
        late: list[Factor] = []
        for denominator in product.below:
            divisor = self._diagonal(*self._factor(denominator))
            if all(x in target for x in divisor[1]):
                late.append(divisor)
            else:
                self._divide_inside(factors, divisor, extents)
        # A label of the target may be in denominators only.
        above = {x for _, labels in factors for x in labels}
        kept = tuple(x for x in target if x in above)
        total: Node = Einsum.of([n for n, _ in factors], [labels for _, labels in factors], kept)
        return self._divide([(total, kept), *late], target, extents) if late else total, product.body

    def _divide(self, quotient: Sequence[Factor], target: Labels, extents: dict[LabelLike, int]) -> Node:
        """The sum, which comes first, divided by the denominators without summed labels."""
        axes = [tuple(target.index(x) for x in labels) for _, labels in quotient]
        body = _X
        for i in range(1, len(quotient)):
            body = call("divide", body, argument(i))
        return Map.of([n for n, _ in quotient], axes, [extents[x] for x in target], body)

    def _divide_inside(self, factors: list[Factor], divisor: Factor, extents: dict[LabelLike, int]) -> None:
        """A denominator with summed labels divides the factors that carry them, before the sum."""
        needed = set(divisor[1])
        chosen = next((i for i, (_, labels) in enumerate(factors) if needed <= set(labels)), None)
        picked = [factors.pop(chosen)] if chosen is not None else [factors.pop(0) for _ in range(len(factors))]
        picked = [self._diagonal(*factor) for factor in picked]
        labels = tuple(dict.fromkeys(x for _, own in (*picked, divisor) for x in own))
        body = _X
        for i in range(1, len(picked)):
            body = call("multiply", body, argument(i))
        body = call("divide", body, argument(len(picked)))
        axes = [tuple(labels.index(x) for x in own) for _, own in (*picked, divisor)]
        quotient = Map.of([n for n, _ in (*picked, divisor)], axes, [extents[x] for x in labels], body)
        factors.append((quotient, labels))

    def _factor(self, expression: Labelled) -> Factor:
        """A factor of a product: a labelled node, diagonals not yet taken."""
        if expression.operation == "leaf":
            value, labels = expression.operands
            return self._done[value], tuple(labels)
        return self._pointwise(expression)

    # -- element by element ----------------------------------------------------------------------------------

    def _pointwise(self, expression: Labelled) -> Factor:
        """An expression at every combination of its labels."""
        if expression.operation.startswith("reduce_"):
            return self._reduction(expression)
        arguments: dict[Factor, int] = {}
        body = self._body(expression, arguments)
        labels = tuple(expression.signature.labels)
        extents = expression.signature.extents
        axes = [tuple(labels.index(x) for x in own) for _, own in arguments]
        return Map.of([n for n, _ in arguments], axes, [extents[x] for x in labels], body), labels

    def _body(self, expression: Any, arguments: dict[Factor, int]) -> Body:
        if not isinstance(expression, Labelled):
            return constant(expression)
        if expression.operation == "leaf":
            return argument(arguments.setdefault(self._diagonal(*self._factor(expression)), len(arguments)))
        if expression.operation.startswith("reduce_"):
            return argument(arguments.setdefault(self._reduction(expression), len(arguments)))
        return call(expression.operation, *(self._body(part, arguments) for part in expression.operands))

    @staticmethod
    def _diagonal(node: Node, labels: tuple[LabelLike, ...]) -> Factor:
        distinct = tuple(dict.fromkeys(labels))
        return (node, labels) if distinct == labels else (Einsum.of([node], [labels], distinct), distinct)

    @staticmethod
    def _placed(factor: Factor, target: Labels, extents: dict[LabelLike, int]) -> Node:
        """The modes of a pointwise result in the order of the target."""
        node, labels = factor
        if labels == tuple(target):
            return node
        if isinstance(node, Map):
            order = [target.index(x) for x in labels]
            axes = [tuple(order[a] for a in own) for own in node.axes]
            return Map.of(node.inputs, axes, [extents[x] for x in target], node.body)
        return Einsum.of([node], [labels], target)

    def _reduction(self, expression: Labelled) -> Factor:
        """An explicit reduction: elementwise inside, folded over its own labels."""
        inner, over = expression.operands
        kind = expression.operation.removeprefix("reduce_")
        kept = Labels(x for x in inner.signature.labels if x not in over)
        extents = inner.signature.extents
        count = int(np.prod([extents[x] for x in over], dtype=object)) if over else 1
        if kind in ("sum", "mean") and not inner.signature.has_scalar:
            node = self.statement(inner, kept, tuple(extents[x] for x in kept))
        else:
            source, labels = self._pointwise(inner)
            fold = "sum" if kind == "mean" else kind
            node = Reduce.of(source, fold, [labels.index(x) for x in over])
            kept = Labels(x for x in labels if x not in over)
        if kind == "mean":
            node = Map.of([node], [tuple(range(node.ndim))], node.shape, call("divide", _X, constant(count)))
        return node, tuple(kept)


def _dependencies(value: Value) -> list[Value]:
    """The values a value reads directly."""
    if value.is_available:
        return []
    if value.node is not None:
        return [n.key for n in _inputs(value.node) if isinstance(n.key, Value)]
    found: list[Value] = []
    stack: list[Any] = [value.expression]
    while stack:
        part = stack.pop()
        if not isinstance(part, Labelled):
            continue
        if part.operation == "leaf":
            found.append(part.operands[0])
        else:
            stack.extend(part.operands)
    return found


def _inputs(node: Node) -> list[Input]:
    seen: set[Node] = set()
    stack, found = [node], []
    while stack:
        current = stack.pop()
        if current in seen:
            continue
        seen.add(current)
        if isinstance(current, Input):
            found.append(current)
        stack.extend(current.inputs)
    return found


def _accumulate(total: Body | None, sign: str, body: Body) -> Body:
    if total is None:
        return body if sign == "add" else call("negative", body)
    return call(sign, total, body)


def _terms(expression: Any) -> list[tuple[str, Term]]:
    """Split a sum into signed terms; scalars and additive functions distribute over it (R9).

    Iterative along the left spine, which is where long sums and accumulations grow.
    """
    spine: list[tuple[str, Any]] = []
    while isinstance(expression, Expression) and expression.operation in ("add", "subtract"):
        spine.append((expression.operation, expression.operands[1]))
        expression = expression.operands[0]
    terms = _split(expression)
    for sign, part in reversed(spine):
        flip = {"add": "subtract", "subtract": "add"} if sign == "subtract" else {"add": "add", "subtract": "subtract"}
        terms += [(flip[inner], term) for inner, term in (_terms(part) if _is_sum(part) else _split(part))]
    return terms


def _is_sum(expression: Any) -> bool:
    return isinstance(expression, Expression) and expression.operation in ("add", "subtract")


def _split(expression: Any) -> list[tuple[str, Term]]:
    """The terms of something that is not itself a sum."""
    if not isinstance(expression, Labelled):
        return [("add", Term(None, constant(expression)))]
    inner, body = _scaled(expression)
    if inner is None:
        return [("add", Term(expression, _X))]
    terms = _terms(inner) if _is_sum(inner) else _split(inner)
    return [(sign, Term(term.expression, substitute(body, [term.body]))) for sign, term in terms]


def _scaled(expression: Labelled) -> tuple[Any, Body]:
    """What a scalar factor or an additive function is applied to, and its body; (None, _) if neither is there."""
    operation, operands = expression.operation, expression.operands
    if operation in FUNCTIONS and FUNCTIONS[operation].additive:
        return operands[0], call(operation, _X)
    if operation == "multiply" and not isinstance(operands[0], Labelled):
        return operands[1], call(operation, constant(operands[0]), _X)
    if operation in ("multiply", "divide") and not isinstance(operands[1], Labelled):
        return operands[0], call(operation, _X, constant(operands[1]))
    return None, _X


def _flatten(expression: Labelled) -> Product:
    """The factors of a product, with Python scalars and signs pulled out."""
    above: list[Labelled] = []
    below: list[Labelled] = []
    body = _X
    stack: list[Any] = [expression]
    while stack:
        part = stack.pop()
        if not isinstance(part, Labelled):
            body = call("multiply", body, constant(part))
        elif part.operation == "multiply":
            stack += reversed(part.operands)
        elif part.operation == "negative":
            body = call("negative", body)
            stack += part.operands
        elif part.operation == "divide" and isinstance(part.operands[0], Labelled):
            numerator, divisor = part.operands
            stack.append(numerator)
            if isinstance(divisor, Labelled):
                below.append(divisor)
            else:
                body = call("divide", body, constant(divisor))
        else:
            above.append(part)
    return Product(above, below, body)
