"""The order in which an elementwise loop visits memory: axes sorted, merged, and cut into tiles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from tensorlayer.codegen import memory_order, merged_axes

__all__ = ["Loop", "Strides", "plan_loop"]

#: Elements of one tile, per byte of an element: a few arrays of 256 KiB stay in a second-level cache.
TILE_BYTES = 1 << 18
#: Where a transposed operand is read with a step that is a multiple of `ALIASING` bytes, its cache lines fall on
#: the same few places of the cache and are lost before they are used up, unless tiles are narrow: so many
#: elements in all, and so many along the last axis. At other steps whole rows are as good.
ALIASING, CROSSED_ELEMENTS, CROSSED_ROW = 2048, 1 << 14, 32

Strides = tuple[tuple[int, ...], ...]


class Loop(NamedTuple):
    """How to visit the elements.

    Attributes
    ----------
    order : tuple of int
        The axes of the loop, outermost first.
    groups : tuple of tuple of int
        The axes of the loop that each merged axis stands for, outermost first.
    extents, tile : tuple of int
        Extents of the merged axes, and of a tile along them.
    crossed : bool
        Whether an operand runs across the others so that narrow tiles are worth their overhead.
    """

    order: tuple[int, ...]
    groups: tuple[tuple[int, ...], ...]
    extents: tuple[int, ...]
    tile: tuple[int, ...]
    crossed: bool


def plan_loop(shape: Sequence[int], strides: Strides, reduced: Sequence[int], itemsize: int) -> Loop:
    """Decide in which order to visit a loop.

    Parameters
    ----------
    shape : sequence of int
        Extents of the loop, all positive.
    strides : tuple of tuple of int
        Strides of every operand along the loop's axes, 0 where it is broadcast.
    reduced : sequence of int
        Axes that are folded; they are never merged with others.
    itemsize : int
        Bytes of the widest element.
    """
    order = memory_order(shape, strides)
    groups = merged_axes(order, shape, strides, reduced)
    extents = tuple(math.prod(shape[axis] for axis in group) for group in groups)
    crossed = {place for one in strides if (place := _crossing(one, groups)) is not None}
    tile = _crossed_tile(extents, crossed) if crossed else _straight_tile(extents, TILE_BYTES // itemsize)
    return Loop(tuple(order), tuple(groups), extents, tile, bool(crossed))


def _crossing(strides: Sequence[int], groups: Sequence[tuple[int, ...]]) -> int | None:
    """The merged axis along which an operand is contiguous, if it steps badly along the last one."""
    steps = [abs(strides[group[-1]]) for group in groups]
    if not steps or not steps[-1] or steps[-1] % ALIASING:
        return None
    fastest = min(step for step in steps if step)
    return steps.index(fastest) if fastest < steps[-1] else None


def _straight_tile(extents: Sequence[int], room: int) -> tuple[int, ...]:
    tile = []
    for extent in reversed(extents):
        tile.append(max(min(extent, room), 1))
        room //= tile[-1]
    return tuple(reversed(tile))


def _crossed_tile(extents: Sequence[int], crossed: set[int]) -> tuple[int, ...]:
    """A short row along the last axis, the rest of the room along the other operands' fastest axes."""
    tile = [1] * len(extents)
    tile[-1] = min(extents[-1], CROSSED_ROW)
    room = CROSSED_ELEMENTS // tile[-1]
    for count, axis in enumerate(sorted(crossed)):
        share = max(round(room ** (1 / (len(crossed) - count))), 1)
        tile[axis] = min(extents[axis], share)
        room = max(room // tile[axis], 1)
    return tuple(tile)
