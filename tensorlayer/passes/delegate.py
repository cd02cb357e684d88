"""Pass 0: what reads elements that a backend holds in a form of its own becomes operations of that backend."""

from __future__ import annotations

from tensorlayer.backend import Backend, get_backend
from tensorlayer.errors import UnsupportedOperationError
from tensorlayer.graph import Convert, Delegated, Einsum, Input, Node, OpGraph, is_permutation, postorder, rewrite
from tensorlayer.passes.placement import Target

__all__ = ["delegate"]


def delegate(graph: OpGraph, target: Target) -> OpGraph:
    """Let backends that keep their elements claim every operation on them.

    It comes first, because other passes would cut or merge what they do not know: a slice of a product would
    become a slice of its operands.

    Raises
    ------
    UnsupportedOperationError
        If a backend has no operation for what is written.
    """
    del target
    keepers = _Keepers()
    if not any(keepers.of(node) for node in graph.operations):
        return graph
    changed = graph.with_sinks(map(keepers.as_result, rewrite(graph.sink_nodes, keepers.claimed)))
    for node in changed.operations:
        keepers.require_own(node)
    return changed


class _Keepers:
    """Which backend holds a node in a form of its own."""

    def __init__(self) -> None:
        self._known: dict[Node, Backend | None] = {}

    def of(self, node: Node) -> Backend | None:
        if node not in self._known:
            # Inputs first, so that long chains of nodes do not recurse.
            for part in postorder([node]) if node.inputs and node.inputs[0] not in self._known else (node,):
                self._known[part] = self._found(part)
        return self._known[node]

    def _found(self, node: Node) -> Backend | None:
        if isinstance(node, Input | Convert):
            backend = get_backend(node.place[0]) if node.place[0] else None
            return backend if backend is not None and backend.keeps else None
        if isinstance(node, Delegated) and node.keeps:
            return get_backend(node.agent)
        return self._known.get(node.inputs[0]) if is_permutation(node) else None

    def claimed(self, node: Node) -> Node:
        """A node whose inputs are claimed, as its keeper wants it."""
        held = {source: keeper for source in node.inputs if (keeper := self.of(source)) is not None}
        if held and isinstance(node, Convert):
            return _read_in_order(node)
        if not held or isinstance(node, Delegated) or is_permutation(node):
            return node
        names = sorted({keeper.name for keeper in held.values()})
        if len(names) > 1:
            raise UnsupportedOperationError(
                f"{node!r} has operands of {' and '.join(names)}, which keep their elements: convert one with "
                ".to('numpy')"
            )
        return get_backend(names[0]).claim(node, held)

    def as_result(self, node: Node) -> Node:
        """What only moves modes is looked through by operations; as a result it is one itself."""
        keeper = self.of(node) if is_permutation(node) else None
        return node if keeper is None else keeper.claim(node, node.inputs)

    def require_own(self, node: Node) -> None:
        """Refuse a node that reads kept elements without being an operation of their keeper."""
        if not isinstance(node, Convert | Delegated):
            for source in node.inputs:
                if (keeper := self.of(source)) is not None and not is_permutation(node):
                    keeper.require_support(node)


def _read_in_order(node: Convert) -> Node:
    """Kept elements are read as they are kept, and their modes moved afterwards."""
    moved, source = [], node.inputs[0]
    while isinstance(source, Einsum) and is_permutation(source):
        moved.append(source)
        (source,) = source.inputs
    made: Node = Convert.of(source, node.place)
    for one in reversed(moved):
        made = Einsum.of([made], one.labels, one.output)
    return made
