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
    pieces = -(-lengths // BITS)
    of_vector = pieces * len(polarities)
    vector = np.repeat(np.arange(len(lengths)), of_vector)
    number = np.arange(len(vector)) - np.repeat(np.cumsum(of_vector) - of_vector, of_vector)
    turn, part = np.divmod(number, pieces[vector])
    slots = np.minimum(lengths[vector] - part * BITS, BITS)
    begins = np.cumsum(slots) - slots
    opens = _opens(begins, slots)
    word = np.cumsum(opens) - 1
    first = begins - begins[opens][word]
    mask = ((1 << slots) - 1) << first
    return np.stack((vector, number * BLOCKS, word, first, mask, np.asarray(polarities)[turn]), 1, dtype=np.int64)


def _opens(begins: Array, slots: Array) -> Array:
    """Which pieces begin a word: the first one, and each that does not fit into the word of those before it."""
    following = np.searchsorted(begins + slots, begins + BITS, side="right").tolist()
    openers, piece = [], 0
    while piece < len(slots):
        openers.append(piece)
        piece = following[piece]
    opens = np.zeros(len(slots), bool)
    opens[openers] = True
    return opens
