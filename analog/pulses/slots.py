"""Where the slots of the vector pairs of a batch are in the words of its pulse trains."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["DRAW", "FIRST", "MASK", "POLARITY", "VECTOR", "WORD", "pack"]

Array = np.ndarray[Any, np.dtype[Any]]

#: Columns of the table: the vector pair, the first block of four draws, the word and the lowest slot in it, a mask of
#: the slots in that word, and which inputs take part (1: positive ones, -1: negative ones, 0: all).
VECTOR, DRAW, WORD, FIRST, MASK, POLARITY = range(6)
BITS = 32
#: A random integer has 32 bits, four of which come from one draw.
BLOCKS = 8


def pack(lengths: Array, polarities: tuple[int, ...] = (0,)) -> Array:
    """Put trains of those lengths into words of 32 slots, one vector pair after the other.

    Parameters
    ----------
    lengths : array of int
        Slots of each vector pair.
    polarities : tuple of int, optional
        The passes over each vector pair.

    Returns
    -------
    array of int64
        A row per piece of at most 32 slots that one vector pair has in one word, in order of time.

    Examples
    --------
    >>> pack(np.array([20, 0, 10, 40]))[:, [VECTOR, DRAW, WORD, FIRST]]
    array([[ 0,  0,  0,  0],
           [ 2,  0,  0, 20],
           [ 3,  0,  1,  0],
           [ 3,  8,  2,  0]])
    """
    rows: list[int] = []
    word, used = 0, 0
    for vector, length in enumerate(lengths.tolist()):
        draw = 0
        for polarity in polarities:
            for first in range(0, length, BITS):
                slots = min(BITS, length - first)
                if used + slots > BITS:
                    word, used = word + 1, 0
                rows += (vector, draw, word, used, ((1 << slots) - 1) << used, polarity)
                used += slots
                draw += BLOCKS
    return np.array(rows, np.int64).reshape(-1, 6)
