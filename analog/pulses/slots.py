"""Where the slots of the vector pairs of a batch are in the words of its pulse trains."""

from __future__ import annotations

from typing import Any

import numpy as np

from analog.kernels import CPU, Kernel

__all__ = ["DRAW", "FIRST", "MASK", "POLARITY", "VECTOR", "WORD", "pack"]

Array = np.ndarray[Any, np.dtype[Any]]

#: Columns of the table: the vector pair, the first block of four draws, the word and the lowest slot in it, a mask of
#: the slots in that word, and which inputs take part (1: positive ones, -1: negative ones, 0: all).
VECTOR, DRAW, WORD, FIRST, MASK, POLARITY = range(6)
BITS = 32
#: A random integer has 32 bits, four of which come from one draw.
BLOCKS = 8


def pack(lengths: Array, signs: Array | None = None) -> tuple[Array, Array]:
    """Put trains of those lengths into words of 32 slots, one vector pair after the other.

    Parameters
    ----------
    lengths : array of int64
        Slots of each vector pair.
    signs : array of uint8, (vector pairs, 2), optional
        Whether a vector pair has slots for positive inputs, and then as many for negative ones; when left out it has
        slots for all inputs together.

    Returns
    -------
    table : array of int64, (pieces, 6)
        A row per piece of at most 32 slots that one vector pair has in one word, in order of time.
    starts : array of int64, (words + 1,)
        The first piece of each word, and the number of pieces.

    Examples
    --------
    >>> table, starts = pack(np.array([20, 0, 10, 40]))
    >>> table[:, [VECTOR, DRAW, WORD, FIRST]]
    array([[ 0,  0,  0,  0],
           [ 2,  0,  0, 20],
           [ 3,  0,  1,  0],
           [ 3,  8,  2,  0]])
    >>> starts
    array([0, 2, 3, 4])
    """
    # Room for the longest trains everywhere is found sooner than how much the trains take.
    turns = 1 if signs is None else 2
    room = len(lengths) * turns * -(-int(lengths.max(initial=0)) // BITS)
    table, starts, total = np.empty((room, 6), np.int64), np.zeros(room + 1, np.int64), np.zeros(2, np.int64)
    polarities = np.ones((0, 2), np.uint8) if signs is None else signs
    # Where a piece begins depends on all before it: nothing to share out.
    CPU.launch(PACK, 1, len(lengths), lengths, polarities, table, starts, total)
    pieces, words = total.tolist()
    return table[:pieces], starts[: words + 1]


def _pack(row: int, first: int, last: int, lengths: Any, signs: Any, table: Any, starts: Any, total: Any) -> None:  # noqa: ARG001  # one row
    apart = signs.shape[0] > 0
    piece, word, used = 0, -1, BITS
    for vector in range(first, last):
        parts = (lengths[vector] + BITS - 1) // BITS
        for turn in range(2 if apart else 1):
            if apart and signs[vector, turn] == 0:
                continue
            for part in range(parts):
                slots = min(lengths[vector] - part * BITS, BITS)
                if used + slots > BITS:
                    word, used = word + 1, 0
                    starts[word] = piece
                table[piece, VECTOR] = vector
                table[piece, DRAW] = (turn * parts + part) * BLOCKS
                table[piece, WORD] = word
                table[piece, FIRST] = used
                table[piece, MASK] = ((1 << slots) - 1) << used
                table[piece, POLARITY] = 1 - 2 * turn if apart else 0
                used += slots
                piece += 1
    starts[word + 1] = piece
    total[0], total[1] = piece, word + 1


PACK = Kernel(_pack, per="row")
