"""How a value came from other values, as a graph; also through values that have been computed on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tensorlayer.errors import GraphError
from tensorlayer.graph import Input, Node, rewrite
from tensorlayer.language.fingerprint import fingerprint
from tensorlayer.language.lowering import Lowering
from tensorlayer.language.statement import dtype_of
from tensorlayer.language.value import Value

__all__ = ["derivation", "leaf_of"]


def leaf_of(value: Value) -> Input:
    """The node that stands for `value` where it is not looked into."""
    dtype_of(value)
    return value.as_input(value)


def derivation(value: Value, leaves: Mapping[Value, Input]) -> Node:
    """The graph of `value`, in which `leaves` are inputs.

    Raises
    ------
    GraphError
        If a tensor is gone that a value on the way was computed from.
    """
    expanded: dict[Value, Node] = dict(leaves)
    reaching = set(leaves)
    for one in _ancestors(value, leaves):
        if any(source in reaching for source in _sources(one)):
            reaching.add(one)
            expanded[one] = _expand(one, expanded)
    if value in expanded:
        return expanded[value]
    return Lowering(lambda one: expanded.get(one) or leaf_of(one), dict(leaves)).values([value])[0]


def _ancestors(value: Value, leaves: Mapping[Value, Input]) -> Iterable[Value]:
    """The computed values that `value` came from, each after its own ancestors."""
    done: dict[Value, None] = dict.fromkeys(leaves)
    stack = [value] if value.is_available else fingerprint([value])[1]
    while stack:
        one = stack[-1]
        pending = [] if one in done else [source for source in _sources(one) if source not in done]
        if pending:
            stack += pending
            continue
        stack.pop()
        if one not in done:
            done[one] = None
            yield one


def _sources(value: Value) -> list[Value]:
    """The values that a computed value was computed from, those that are still there."""
    if value.history is None:
        return []
    return [source for reference in value.history.sources if (source := reference()) is not None]


def _expand(value: Value, expanded: dict[Value, Node]) -> Node:
    """A computed value as the graph it was computed from."""
    assert value.history is not None  # noqa: S101  # only such values have sources
    graph, index, sources = value.history
    alive = [reference() for reference in sources]

    def rule(node: Node) -> Node:
        if not isinstance(node, Input) or not isinstance(node.key, int):
            return node
        source = alive[node.key]
        if source is None:
            raise GraphError(
                "a tensor that this result was computed from is gone, so its gradient cannot be formed: keep a "
                "handle to it, or take the gradient before the result is looked at"
            )
        return expanded.get(source) or leaf_of(source)

    return rewrite([graph.sink_nodes[index]], rule)[0]
