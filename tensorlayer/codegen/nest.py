"""The loops of a kernel: the order in which they visit memory, which axes they merge, and their tiles."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from functools import cmp_to_key
from typing import NamedTuple

__all__ = ["ALIASING", "GATHERED", "Nest", "memory_order", "merged_axes", "plan_nest"]

#: Elements of one tile of a loop without reductions; also of all tiles together that one task folds.
ROOM = 1 << 14
#: Elements that are folded lane by lane, and rows that are folded side by side; what they give is joined pairwise.
FOLDED, FOLDED_ROWS = 1 << 12, 1 << 8
#: Tiles along the axis that another operand would rather visit last, and along the innermost one. Where that operand
#: steps by a multiple of `ALIASING` elements, its cache lines fall on the same few places of the cache: then few
#: lines are read at a time, and long.
CROSSED, CROSSED_ROW, ALIASING = 8, 256, 256
#: Extent of a tile along both of these axes where such an operand is copied before it is read; from how many elements
#: along both it is.
GATHERED, WORTH_GATHERING = 128, 16
#: Extent of a contiguous axis from which many folds are best done side by side along it, and its tile.
SIDE_BY_SIDE, ROW = 16, 1 << 11

Strides = tuple[tuple[int, ...], ...]


class Nest(NamedTuple):
    """How to visit the elements of a loop.

    Attributes
    ----------
    groups : tuple of tuple of int
        The axes of the loop that each merged axis stands for, outermost first; axes of extent one are in none.
    extents, tiles : tuple of int
        Extents of the merged axes, and of a tile along them.
    strides : tuple of tuple of int
        Steps of every operand along the merged axes; 0 where it is broadcast.
    folded : tuple of bool
        Which of the merged axes are reduced.
    """

    groups: tuple[tuple[int, ...], ...]
    extents: tuple[int, ...]
    tiles: tuple[int, ...]
    strides: Strides
    folded: tuple[bool, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """Number of tiles along every merged axis."""
        return tuple(-(-extent // tile) for extent, tile in zip(self.extents, self.tiles, strict=True))

    @property
    def kept(self) -> tuple[int, ...]:
        """The merged axes that are not reduced."""
        return tuple(place for place, folded in enumerate(self.folded) if not folded)

    @property
    def gathered(self) -> dict[int, int]:
        """Number of an operand -> the merged axis that it would rather visit last: its part of a tile is copied first.

        In the order of the loop its lines would drive each other out of the cache, each before all of it is read.
        """
        if any(self.folded) or self.extents[-1] < WORTH_GATHERING:
            return {}
        crossed = {number: _crossing(one) for number, one in enumerate(self.strides) if one[-1] % ALIASING == 0}
        return {
            number: place
            for number, place in crossed.items()
            if place is not None and self.tiles[place] >= WORTH_GATHERING
        }

    @property
    def side_by_side(self) -> bool:
        """Whether folds run side by side along the innermost axis, instead of one after the other."""
        return any(self.folded) and not self.folded[-1]


def plan_nest(shape: Sequence[int], strides: Strides, reduced: Collection[int] = ()) -> Nest:
    """Decide how to visit a loop.

    Parameters
    ----------
    shape : sequence of int
        Extents of the loop, all positive.
    strides : tuple of tuple of int
        Steps of every operand along the loop's axes, in elements; 0 where it is broadcast.
    reduced : collection of int
        Axes that are folded; they are never merged with others.

    Examples
    --------
    Two contiguous matrices are one long row; with a transposed one they are visited in tiles.

    >>> plan_nest((100, 200), ((200, 1), (200, 1))).extents
    (20000,)
    >>> plan_nest((100, 300), ((300, 1), (1, 100))).tiles
    (8, 256)
    """
    groups = _ordered(merged_axes(memory_order(shape, strides), shape, strides, reduced), shape, reduced) or [()]
    extents = tuple(math.prod(shape[axis] for axis in group) for group in groups)
    placed = tuple(tuple(one[group[-1]] if group else 0 for group in groups) for one in strides)
    folded = tuple(bool(group) and group[0] in reduced for group in groups)
    return Nest(tuple(groups), extents, _tiles(extents, placed, folded), placed, folded)


def memory_order(shape: Sequence[int], strides: Strides) -> list[int]:
    """Axes of a loop, those with the largest strides first; operands vote, ties keep the order."""

    def compare(first: int, second: int) -> int:
        both = ((abs(one[first]), abs(one[second])) for one in strides if one[first] and one[second])
        return sum((a < b) - (a > b) for a, b in both)

    return sorted(range(len(shape)), key=cmp_to_key(compare))


def merged_axes(
    order: Sequence[int], shape: Sequence[int], strides: Strides, reduced: Collection[int]
) -> list[tuple[int, ...]]:
    """Axes in `order`, those of extent one dropped, neighbours together that every operand walks as one."""
    groups: list[tuple[int, ...]] = []
    for axis in order:
        if shape[axis] == 1:
            continue
        if groups and _continues(groups[-1][-1], axis, shape, strides, reduced):
            groups[-1] += (axis,)
        else:
            groups.append((axis,))
    return groups


def _continues(outer: int, inner: int, shape: Sequence[int], strides: Strides, reduced: Collection[int]) -> bool:
    same = (outer in reduced) == (inner in reduced)
    return same and all(one[outer] == one[inner] * shape[inner] for one in strides)


def _ordered(groups: list[tuple[int, ...]], shape: Sequence[int], reduced: Collection[int]) -> list[tuple[int, ...]]:
    """Reduced axes inside the kept ones, but for a long innermost axis that is kept."""
    inside = [group for group in groups if group[0] in reduced]
    around = [group for group in groups if group[0] not in reduced]
    if inside and groups[-1] not in inside and math.prod(shape[axis] for axis in groups[-1]) >= SIDE_BY_SIDE:
        return [*around[:-1], *inside, groups[-1]]
    return [*around, *inside]


def _tiles(extents: Sequence[int], strides: Strides, folded: Sequence[bool]) -> tuple[int, ...]:
    places = range(len(extents))
    inside = [place for place in places if folded[place]]
    around = [place for place in places if not folded[place]]
    tiles = [1] * len(extents)
    crossed = next((place for one in strides if (place := _crossing(one)) is not None), None)
    if crossed is not None and folded[-1] == folded[crossed]:
        aliased = any(one[-1] % ALIASING == 0 for one in strides if _crossing(one) == crossed)
        column, row = (CROSSED_ROW, CROSSED) if aliased else (CROSSED, CROSSED_ROW)
        if aliased and not inside and min(extents[-1], extents[crossed]) >= WORTH_GATHERING:
            column = row = GATHERED
        column = max(column // 4, 1) if folded[-1] else column
        tiles[-1], tiles[crossed] = min(extents[-1], row), min(extents[crossed], column)
        return tuple(tiles)
    if folded[-1] or not inside:
        room = _fill(tiles, extents, inside, FOLDED)
        _fill(tiles, extents, around, room * ROOM // FOLDED if inside else ROOM)
    else:
        tiles[-1] = min(extents[-1], ROW)
        _fill(tiles, extents, inside, FOLDED_ROWS)
    return tuple(tiles)


def _fill(tiles: list[int], extents: Sequence[int], places: Sequence[int], room: int) -> int:
    """Enlarge the tiles along `places`, innermost first; gives the room that is left."""
    for place in reversed(places):
        tiles[place] = max(min(extents[place], room), 1)
        room = max(room // tiles[place], 1)
    return room


def _crossing(strides: Sequence[int]) -> int | None:
    """The axis along which an operand is read best, if that is not the innermost one."""
    steps = [abs(step) for step in strides]
    if not steps[-1]:
        return None
    fastest = min(step for step in steps if step)
    return steps.index(fastest) if fastest < steps[-1] else None
