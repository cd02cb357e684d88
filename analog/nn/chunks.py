"""Which vectors of a batch of images are in memory at a time."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["CHUNK_BYTES", "Chunk", "chunks", "covering"]

#: Most bytes of vectors that are made of an image at a time for a product, if one line of positions is not more. What
#: kernels need beside them is a multiple of that; with 16 MiB, steps of LeNet-5 take twice as much memory, and as long.
CHUNK_BYTES = 3 << 19


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive vectors: several items with all their positions, or lines of positions of one item.

    Attributes
    ----------
    number : int
        Of the chunk, from 0.
    items : slice
        Of the batch.
    lines : slice
        Of the first axis of positions.
    """

    number: int
    items: slice
    lines: slice


def chunks(items: int, positions: tuple[int, ...], length: int, limit: int) -> Iterator[Chunk]:
    """Cut a batch, in the order of its vectors: positions of item 0, then of item 1, and so on.

    Parameters
    ----------
    items : int
        Length of the batch; an empty one is one empty chunk.
    positions : tuple of int
        How many vectors an item has along each axis.
    length : int
        Elements of a vector, float32.
    limit : int
        Bytes of a chunk.

    Examples
    --------
    >>> [(chunk.items.stop, chunk.lines.stop) for chunk in chunks(3, (4, 4), 10, limit=1300)]
    [(2, 4), (3, 4)]
    >>> [(chunk.items.stop, chunk.lines.stop) for chunk in chunks(2, (4, 4), 10, limit=400)]
    [(1, 2), (1, 4), (2, 2), (2, 4)]
    """
    line = 4 * length * math.prod(positions[1:])
    count = max(limit // max(line * positions[0], 1), 1)
    lines = positions[0] if limit >= line * positions[0] else max(limit // line, 1)
    corners = itertools.product(range(0, max(items, 1), count), range(0, positions[0], lines))
    for number, (first, top) in enumerate(corners):
        yield Chunk(number, slice(first, min(first + count, items)), slice(top, min(top + lines, positions[0])))


def covering(first: int, last: int, positions: tuple[int, ...]) -> tuple[list[Chunk], int]:
    """Chunks in which consecutive vectors of a batch are, and how many others come before them there.

    A single chunk of whole items is made sooner than several, unless most of it would be for nothing.

    Parameters
    ----------
    first, last : int
        The vectors, `last` left out; at least one.
    positions : tuple of int
        How many vectors an item has along each axis.

    Examples
    --------
    >>> found, before = covering(5, 33, (4, 4))
    >>> [(chunk.items.start, chunk.items.stop, chunk.lines.start, chunk.lines.stop) for chunk in found], before
    ([(0, 3, 0, 4)], 5)
    >>> found, before = covering(14, 22, (4, 4))
    >>> [(chunk.items.start, chunk.items.stop, chunk.lines.start, chunk.lines.stop) for chunk in found], before
    ([(0, 1, 3, 4), (1, 2, 0, 2)], 2)
    """
    lines, line = positions[0], math.prod(positions[1:])
    begin, behind = first // (lines * line), -(-last // (lines * line))
    if (behind - begin) * lines * line <= 2 * (last - first):
        return [Chunk(0, slice(begin, behind), slice(0, lines))], first - begin * lines * line
    now, end, found = first // line, -(-last // line), list[Chunk]()
    while now < end:
        item, top = divmod(now, lines)
        whole = (end - now) // lines if top == 0 else 0
        items, bottom = (whole, lines) if whole else (1, min(lines, top + end - now))
        found.append(Chunk(len(found), slice(item, item + items), slice(top, bottom)))
        now += items * (bottom - top)
    return found, first % line
