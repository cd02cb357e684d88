"""Pass 8: loops over the rows of the same data are done together, block by block, while these are in the cache."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tensorlayer.backend import get_backend
from tensorlayer.graph import Einsum, Fused, Group, Input, Map, Node, OpGraph, Place, Reduce, Result
from tensorlayer.passes.common_parts import common_parts, with_part
from tensorlayer.passes.placement import Target, assign_places

__all__ = ["group"]

#: Elements of what loops must share to be worth it: less stays in the caches by itself.
LARGE = 1 << 18
#: Graphs of more operations are left alone: every operation is compared with every group.
MOST_OPERATIONS = 300


class _Walk(NamedTuple):
    """A loop: its extents, for every input the axis of each mode, and the axes of the result's modes."""

    extents: tuple[int, ...]
    axes: tuple[tuple[int, ...], ...]
    kept: tuple[int, ...]


@dataclass
class _Rows:
    """Loops over the rows of the same tensors, and the axis of each along them."""

    place: Place
    extent: int
    members: dict[Node, int] = field(default_factory=dict)
    shared: set[Node] = field(default_factory=set)

    def add(self, node: Node, walk: _Walk, axis: int) -> None:
        """One more loop, and the large tensors that others may share with it along that axis."""
        self.members[node] = axis
        along = zip(node.inputs, walk.axes, strict=True)
        self.shared.update(source for source, own in along if source.size >= LARGE and own and own[0] == axis)


def group(graph: OpGraph, target: Target) -> OpGraph:
    """Make one `Group` of loops that share a large operand, or read each other's results row by row.

    Only for backends that have the operation, and where no memory budget asks for results one by one.
    """
    if target.options.memory is not None or len(graph.operations) > MOST_OPERATIONS:
        return graph
    places = assign_places(graph, target)
    found = [rows for rows in _found(graph, places) if len(rows.members) > 1]
    return _Rewriter(graph, found).run() if found else graph


def _found(graph: OpGraph, places: Mapping[Node, Place]) -> list[_Rows]:
    groups: list[_Rows] = []
    ancestors: dict[Node, frozenset[Node]] = {}
    for node in graph.operations:
        ancestors[node] = frozenset(node.inputs).union(*(ancestors[source] for source in node.inputs))
        walk = _walk(node)
        if walk is None or not get_backend(places[node][0]).supports(Group):
            continue
        for rows in groups:
            axis = _axis(node, walk, rows) if rows.place == places[node] else None
            if axis is not None and not _returns(node, rows, ancestors):
                rows.add(node, walk, axis)
                break
        else:
            axis = _axis_of_largest(node, walk)
            if axis is not None:
                groups.append(_Rows(places[node], walk.extents[axis]))
                groups[-1].add(node, walk, axis)
    return groups


def _axis_of_largest(node: Node, walk: _Walk) -> int | None:
    """The axis along the rows of the largest operand; None if that is small, or a number."""
    pairs = zip(node.inputs, walk.axes, strict=True)
    source, own = max(pairs, key=lambda pair: pair[0].size, default=(None, ()))
    return own[0] if source is not None and source.size >= LARGE and own else None


def _walk(node: Node) -> _Walk | None:
    if isinstance(node, Map):
        return _Walk(node.shape, node.axes, tuple(range(node.ndim)))
    if isinstance(node, Fused):
        kept = tuple(axis for axis in range(len(node.extents)) if axis not in node.reduced)
        return _Walk(node.extents, node.axes, kept)
    if isinstance(node, Reduce):
        axes = tuple(range(node.inputs[0].ndim))
        return _Walk(node.inputs[0].shape, (axes,), tuple(axis for axis in axes if axis not in node.axes))
    if isinstance(node, Einsum) and node.summed and all(set(one) == set(node.extents) for one in node.labels):
        if any(len(one) != len(set(one)) for one in node.labels) or (len(node.inputs) > 1 and not node.output):
            return None
        labels = (*node.output, *sorted(node.summed))
        axes_of = tuple(tuple(labels.index(x) for x in one) for one in node.labels)
        return _Walk(tuple(node.extents[x] for x in labels), axes_of, tuple(range(len(node.output))))
    return None


def _axis(node: Node, walk: _Walk, rows: _Rows) -> int | None:
    """The axis along the rows, if the loop fits to the group: what it shares and what it reads of others agree."""
    found: set[int | None] = set()
    for source, own in zip(node.inputs, walk.axes, strict=True):
        if source in rows.members:
            made = _walk(source)
            along = made is not None and bool(made.kept) and made.kept[0] == rows.members[source]
            found.add(own[0] if along else None)
        elif source in rows.shared and own:
            found.add(own[0])
    axis = next(iter(found)) if len(found) == 1 else None
    return axis if axis is not None and walk.extents[axis] == rows.extent else None


def _returns(node: Node, rows: _Rows, ancestors: Mapping[Node, frozenset[Node]]) -> bool:
    """Whether a path leads from the group through other nodes to `node`."""
    outside = (source for source in node.inputs if source not in rows.members)
    return any(not ancestors[source].isdisjoint(rows.members) for source in outside)


class _Rewriter:
    """Puts one node in the place of every group."""

    def __init__(self, graph: OpGraph, groups: list[_Rows]) -> None:
        self.graph = graph
        self.group_of = {node: rows for rows in groups for node in rows.members}
        self.done: dict[Node, Node] = {}
        readers = ((source, node) for node in graph.operations for source in node.inputs)
        self.wanted = set(graph.sink_nodes) | {
            source for source, node in readers if self.group_of.get(source) is not self.group_of.get(node)
        }

    def run(self) -> OpGraph:
        return self.graph.with_sinks(self.made(sink) for sink in self.graph.sink_nodes)

    def made(self, node: Node) -> Node:
        if node not in self.done:
            if node in self.group_of:
                self.done.update(self.grouped(self.group_of[node]))
            else:
                self.done[node] = node.with_inputs(self.made(source) for source in node.inputs)
        return self.done[node]

    def grouped(self, rows: _Rows) -> dict[Node, Node]:
        """The node of a group, and what its members become that others read."""
        members, became = _with_common_parts(rows.members)
        inner: dict[Node, Node] = {}
        outside: list[Node] = []
        for node in members:
            for source in node.inputs:
                if source not in inner:
                    inner[source] = Input.of(len(outside), source.shape, source.dtype)
                    outside.append(source)
            inner[node] = node.with_inputs(inner[source] for source in node.inputs)
        wanted = [node for node in rows.members if node in self.wanted]
        sinks = [inner[became[node]] for node in wanted]
        axes = {inner[node]: axis for node, axis in members.items()}
        order = [node for node in OpGraph(sinks).operations if not isinstance(node, Input)]
        made = Group.of([self.made(source) for source in outside], sinks, [axes[node] for node in order])
        if len(wanted) == 1:
            return {wanted[0]: made}
        return {node: Result.of(made, place) for place, node in enumerate(wanted)}


def _with_common_parts(loops: Mapping[Node, int]) -> tuple[dict[Node, int], dict[Node, Node]]:
    """The loops of a group and their axes, with what several of them compute as loops of their own; and what became."""
    members: dict[Node, int] = {}
    became: dict[Node, Node] = {}
    parts = common_parts(loops)
    for node, axis in loops.items():
        made = node
        for part in parts:
            reading = with_part(made, part)
            if reading is not made:
                members.setdefault(part.with_inputs(became.get(source, source) for source in part.inputs), axis)
                made = reading
        # What it reads, parts included, may read what has changed.
        became.update({part: part.with_inputs(became.get(one, one) for one in part.inputs) for part in parts})
        became[node] = made.with_inputs(became.get(source, source) for source in made.inputs)
        members[became[node]] = axis
    return members, became
