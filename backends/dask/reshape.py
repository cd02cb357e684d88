"""Recipe of Reshape: every block is reshaped by itself, after the modes are cut where rows of both shapes end."""

from __future__ import annotations

import math
from collections.abc import Sequence

from backends.dask.block import block_input
from backends.dask.chunks import Chunks, Cut, block_shape, grid, without_empty
from backends.dask.recipe import Call, Read, Recipe
from tensorlayer.graph import Reshape

__all__ = ["reshape_recipe"]

Cuts = tuple[Cut, ...]


def reshape_recipe(node: Reshape, operands: Sequence[Chunks]) -> Recipe:
    """The recipe of a Reshape.

    Modes are matched in groups with equal numbers of elements. A mode that stays keeps its cut; in a group
    that changes, only the slowest mode stays cut.
    """
    (chunks,) = operands
    before: Cuts = ()
    after: Cuts = ()
    for old, new in _matched_groups(node.inputs[0].shape, node.shape):
        group = _group_cuts([chunks[a] for a in old], [node.shape[a] for a in new])
        before, after = before + group[0], after + group[1]
    calls = []
    for index, place in zip(grid(before), grid(after), strict=True):
        block = block_input(0, block_shape(before, index), node.dtype)
        shape = block_shape(after, place)
        sink = None if shape == block.shape else Reshape.of(block, shape)
        calls.append(Call(place, sink, (Read(0, index),)))
    return Recipe((before,), after, tuple(calls))


def _matched_groups(old: Sequence[int], new: Sequence[int]) -> list[tuple[range, range]]:
    """Smallest consecutive groups of modes with equal numbers of elements; modes of extent one stand alone.

    Examples
    --------
    >>> _matched_groups((2, 6, 5), (12, 5))
    [(range(0, 2), range(0, 1)), (range(2, 3), range(1, 2))]
    """
    if 0 in old:
        return [(range(len(old)), range(len(new)))]
    groups = []
    i = j = 0
    while i < len(old) or j < len(new):
        first, second = i, j
        if i < len(old) and old[i] == 1:
            i += 1
        elif j < len(new) and new[j] == 1:
            j += 1
        else:
            i, j = _group_end(old, new, i, j)
        groups.append((range(first, i), range(second, j)))
    return groups


def _group_end(old: Sequence[int], new: Sequence[int], i: int, j: int) -> tuple[int, int]:
    left, right = old[i], new[j]
    i, j = i + 1, j + 1
    while left != right:
        if left < right:
            left, i = left * old[i], i + 1
        else:
            right, j = right * new[j], j + 1
    return i, j


def _group_cuts(old: Sequence[Cut], new: Sequence[int]) -> tuple[Cuts, Cuts]:
    """How the modes of one group are cut before and after."""
    if len(old) == len(new) == 1:
        return (without_empty(old[0]),), (without_empty(old[0]),)
    extents = [sum(cut) for cut in old]
    total = math.prod(extents)
    if not old or not new or not total:
        return tuple((n,) for n in extents), tuple((n,) for n in new)
    row_old, row_new = math.prod(extents[1:]), math.prod(new[1:])
    step = math.lcm(row_old, row_new)
    largest = math.prod(max(cut) for cut in old)
    length = max(largest // step, 1) * step
    sizes = [min(length, total - start) for start in range(0, total, length)]
    slowest_old, slowest_new = tuple(n // row_old for n in sizes), tuple(n // row_new for n in sizes)
    return (slowest_old, *((n,) for n in extents[1:])), (slowest_new, *((n,) for n in new[1:]))
