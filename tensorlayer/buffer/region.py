"""Parts of on-demand tensors: the part of a region is a region."""

from __future__ import annotations

from typing import Any

from tensorlayer.graph import Generate, Node, Slice, SliceKey

__all__ = ["Region", "part_of", "push_slice"]

#: Start, stop and step (at least 1) of every mode.
Region = tuple[tuple[int, int, int], ...]


def part_of(region: Region, key: SliceKey) -> tuple[Region, SliceKey]:
    """What a slice reads of a region, and the slice that remains to be taken of that.

    Examples
    --------
    >>> part_of(((10, 20, 1), (0, 8, 2)), ((2, 6, 2), 3))
    (((12, 15, 2), (6, 7, 1)), ((0, 2, 1), 0))
    >>> part_of(((10, 20, 1),), ((9, -1, -3),))
    (((10, 20, 3),), ((3, -1, -1),))
    """
    read, left = zip(*map(_part, region, key), strict=True) if region else ((), ())
    return tuple(read), tuple(left)


def _part(bounds: tuple[int, int, int], entry: int | tuple[int, int, int]) -> tuple[tuple[int, int, int], Any]:
    places = range(*bounds)
    if isinstance(entry, int):
        return (places[entry], places[entry] + 1, 1), 0
    # A stop of -1 with a negative step means "through the first element", which is how `range` reads it.
    wanted = range(*entry)
    if not wanted:
        return (bounds[0], bounds[0], 1), (0, 0, 1)
    low, high = sorted((places[wanted[0]], places[wanted[-1]]))
    left = (0, len(wanted), 1) if entry[2] > 0 else (len(wanted) - 1, -1, -1)
    return (low, high + 1, bounds[2] * abs(entry[2])), left


def push_slice(node: Slice) -> Node:
    """The slice of a `Generate` node as a `Generate` node of the smaller region, sliced only where that is not all."""
    source = node.inputs[0]
    if not isinstance(source, Generate):
        return node
    read, left = part_of(source.region, node.key)
    smaller = Generate.of(source.generator, read, source.dtype)
    return smaller if left == tuple((0, n, 1) for n in smaller.shape) else Slice.of(smaller, left)
