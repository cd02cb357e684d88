"""Canonical maps: simplified bodies, every operand read once and as it is stored."""

from __future__ import annotations

from tensorlayer.graph import Einsum, Map, Node, is_permutation
from tensorlayer.passes.ranks import Ranks
from tensorlayer.scalar import Body, argument, arguments_of, simplify, substitute

__all__ = ["canonical_map"]

_COMMUTATIVE = frozenset({"add", "multiply", "maximum", "minimum", "equal", "not_equal", "logical_and", "logical_or"})


def canonical_map(node: Map, ranks: Ranks | None = None) -> Node:
    """The canonical form of a map whose inputs are canonical."""
    node = _through_permutations(node)
    body = simplify(node.body, tuple(source.dtype for source in node.inputs))
    used = arguments_of(body)
    if ranks is not None:
        used = tuple(sorted(used, key=lambda i: (ranks[node.inputs[i]], node.axes[i])))
    places: dict[tuple[Node, tuple[int, ...]], int] = {}
    replacement = [argument(0)] * len(node.inputs)
    for i in used:
        replacement[i] = argument(places.setdefault((node.inputs[i], node.axes[i]), len(places)))
    body = _ordered(substitute(body, replacement))
    if body == argument(0):
        (source, axes), *_ = places
        if axes == tuple(range(node.ndim)):
            return source
        if len(axes) == node.ndim:
            return Einsum.of([source], [axes], range(node.ndim))
    return Map.of([n for n, _ in places], [a for _, a in places], node.shape, body)


def _ordered(body: Body) -> Body:
    """The arguments of commutative functions in one order."""
    if body[0] in ("x", "c"):
        return body
    if body[0] == "astype":
        return ("astype", _ordered(body[1]), body[2])
    parts = [_ordered(part) for part in body[1:]]
    return (body[0], *(sorted(parts, key=_position) if body[0] in _COMMUTATIVE else parts))


def _position(body: Body) -> tuple[int, str]:
    # Constants, then arguments, then calls: 0.5 * x0 * exp(x1).
    return {"c": 0, "x": 1}.get(body[0], 2), repr(body)


def _through_permutations(node: Map) -> Map:
    """A transposed operand is the operand with other axes."""
    inputs, axes = list(node.inputs), list(node.axes)
    for i, source in enumerate(inputs):
        if isinstance(source, Einsum) and is_permutation(source):
            inputs[i] = source.inputs[0]
            axes[i] = tuple(axes[i][source.output.index(x)] for x in source.labels[0])
    return Map.of(inputs, axes, node.shape, node.body)
