"""Recipes of the operations that move elements: Slice, Update, Concatenate."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from backends.dask.block import block_input
from backends.dask.chunks import Chunks, Cut, Index, block_shape, grid, offsets, unify, without_empty
from backends.dask.recipe import Call, Read, Recipe
from tensorlayer.graph import Concatenate, DType, Map, Node, Slice, Update
from tensorlayer.scalar import argument

__all__ = ["Piece", "concatenate_recipe", "pieces", "slice_recipe", "update_recipe"]

Entry = int | tuple[int, int, int]


class Piece(NamedTuple):
    """The part of a selection that lies in one block of a mode: its block, and the selection inside."""

    block: int
    entry: Entry


def pieces(cut: Cut, entry: Entry) -> tuple[Piece, ...]:
    """Split what `entry` selects from a mode by the pieces of its cut, in the order of the selection.

    Examples
    --------
    >>> pieces((3, 3), (4, 0, -2))
    (Piece(block=1, entry=(1, 0, -2)), Piece(block=0, entry=(2, 1, -2)))
    """
    starts = offsets(cut)
    if isinstance(entry, int):
        block = max(i for i, start in enumerate(starts) if start <= entry and cut[i])
        return (Piece(block, entry - starts[block]),)
    chosen = range(*entry)
    found = [(i, _inside(chosen, start, start + n)) for i, (start, n) in enumerate(zip(starts, cut, strict=True))]
    order = found if chosen.step > 0 else reversed(found)
    inside = tuple(Piece(i, _local(part, starts[i])) for i, part in order if part)
    return inside or (Piece(0, (0, 0, 1)),)


def _inside(chosen: range, low: int, high: int) -> range:
    """The part of `chosen` in [low, high)."""
    if chosen.step < 0:
        return _inside(chosen[::-1], low, high)[::-1]
    begin, end = (max(-(-(bound - chosen.start) // chosen.step), 0) for bound in (low, high))
    return chosen[begin:end]


def _local(part: range, start: int) -> Entry:
    last = part[-1] - start
    return (part[0] - start, last + (1 if part.step > 0 else -1), part.step)


def slice_recipe(node: Slice, operands: Sequence[Chunks]) -> Recipe:
    """The recipe of a Slice: only blocks that the selection meets are read."""
    (chunks,) = operands
    modes = [pieces(cut, entry) for cut, entry in zip(chunks, node.key, strict=True)]
    kept = [a for a, entry in enumerate(node.key) if not isinstance(entry, int)]
    calls = []
    for index in itertools.product(*(range(len(mode)) for mode in modes)):
        chosen = [mode[i] for mode, i in zip(modes, index, strict=True)]
        read = Read(0, tuple(piece.block for piece in chosen))
        block = block_input(0, block_shape(chunks, read.place), node.dtype)
        sink = Slice.of(block, tuple(piece.entry for piece in chosen))
        calls.append(Call(tuple(index[a] for a in kept), None if _whole(sink) else sink, (read,)))
    return Recipe((chunks,), tuple(_lengths(modes[a]) for a in kept), tuple(calls))


def _whole(node: Slice) -> bool:
    return node.key == tuple((0, extent, 1) for extent in node.inputs[0].shape)


def _lengths(mode: Sequence[Piece]) -> Cut:
    return tuple(len(range(*piece.entry)) for piece in mode if not isinstance(piece.entry, int))


def update_recipe(node: Update, operands: Sequence[Chunks]) -> Recipe:
    """The recipe of an Update: blocks that the selection does not meet are handed on."""
    chunks = operands[0]
    base, value = node.inputs
    modes = [pieces(cut, entry) for cut, entry in zip(chunks, node.key, strict=True)]
    kept = [a for a, entry in enumerate(node.key) if not isinstance(entry, int)]
    value_chunks = tuple(_lengths(modes[a]) for a in kept)
    places = [{piece.block: (i, piece.entry) for i, piece in enumerate(mode)} for mode in modes]
    calls = []
    for index in grid(chunks):
        block = block_input(0, block_shape(chunks, index), base.dtype)
        hit = [places[a].get(i) for a, i in enumerate(index)]
        chosen = [one for one in hit if one is not None]
        if len(chosen) < len(hit):
            calls.append(Call(index, cast(block, node.dtype), (Read(0, index),)))
            continue
        part = Read(1, tuple(chosen[a][0] for a in kept))
        new = block_input(1, block_shape(value_chunks, part.place), value.dtype)
        calls.append(Call(index, Update.of(block, new, tuple(entry for _, entry in chosen)), (Read(0, index), part)))
    return Recipe((chunks, value_chunks), chunks, tuple(calls))


def cast(block: Node, dtype: DType) -> Node | None:
    """The block in another element type; None if it has it already."""
    if block.dtype == dtype:
        return None
    return Map.of((block,), (tuple(range(block.ndim)),), block.shape, ("astype", argument(0), dtype.name))


def concatenate_recipe(node: Concatenate, operands: Sequence[Chunks]) -> Recipe:
    """The recipe of a Concatenate: blocks are handed on, nothing is copied unless the element type changes."""
    axis, wanted = node.axis, _cut_alike(node, operands)
    full = [i for i, source in enumerate(node.inputs) if source.shape[axis]] or [0]
    joined = tuple(n for i in full for n in wanted[i][axis])
    starts = itertools.accumulate((len(wanted[i][axis]) for i in full), initial=0)
    calls = [
        _handed_on(node, i, wanted[i], index, start)
        for i, start in zip(full, starts, strict=False)
        for index in grid(wanted[i])
    ]
    return Recipe(wanted, (*wanted[0][:axis], joined, *wanted[0][axis + 1 :]), tuple(calls))


def _cut_alike(node: Concatenate, operands: Sequence[Chunks]) -> tuple[Chunks, ...]:
    """The chunks of all operands, so that those beside the joined axis are the same."""
    labels = tuple(None if a == node.axis else a for a in range(node.ndim))
    agreed = unify([(chunks, labels, source.nbytes) for chunks, source in zip(operands, node.inputs, strict=True)])
    return tuple(
        tuple(without_empty(cut) if label is None else agreed[label] for cut, label in zip(chunks, labels, strict=True))
        for chunks in operands
    )


def _handed_on(node: Concatenate, operand: int, chunks: Chunks, index: Index, start: int) -> Call:
    """A block of an operand whose blocks begin at `start` along the joined axis."""
    place = (*index[: node.axis], index[node.axis] + start, *index[node.axis + 1 :])
    block = block_input(0, block_shape(chunks, index), node.inputs[operand].dtype)
    return Call(place, cast(block, node.dtype), (Read(operand, index),))
