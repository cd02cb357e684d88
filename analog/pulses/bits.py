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


def _fire_line(piece: int, first: int, last: int, side: Any, table: Any, passes: int, address: Any) -> None:
    """The slots of a piece of the table in which the lines of one side fire."""
    chances, fired, undecided = side
    step, stream, seed, tile = address
    vector, draw = table[piece, VECTOR], table[piece, DRAW]
    mask = np.uint32(table[piece, MASK] >> table[piece, FIRST])
    polarity = np.float32(passes * table[piece, POLARITY])
    for line in range(first, last):
        chance = chances[vector, line]
        bits, open_ = _begin(chance, polarity, mask)
        for block in range(EAGER):
            drawn = words(line, draw + block, step + vector, stream, seed, tile)
            bits, open_ = _compare4(_threshold(chance), block, drawn, bits, open_)
        fired[piece, line], undecided[piece, line] = bits, open_
    for line in range(first, last):
        bits, open_, block = fired[piece, line], undecided[piece, line], EAGER
        while open_ != np.uint32(0) and block < BLOCKS:
            drawn = words(line, draw + block, step + vector, stream, seed, tile)
            bits, open_ = _compare4(_threshold(chances[vector, line]), block, drawn, bits, open_)
            block += 1
        fired[piece, line] = np.uint32(bits << np.uint32(table[piece, FIRST]))


def _collect_line(word: int, first: int, last: int, side: Any, table: Any, starts: Any) -> None:
    """A word of the trains of the lines of one side, apart for positive and negative values."""
    chances, fired, positive, negative = side
    for line in range(first, last):
        positive[word, line] = np.uint32(0)
        negative[word, line] = np.uint32(0)
    for piece in range(starts[word], starts[word + 1]):
        vector = table[piece, VECTOR]
        for line in range(first, last):
            bits = fired[piece, line]
            plus = chances[vector, line] > np.float32(0)
            positive[word, line] = np.uint32(positive[word, line] | (bits if plus else np.uint32(0)))
            negative[word, line] = np.uint32(negative[word, line] | (np.uint32(0) if plus else bits))


def _fire(row: int, first: int, last: int, x: Any, d: Any, table: Any, x_address: Any, d_address: Any) -> None:
    """The first rows of the grid are the pieces for `x`, whose passes differ by sign, the others those for `d`."""
    pieces = table.shape[0]
    if row < pieces:
        _fire_line(row, first, min(last, x[0].shape[1]), x, table, 1, x_address)
    else:
        _fire_line(row - pieces, first, min(last, d[0].shape[1]), d, table, 0, d_address)


def _collect(row: int, first: int, last: int, x: Any, d: Any, table: Any, starts: Any) -> None:
    """The first rows of the grid are the words of `x`, the others those of `d`."""
    number = starts.size - 1
    if row < number:
        _collect_line(row, first, min(last, x[0].shape[1]), x, table, starts)
    else:
        _collect_line(row - number, first, min(last, d[0].shape[1]), d, table, starts)


FIRE = Kernel(_fire)
COLLECT = Kernel(_collect)
