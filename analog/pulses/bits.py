"""Random bits of many slots at once: each is set with the probability of its line, exactly to 32 binary places.

Slot ``s`` of a line has a random integer whose bit ``31 - k`` is bit ``s`` of the line's word ``k``; it fires if that
integer is below the line's threshold, ``2**32`` times its probability. Comparing all slots from the highest bit on, few
words are needed before every slot is decided.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analog.random.philox import words

__all__ = ["EAGER", "begin", "compare", "decide", "threshold"]

#: Blocks of four words that are drawn for every line; others only for lines with undecided slots.
EAGER = 2
BLOCKS = 8


def _compare(threshold: np.uint32, place: int, word: np.uint32, fired: np.uint32, undecided: np.uint32) -> Any:
    """Take one more binary place of the slots' integers into account."""
    # All bits of `one` are the threshold's bit at that place.
    one = np.uint32(np.int64(0) - np.int64((threshold >> np.uint32(31 - place)) & np.uint32(1)))
    fired = np.uint32(fired | (undecided & ~word & one))
    return fired, np.uint32(undecided & ~(word ^ one))


def compare(threshold: Any, block: int, drawn: Any, fired: Any, undecided: Any) -> Any:
    """Take the four places of one block of draws into account: gives slots that fire, and undecided ones."""
    fired, undecided = _compare(threshold, 4 * block, drawn[0], fired, undecided)
    fired, undecided = _compare(threshold, 4 * block + 1, drawn[1], fired, undecided)
    fired, undecided = _compare(threshold, 4 * block + 2, drawn[2], fired, undecided)
    return _compare(threshold, 4 * block + 3, drawn[3], fired, undecided)


def threshold(chance: np.float32) -> np.uint32:
    """2**32 times the probability, which is below 1."""
    return np.uint32(np.uint64(chance * np.float32(2.0**32)))


def begin(chance: np.float32, mask: np.uint32) -> Any:
    """Nothing fired and all open, unless the probability leaves no choice."""
    if chance >= np.float32(1):
        return mask, np.uint32(0)
    return np.uint32(0), mask if chance > np.float32(0) else np.uint32(0)


def decide(threshold: Any, fired: Any, undecided: Any, block: int, line: int, draw: int, address: Any) -> np.uint32:
    """The slots that fire in the end, when all blocks before `block` have been taken into account."""
    when, stream, seed, tile = address
    while undecided != np.uint32(0) and block < BLOCKS:
        drawn = words(line, draw + block, when, stream, seed, tile)
        fired, undecided = compare(threshold, block, drawn, fired, undecided)
        block += 1
    return np.uint32(fired)
