"""From statements to nodes: the one place where the rules of the language get their meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, final

import numpy as np

from tensorlayer.graph import Einsum, Fill, Input, Map, Node, Reduce, postorder, rewrite
from tensorlayer.labels import LabelLike, Labels
from tensorlayer.language.assembly import Factor, Partial, assembled, combined, factor_of, postorder_of
from tensorlayer.language.expression import Labelled
from tensorlayer.language.value import Value
from tensorlayer.scalar import FUNCTIONS, argument, call, constant

__all__ = ["Lowering"]

_X = argument(0)


class Product(NamedTuple):
    """A flattened product: factors above and below the line, and the scalars and signs that were pulled out.

    These are in order of application, each a function and its operands, of which None stands for the product.
    """

    above: list[Labelled]
    below: list[Labelled]
    scalars: list[tuple[str, list[Any]]]


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
        extents = expression.signature.extents
        if _adds_elements(expression, target):
            node, labels = self._pointwise(expression)
            # Narrow integers are widened term by term, and what a backend keeps takes part in products only.
            if node.dtype.kind in "fc" and not any(map(_is_kept, node.inputs)):
                return Einsum.of([node], [labels], target)
        whole = assembled(expression, _is_linear, lambda term: self._product(term, target), lambda _: target)
        return factor_of(whole, target, extents)[0]

    # -- products --------------------------------------------------------------------------------------------

    def _product(self, expression: Labelled, target: Labels) -> Partial:
        """A term, summed over what `target` lacks."""
        extents = expression.signature.extents
        if all(x in target for x in extents):
            return Partial.of((self._placed(self._pointwise(expression), target, extents), tuple(target)))
        if expression.operation.startswith("reduce_") or expression.operation == "leaf":
            node, labels = self._factor(expression)
            return Partial.of((Einsum.of([node], [labels], target), tuple(target)))
        product = _flatten(expression)
        whole = Partial.of((self._quotient(product, target, extents), tuple(target)))
        for function, operands in product.scalars:
            whole = combined(function, [whole if operand is None else operand for operand in operands])
        return whole

    def _quotient(self, product: Product, target: Labels, extents: dict[LabelLike, int]) -> Node:
        """The product of the factors above over those below, summed over what `target` lacks."""
        factors = [self._factor(factor) for factor in product.above]
        late: list[Factor] = []
        for denominator in product.below:
            divisor = self._diagonal(*self._factor(denominator))
            if set(divisor[1]) <= set(target):
                late.append(divisor)
            else:
                self._divide_inside(factors, divisor, extents)
        # A label of the target may be in denominators only.
        labels = [own for _, own in factors]
        kept = tuple(x for x in target if any(x in own for own in labels))
        total: Node = Einsum.of([node for node, _ in factors], labels, kept)
        return self._divide([(total, kept), *late], target, extents) if late else total

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
        whole = assembled(expression, _is_function, self._leaf_of_function, lambda part: part.signature.labels)
        return factor_of(whole, expression.signature.labels, expression.signature.extents)

    def _leaf_of_function(self, expression: Labelled) -> Partial:
        is_leaf = expression.operation == "leaf"
        return Partial.of(self._diagonal(*self._factor(expression)) if is_leaf else self._reduction(expression))

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
        return [n.key for n in postorder([value.node]) if isinstance(n, Input) and isinstance(n.key, Value)]
    found: list[Value] = []
    seen: set[int] = set()
    stack: list[Any] = [value.expression]
    while stack:
        part = stack.pop()
        if not isinstance(part, Labelled) or id(part) in seen:
            continue
        seen.add(id(part))
        if part.operation == "leaf":
            found.append(part.operands[0])
        else:
            stack.extend(part.operands)
    return found


def _is_function(expression: Labelled) -> bool:
    return expression.operation in FUNCTIONS


def _is_linear(expression: Labelled) -> bool:
    """Whether a sum over labels passes through: sums, additive functions, and scalar factors (R2, R9)."""
    operation, operands = expression.operation, expression.operands
    if operation in ("add", "subtract"):
        return True
    if operation == "multiply":
        return not all(isinstance(operand, Labelled) for operand in operands)
    if operation == "divide":
        return not isinstance(operands[1], Labelled)
    return operation in FUNCTIONS and FUNCTIONS[operation].additive


def _adds_elements(expression: Labelled, target: Labels) -> bool:
    """Whether the elements of all terms are to be added first, and then summed.

    Large terms that cancel leave the rounding of their sums otherwise: a mean of differences would be as wrong as
    the difference of two means. Products are summed each on its own, by contractions.
    """
    signature = expression.signature
    if signature.has_scalar or not _is_linear(expression) or all(x in target for x in signature.extents):
        return False
    terms = [part for part in postorder_of(expression, _is_linear) if not _is_linear(part)]
    return len(terms) > 1 and all(
        term.operation not in ("multiply", "divide") and term.signature.extents.keys() == signature.extents.keys()
        for term in terms
    )


def _is_kept(node: Node) -> bool:
    """Whether a backend holds the elements in a form of its own."""
    while isinstance(node, Einsum) and len(node.inputs) == 1:
        node = node.inputs[0]
    return isinstance(node, Input) and node.form is not None


def _flatten(expression: Labelled) -> Product:
    """The factors of a product, in order."""
    above: list[Labelled] = []
    below: list[Labelled] = []
    scalars: list[tuple[str, list[Any]]] = []
    stack = [expression]
    while stack:
        part = stack.pop()
        if part.operation not in ("multiply", "divide", "negative") or _divides_scalar(part):
            above.append(part)
            continue
        labelled = [operand for operand in part.operands if isinstance(operand, Labelled)]
        if len(labelled) == 2 and part.operation == "divide":
            below.append(labelled.pop())
        elif len(labelled) == 1:
            scalars.append((part.operation, [None if x is labelled[0] else x for x in part.operands]))
        stack += reversed(labelled)
    return Product(above, below, scalars[::-1])


def _divides_scalar(expression: Labelled) -> bool:
    return expression.operation == "divide" and not isinstance(expression.operands[0], Labelled)
