"""Arithmetic of chunks: how an extent is cut, and which cuts two operands can agree on."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

__all__ = [
    "Chunks",
    "Cut",
    "Index",
    "block_bytes",
    "block_shape",
    "default_chunks",
    "grid",
    "offsets",
    "shape_of",
    "unify",
    "without_empty",
]

#: The lengths of the pieces of one mode.
Cut = tuple[int, ...]
#: One cut per mode: the nested shape of an array.
Chunks = tuple[Cut, ...]
#: Place of a block in the grid of blocks.
Index = tuple[int, ...]


def grid(chunks: Chunks) -> Iterator[Index]:
    """Places of all blocks, in row-major order."""
    return itertools.product(*(range(len(cut)) for cut in chunks))


def block_shape(chunks: Chunks, index: Index) -> tuple[int, ...]:
    """Shape of the block at `index`."""
    return tuple(cut[i] for cut, i in zip(chunks, index, strict=True))


def shape_of(chunks: Chunks) -> tuple[int, ...]:
    """Shape of the whole array."""
    return tuple(map(sum, chunks))


def offsets(cut: Cut) -> tuple[int, ...]:
    """Where each piece starts.

    Examples
    --------
    >>> offsets((2, 3, 1))
    (0, 2, 5)
    """
    return tuple(itertools.accumulate(cut[:-1], initial=0)) if cut else ()


def without_empty(cut: Cut) -> Cut:
    """The same cut without pieces of length zero; an empty mode is one empty piece."""
    return tuple(n for n in cut if n) or (0,)


def block_bytes() -> int:
    """Bytes of a block at most, where nobody said how to cut: dask's own setting ``array.chunk-size``."""
    from dask import config
    from dask.utils import parse_bytes

    return int(parse_bytes(config.get("array.chunk-size")))


def default_chunks(shape: Sequence[int], itemsize: int, limit: int | None = None) -> Chunks:
    """Cut `shape` into blocks of at most `limit` bytes (`block_bytes` when left out), longest modes first.

    Examples
    --------
    >>> default_chunks((6, 4), 8, limit=100)
    ((3, 3), (4,))
    """
    limit = block_bytes() if limit is None else limit
    pieces = [1] * len(shape)
    size: float = math.prod(shape) * itemsize
    while size > limit:
        axis = max(range(len(shape)), key=lambda a: shape[a] / pieces[a])
        if pieces[axis] >= shape[axis]:
            break
        size = size * pieces[axis] / (pieces[axis] + 1)
        pieces[axis] += 1
    return tuple(_even(extent, n) for extent, n in zip(shape, pieces, strict=True))


def _even(extent: int, pieces: int) -> Cut:
    length = -(-extent // pieces)
    return tuple(min(length, extent - start) for start in range(0, extent, length)) if extent else (0,)


def unify(operands: Sequence[tuple[Chunks, Sequence[Any], int]]) -> dict[Any, Cut]:
    """One cut per label: that of the operand with most bytes, because moving it would cost most.

    Parameters
    ----------
    operands : sequence of (chunks, labels, size in bytes)
        The operands that share labels.
    """
    cuts: dict[Any, Cut] = {}
    for chunks, labels, _ in sorted(operands, key=lambda operand: -operand[2]):
        for cut, label in zip(chunks, labels, strict=True):
            cuts.setdefault(label, without_empty(cut))
    return cuts
