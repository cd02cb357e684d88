"""Slices move towards the leaves: of what only a slice reads, only the slice is computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tensorlayer.graph import Einsum, Generate, Map, Node, Reduce, Slice, SliceKey, consumers, postorder, sliced_shape
from tensorlayer.passes.canonical_slice import canonical_slice, composed

__all__ = ["narrow"]

Entry = int | tuple[int, int, int]


def narrow(sinks: Iterable[Node]) -> tuple[Node, ...]:
    """Push every slice through the products, maps, reductions and slices that it alone reads."""
    sinks = tuple(sinks)
    if not any(isinstance(node, Slice) for node in postorder(sinks)):
        return sinks
    narrower = _Narrower(consumers(sinks))
    for node in postorder(sinks):
        narrower.visit(node)
    return tuple(narrower.done[sink] for sink in sinks)


class _Narrower:
    def __init__(self, readers: Counter[Node]) -> None:
        self.readers = readers
        self.done: dict[Node, Node] = {}

    def visit(self, node: Node) -> None:
        if isinstance(node, Slice):
            self.done[node] = self.part(node.inputs[0], node.key)
        else:
            self.done[node] = node.with_inputs(self.done[source] for source in node.inputs)

    def part(self, node: Node, key: SliceKey) -> Node:
        """The part of the (old) node at `key`, in terms of new nodes."""
        if isinstance(node, Generate) or self.readers[node] > 1:
            return canonical_slice(Slice.of(self.done[node], key))
        if isinstance(node, Slice):
            return self.part(node.inputs[0], composed(node.key, key))
        if isinstance(node, Map):
            return self._map(node, key)
        if isinstance(node, Einsum):
            return self._product(node, dict(zip(node.output, key, strict=True)))
        if isinstance(node, Reduce):
            return self._reduction(node, key)
        return Slice.of(self.done[node], key)

    def _modes(self, node: Node, entries: Iterable[Entry | None]) -> Node:
        """The part of a node by one entry per mode; None takes all of it."""
        key = tuple((0, n, 1) if entry is None else entry for entry, n in zip(entries, node.shape, strict=True))
        return self.part(node, key)

    def _map(self, node: Map, key: SliceKey) -> Node:
        kept = [axis for axis, entry in enumerate(key) if not isinstance(entry, int)]
        inputs = [self._modes(n, [key[a] for a in axes]) for n, axes in zip(node.inputs, node.axes, strict=True)]
        axes = [[kept.index(a) for a in one if a in kept] for one in node.axes]
        return Map.of(inputs, axes, sliced_shape(node.shape, key), node.body)

    def _product(self, node: Einsum, entries: dict[int, Entry]) -> Node:
        pairs = list(zip(node.inputs, node.labels, strict=True))
        inputs = [self._modes(source, [entries.get(x) for x in labels]) for source, labels in pairs]
        chipped = {x for x, entry in entries.items() if isinstance(entry, int)}
        labels = [tuple(x for x in one if x not in chipped) for one in node.labels]
        return Einsum.of(inputs, labels, [x for x in node.output if x not in chipped])

    def _reduction(self, node: Reduce, key: SliceKey) -> Node:
        source, rest = node.inputs[0], iter(key)
        entries = [None if axis in node.axes else next(rest) for axis in range(source.ndim)]
        places = [axis for axis, entry in enumerate(entries) if not isinstance(entry, int)]
        return Reduce.of(self._modes(source, entries), node.kind, [places.index(a) for a in node.axes])
