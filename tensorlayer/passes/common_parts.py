"""Parts of bodies that several loops compute: formed once, where that is cheaper than doing it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from tensorlayer.graph import Fused, Map, Node
from tensorlayer.scalar import Body, argument, arguments_of, substitute

__all__ = ["common_parts", "with_part"]

#: Functions that take longer than reading their value.
SLOW = frozenset(
    "acos acosh asin asinh atan atan2 atanh cos cosh exp expm1 log log10 log1p log2 logaddexp pow sin sinh tan "
    "tanh".split()
)


def common_parts(nodes: Iterable[Node]) -> list[Map]:
    """The maps that are part of several of the loops `nodes`, the largest of those that contain each other."""
    counts: Counter[Map] = Counter()
    for node in nodes:
        counts.update({part for _, part in _parts(node)})
    common = [part for part, count in counts.items() if count > 1]
    inner = {smaller for part in common for _, smaller in _parts(part) if smaller is not part}
    return [part for part in common if part not in inner]


def with_part(node: Node, part: Map) -> Node:
    """The same loop, reading `part` instead of computing it."""
    found = next((body for body, own in _parts(node) if own is part), None)
    if not isinstance(node, Map | Fused) or found is None:
        return node
    source = node.unfused() if isinstance(node, Fused) else node
    body = _replaced(source.body, found, argument(len(source.inputs)))
    used = arguments_of(body)
    inputs, axes = (*source.inputs, part), (*source.axes, tuple(range(part.ndim)))
    places = [argument(used.index(i)) if i in used else argument(0) for i in range(len(inputs))]
    made = Map.of([inputs[i] for i in used], [axes[i] for i in used], source.shape, substitute(body, places))
    return Fused.of(made, node.kind, node.reduced) if isinstance(node, Fused) else made


def _parts(node: Node) -> Iterator[tuple[Body, Map]]:
    """Calls of slow functions in the body of a loop, each with the map that it is."""
    if isinstance(node, Map | Fused):
        source = node.unfused() if isinstance(node, Fused) else node
        for body in _calls(source.body):
            used = arguments_of(body)
            if {axis for i in used for axis in source.axes[i]} == set(range(source.ndim)):
                places = [argument(used.index(i)) if i in used else argument(0) for i in range(len(source.inputs))]
                inputs, axes = [source.inputs[i] for i in used], [source.axes[i] for i in used]
                yield body, Map.of(inputs, axes, source.shape, substitute(body, places))


def _calls(body: Body) -> Iterator[Body]:
    if body[0] in SLOW:
        yield body
    if body[0] not in ("x", "c"):
        for part in body[1:2] if body[0] == "astype" else body[1:]:
            yield from _calls(part)


def _replaced(body: Body, old: Body, new: Body) -> Body:
    if body == old:
        return new
    if body[0] in ("x", "c"):
        return body
    if body[0] == "astype":
        return ("astype", _replaced(body[1], old, new), body[2])
    return (body[0], *(_replaced(part, old, new) for part in body[1:]))
