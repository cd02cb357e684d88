"""Slices move towards the sources, so that nothing is computed or generated that no one asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from math import prod

from tensorlayer.graph import (
    Concatenate,
    Convert,
    Delta,
    Einsum,
    Fill,
    Generate,
    Map,
    Node,
    Slice,
    SliceKey,
    postorder,
    sliced_shape,
)
from tensorlayer.passes.parts import part

__all__ = ["narrow"]

#: Operations whose parts cost what they hold, however they are cut.
_FREE = (Slice, Concatenate, Fill, Delta, Generate, Convert)


def narrow(sinks: Iterable[Node]) -> tuple[Node, ...]:
    """Compute only the parts of tensors that are read.

    A tensor of which only slices are read, together smaller than itself, is replaced by these slices, each
    made from slices of the operands. On-demand tensors and what is made of them element by element are
    cut even if every part of them is read, for the parts need not exist together.
    """
    sinks = tuple(sinks)
    order = tuple(postorder(sinks))
    return _Narrowing(order).run(sinks) if any(isinstance(node, Slice) for node in order) else sinks


class _Narrowing:
    """First what is read of every node, from the sinks down; then the nodes, from the sources up."""

    def __init__(self, order: tuple[Node, ...]) -> None:
        self.order = order
        # None stands for all of the node.
        self.read: dict[Node, set[SliceKey | None]] = defaultdict(set)
        self.parts: dict[Node, dict[SliceKey, Node]] = {}
        self.done: dict[tuple[Node, SliceKey | None], Node] = {}
        self.generated: set[Node] = set()

    def run(self, sinks: tuple[Node, ...]) -> tuple[Node, ...]:
        for node in self.order:
            elementwise = isinstance(node, Map | Convert) or (isinstance(node, Einsum) and len(node.inputs) == 1)
            if isinstance(node, Generate) or (elementwise and not self.generated.isdisjoint(node.inputs)):
                self.generated.add(node)
        for sink in sinks:
            self._ask(sink)
        for node in reversed(self.order):
            if self.read[node]:
                self._descend(node)
        for node in self.order:
            self._build(node)
        return tuple(map(self._made, sinks))

    def _ask(self, node: Node) -> None:
        if isinstance(node, Slice):
            self.read[node.inputs[0]].add(node.key)
        else:
            self.read[node].add(None)

    def _descend(self, node: Node) -> None:
        keys = {key for key in self.read[node] if key is not None}
        parts = {key: part(node, key) for key in keys} if len(keys) == len(self.read[node]) else {}
        if parts and self._pays(node, keys) and not any(_is_slice_of(piece, node) for piece in parts.values()):
            self.parts[node] = parts
        for reader in self.parts.get(node, {None: node}).values():
            for child in (reader,) if isinstance(reader, Slice) else reader.inputs:
                self._ask(child)

    def _pays(self, node: Node, keys: set[SliceKey]) -> bool:
        asked = sum(prod(sliced_shape(node.shape, key)) for key in keys)
        return asked < node.size or (asked == node.size and (isinstance(node, _FREE) or node in self.generated))

    def _build(self, node: Node) -> None:
        if node in self.parts:
            for key, piece in self.parts[node].items():
                self.done[node, key] = self._rebuilt(piece)
        elif self.read[node]:
            self.done[node, None] = self._rebuilt(node)

    def _rebuilt(self, node: Node) -> Node:
        """A node on what its inputs have become."""
        if isinstance(node, Slice):
            return self._made(node)
        inputs = tuple(map(self._made, node.inputs))
        return node if inputs == node.inputs else node.with_inputs(inputs)

    def _made(self, node: Node) -> Node:
        """What a node that is read in full, or a slice of one, has become."""
        if not isinstance(node, Slice):
            return self.done.get((node, None), node)
        source = node.inputs[0]
        ready = self.done.get((source, node.key))
        return Slice.of(self.done.get((source, None), source), node.key) if ready is None else ready


def _is_slice_of(piece: Node, node: Node) -> bool:
    """Whether a part can only be taken from the whole."""
    return isinstance(piece, Slice) and piece.inputs[0] is node
