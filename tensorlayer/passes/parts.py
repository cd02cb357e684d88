"""Parts of results: the slice of what an operation makes is the operation on slices of what it reads."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tensorlayer.backend import get_backend
from tensorlayer.buffer.region import push_slice
from tensorlayer.graph import (
    Concatenate,
    Convert,
    Delegated,
    Delta,
    Einsum,
    Fill,
    Generate,
    Input,
    Map,
    Node,
    Reduce,
    Slice,
    SliceKey,
    sliced_shape,
)
from tensorlayer.passes.canonical_slice import canonical_slice, composed

__all__ = ["cut", "part", "restricted"]

Entry = int | tuple[int, int, int]


def cut(source: Node, key: SliceKey) -> Node:
    """The slice of a node; the node itself where that is all of it."""
    return source if key == tuple((0, extent, 1) for extent in source.shape) else Slice.of(source, key)


def restricted(node: Einsum, bounds: Mapping[int, tuple[int, int]]) -> Einsum:
    """A product over a part of the range of some labels, summed ones included."""
    keys = (
        [(*bounds.get(x, (0, n)), 1) for x, n in zip(labels, source.shape, strict=True)]
        for source, labels in zip(node.inputs, node.labels, strict=True)
    )
    inputs = [cut(source, tuple(key)) for source, key in zip(node.inputs, keys, strict=True)]
    return Einsum.of(inputs, node.labels, node.output)


def part(node: Node, key: SliceKey) -> Node:
    """The slice `key` of `node`, taken from what the node reads.

    Returns
    -------
    Node
        A node equal to ``Slice.of(node, key)`` that does not compute the rest; that slice itself where the
        operation cannot be restricted.
    """
    found: Node | None = None
    match node:
        case Einsum():
            found = _einsum(node, key)
        case Map():
            found = _map(node, key)
        case Reduce():
            found = _reduce(node, key)
        case Slice():
            found = cut(node.inputs[0], composed(node.key, key))
        case Concatenate():
            found = _concatenate(node, key)
        case Convert() if not _is_kept(node.inputs[0]):
            found = Convert.of(cut(node.inputs[0], key), node.place)
        case Delta():
            found = _delta(node, key)
        case Fill():
            found = canonical_slice(Slice.of(node, key))
        case Generate():
            found = push_slice(Slice.of(node, key))
    return Slice.of(node, key) if found is None else found


def _is_kept(node: Node) -> bool:
    """Whether a backend has the elements in a form of its own, which has no parts."""
    if isinstance(node, Delegated):
        return node.keeps
    return isinstance(node, Input) and bool(node.place[0]) and get_backend(node.place[0]).keeps


def _einsum(node: Einsum, key: SliceKey) -> Node:
    entries = dict(zip(node.output, key, strict=True))
    inputs = []
    labels = []
    for source, own in zip(node.inputs, node.labels, strict=True):
        inputs.append(cut(source, tuple(entries.get(x, (0, n, 1)) for x, n in zip(own, source.shape, strict=True))))
        labels.append(tuple(x for x in own if not isinstance(entries.get(x), int)))
    output = tuple(x for x in node.output if not isinstance(entries[x], int))
    # A transposition of what is a vector after the slice does nothing.
    idle = labels == [output] and inputs[0].dtype == node.dtype
    return inputs[0] if idle else Einsum.of(inputs, labels, output)


def _map(node: Map, key: SliceKey) -> Node:
    kept = _kept(key)
    inputs = [cut(source, tuple(key[a] for a in own)) for source, own in zip(node.inputs, node.axes, strict=True)]
    axes = [[kept[a] for a in own if a in kept] for own in node.axes]
    return Map.of(inputs, axes, sliced_shape(node.shape, key), node.body)


def _kept(key: SliceKey) -> dict[int, int]:
    """The modes that a key keeps, and where they go."""
    ranges = [mode for mode, entry in enumerate(key) if not isinstance(entry, int)]
    return {mode: place for place, mode in enumerate(ranges)}


def _reduce(node: Reduce, key: SliceKey) -> Node:
    source = node.inputs[0]
    entries = iter(key)
    read = tuple((0, n, 1) if a in node.axes else next(entries) for a, n in enumerate(source.shape))
    kept = _kept(read)
    return Reduce.of(cut(source, read), node.kind, [kept[a] for a in node.axes])


def _concatenate(node: Concatenate, key: SliceKey) -> Node | None:
    """The parts that a slice meets; only forward slices without a step are worth the trouble."""
    entry = key[node.axis]
    first, last, step = (entry, entry + 1, 1) if isinstance(entry, int) else entry
    if step != 1 or first >= last:
        return None
    found = []
    start = 0
    for source in node.inputs:
        stop = start + source.shape[node.axis]
        low, high = max(first, start), min(last, stop)
        if low < high:
            inside: Entry = low - start if isinstance(entry, int) else (low - start, high - start, 1)
            found.append(cut(source, (*key[: node.axis], inside, *key[node.axis + 1 :])))
        start = stop
    if np.result_type(*(one.dtype for one in found)) != node.dtype:
        return None
    return found[0] if len(found) == 1 else Concatenate.of(found, _kept(key)[node.axis])


def _delta(node: Delta, key: SliceKey) -> Node | None:
    """A block of the identity matrix is one, or zero, or left to a slice."""
    rows, columns = key
    if isinstance(rows, int) or isinstance(columns, int) or rows[2] != 1 or columns[2] != 1:
        return None
    if rows == columns:
        return Delta.of(len(range(*rows)), node.dtype)
    apart = rows[1] <= columns[0] or columns[1] <= rows[0]
    return Fill.of(sliced_shape(node.shape, key), 0, node.dtype) if apart else None
