"""Tilings: the lengths of the consecutive tiles that a mode is cut into."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache

from tensorlayer.errors import ShapeError
from tensorlayer.shape.base import as_extents

__all__ = ["Tiling", "as_tiling", "boundaries", "clip", "overlapping", "refine", "tile_at"]

Tiling = tuple[int, ...]


def as_tiling(extent: int, tile: int | Iterable[int]) -> Tiling:
    """Tile lengths that sum to `extent`.

    Parameters
    ----------
    extent : int
        Length of the mode.
    tile : int or iterable of int
        One length for all tiles (the last may be shorter), or every length.

    Raises
    ------
    ShapeError
        If the lengths do not sum to the extent.

    Examples
    --------
    >>> as_tiling(5, 2)
    (2, 2, 1)
    """
    if isinstance(tile, Iterable):
        lengths = as_extents(tile)
        if sum(lengths) != extent:
            raise ShapeError(f"the tiles {lengths} sum to {sum(lengths)}, not to the extent {extent}")
        return lengths
    (length,) = as_extents((tile,))
    if length == 0:
        raise ShapeError("the length of a tile is an integer >= 1, got 0")
    full, rest = divmod(extent, length)
    return (length,) * full + ((rest,) if rest else ())


@lru_cache(maxsize=1024)
def boundaries(tiling: Tiling) -> Tiling:
    """Where the tiles start, and where the last one ends."""
    return tuple(itertools.accumulate(tiling, initial=0))


def tile_at(tiling: Tiling, position: int) -> int:
    """Number of the tile that holds the element at `position`."""
    return bisect_right(boundaries(tiling), position) - 1


def refine(tilings: Iterable[Tiling]) -> Tiling:
    """The coarsest tiling whose tiles lie in one tile of each of `tilings`.

    Examples
    --------
    >>> refine([(2, 4), (3, 3)])
    (2, 1, 3)
    """
    distinct = set(tilings)
    if len(distinct) == 1:
        return distinct.pop()
    cuts = sorted(set().union(*map(boundaries, distinct)))
    return tuple(b - a for a, b in itertools.pairwise(cuts))


def clip(tiling: Tiling, first: int, last: int) -> Tiling:
    """The tiles of the elements from `first` to before `last`; tiles without elements are dropped."""
    edges = boundaries(tiling)
    cut = (min(b, last) - max(a, first) for a, b in itertools.pairwise(edges))
    return tuple(length for length in cut if length > 0)


def overlapping(tiling: Tiling, first: int, last: int) -> list[int]:
    """Numbers of the tiles with elements from `first` to before `last`."""
    cuts = enumerate(itertools.pairwise(boundaries(tiling)))
    return [number for number, (a, b) in cuts if max(a, first) < min(b, last)]
