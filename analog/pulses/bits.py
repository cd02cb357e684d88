"""Random bits of many slots at once: each is set with the probability of its line, exactly to 32 binary places.

Slot ``s`` of a line has a random integer whose bit ``31 - k`` is bit ``s`` of the line's word ``k``; it fires if that
integer is below the line's threshold, ``2**32`` times its probability. Comparing all slots from the highest bit on, few
words are needed before every slot is decided.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analog.kernels import Kernel
from analog.pulses.slots import DRAW, FIRST, MASK, POLARITY, VECTOR
from analog.random.philox import words

__all__ = ["COLLECT", "FIRE"]

#: Blocks of four words that are drawn for every line; others only for lines with undecided slots.
EAGER = 2
BLOCKS = 8


def _compare(threshold: np.uint32, place: int, word: np.uint32, fired: np.uint32, undecided: np.uint32) -> Any:
    """Take one more binary place of the slots' integers into account."""
    # All bits of `one` are the threshold's bit at that place.
    one = np.uint32(np.int64(0) - np.int64((threshold >> np.uint32(31 - place)) & np.uint32(1)))
    fired = np.uint32(fired | (undecided & ~word & one))
    return fired, np.uint32(undecided & ~(word ^ one))


def _compare4(threshold: Any, block: int, drawn: Any, fired: Any, undecided: Any) -> Any:
    fired, undecided = _compare(threshold, 4 * block, drawn[0], fired, undecided)
    fired, undecided = _compare(threshold, 4 * block + 1, drawn[1], fired, undecided)
    fired, undecided = _compare(threshold, 4 * block + 2, drawn[2], fired, undecided)
    return _compare(threshold, 4 * block + 3, drawn[3], fired, undecided)


def _threshold(chance: np.float32) -> np.uint32:
    """2**32 times the probability, which is below 1."""
    return np.uint32(np.uint64(abs(chance) * np.float32(2.0**32)))


def _begin(chance: np.float32, polarity: np.float32, mask: np.uint32) -> Any:
    """Nothing fired and all open, unless the probability leaves no choice."""
    if chance == np.float32(0) or polarity * chance < np.float32(0):
        return np.uint32(0), np.uint32(0)
    if abs(chance) >= np.float32(1):
        return mask, np.uint32(0)
    return np.uint32(0), mask


def _fire(
    row: int,
    first: int,
    last: int,
    chances: Any,
    table: Any,
    passes: int,
    fired: Any,
    undecided: Any,
    step: int,
    stream: int,
    seed: int,
    tile: int,
) -> None:
    """The slots of piece `row` of the table in which lines fire."""
    vector = table[row, VECTOR]
    draw = table[row, DRAW]
    mask = np.uint32(table[row, MASK] >> table[row, FIRST])
    polarity = np.float32(passes * table[row, POLARITY])
    for line in range(first, last):
        chance = chances[vector, line]
        bits, open_ = _begin(chance, polarity, mask)
        for block in range(EAGER):
            drawn = words(line, draw + block, step + vector, stream, seed, tile)
            bits, open_ = _compare4(_threshold(chance), block, drawn, bits, open_)
        fired[row, line], undecided[row, line] = bits, open_
    for line in range(first, last):
        bits, open_, block = fired[row, line], undecided[row, line], EAGER
        while open_ != np.uint32(0) and block < BLOCKS:
            drawn = words(line, draw + block, step + vector, stream, seed, tile)
            bits, open_ = _compare4(_threshold(chances[vector, line]), block, drawn, bits, open_)
            block += 1
        fired[row, line] = np.uint32(bits << np.uint32(table[row, FIRST]))


def _collect(
    row: int, first: int, last: int, chances: Any, table: Any, starts: Any, fired: Any, positive: Any, negative: Any
) -> None:
    """Word `row` of the trains of the lines, apart for positive and negative values."""
    for line in range(first, last):
        positive[row, line] = np.uint32(0)
        negative[row, line] = np.uint32(0)
    for piece in range(starts[row], starts[row + 1]):
        vector = table[piece, VECTOR]
        for line in range(first, last):
            bits = fired[piece, line]
            plus = chances[vector, line] > np.float32(0)
            positive[row, line] = np.uint32(positive[row, line] | (bits if plus else np.uint32(0)))
            negative[row, line] = np.uint32(negative[row, line] | (np.uint32(0) if plus else bits))


FIRE = Kernel(_fire)
COLLECT = Kernel(_collect)
