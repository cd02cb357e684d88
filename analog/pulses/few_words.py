"""The words of the pulse trains where one side has few lines: one side after the other.

The side of few lines comes first. In many slots none of its lines fires, and what the other side does there is of no
use: its lines count as silent. Lines that may fire are gathered from all vector pairs of a word before they draw, so
that there are enough of them for vector instructions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analog.kernels import Kernel
from analog.kernels.bits import bits_of_float32, float32_of_bits
from analog.pulses.bits import EAGER, begin, compare, decide, threshold
from analog.pulses.line_words import fire_lines, fired_in, masks_of
from analog.pulses.probability import chance_of
from analog.pulses.slots import DRAW, FIRST, MASK, POLARITY, VECTOR
from analog.random.philox import words

__all__ = ["FEW", "FEW_WORDS"]

#: So many lines are few.
FEW = 32
#: Lines that draw together, at most: a constant, so that compilers know that their lists do not overlap. Vectors are of
#: up to so many.
ROOM, VECTORS = 512, 16
#: What the lists tell: the line and the piece of the table; the number of the draw, and from bit 24 on the high half of
#: the step; its low half; the threshold; the slots that fire and those that are undecided.
LINE, PIECE, PLACE, STEP, THRESHOLD, FIRED, OPEN = range(7)
LATE, LOW, HALF = np.uint32(24), np.uint64(0xFFFFFFFF), np.uint64(32)
DRAWS = np.uint32((1 << 24) - 1)


def _list(count: int, piece: int, side: Any, mask: Any, table: Any, step: int, lists: Any) -> int:
    """Add lines of a piece that may fire to the lists; gives how many there are then."""
    values, factors, _, _, passes, _, _ = side
    vector, polarity = table[piece, VECTOR], np.float32(passes * table[piece, POLARITY])
    factor, when = factors[vector], np.uint64(step + vector)
    place = np.uint32(np.uint32(table[piece, DRAW]) | (np.uint32(when >> HALF) << LATE))
    for line in range(values.shape[1]):
        value = values[vector, line]
        lists[LINE, count], lists[PIECE, count], lists[OPEN, count] = line, piece, mask
        lists[PLACE, count], lists[STEP, count] = place, np.uint32(when & LOW)
        lists[THRESHOLD, count] = bits_of_float32(factor * abs(value))
        count += 0 if (value == np.float32(0)) | (polarity * value < np.float32(0)) else 1
    return count


def _address(number: int, lists: Any) -> tuple[Any, Any, Any]:
    """Line, number of the first draw, and step."""
    place = lists[PLACE, number]
    return lists[LINE, number], place & DRAWS, (np.uint64(place >> LATE) << HALF) | np.uint64(lists[STEP, number])


def _draw(count: int, side: Any, key: Any, lists: Any) -> None:
    """Compare the highest places of all integers; whole vectors, whatever the last one has beyond `count`."""
    rounding, stream = side[5], side[6]
    _, seed, tile = key
    whole = -(-count // VECTORS) * VECTORS
    for number in range(whole):
        line, _, when = _address(number, lists)
        chance = chance_of(float32_of_bits(lists[THRESHOLD, number]), rounding, line, when, seed, tile)
        lists[FIRED, number], lists[OPEN, number] = begin(chance, lists[OPEN, number])
        lists[THRESHOLD, number] = threshold(chance)
    for block in range(EAGER):
        for number in range(whole):
            line, draw, when = _address(number, lists)
            drawn = words(line, draw + np.uint32(block), when, stream, seed, tile)
            state = lists[THRESHOLD, number], block, drawn, lists[FIRED, number], lists[OPEN, number]
            lists[FIRED, number], lists[OPEN, number] = compare(*state)


def _settle(count: int, word: int, side: Any, table: Any, begin: int, key: Any, lists: Any, seen: Any) -> None:
    """Decide all slots of the listed lines and put them into the word; `seen` are those of a piece where any fires."""
    step, seed, tile = key
    for number in range(count):
        line, piece, bits = lists[LINE, number], lists[PIECE, number], lists[FIRED, number]
        if lists[OPEN, number] != np.uint32(0):
            address = step + table[piece, VECTOR], side[6], seed, tile
            state = lists[THRESHOLD, number], bits, lists[OPEN, number]
            bits = decide(*state, EAGER, line, table[piece, DRAW], address)
        seen[piece - begin] = np.uint32(seen[piece - begin] | bits)
        _put(bits, word, line, piece, side, table)


def _fire(word: int, side: Any, allowed: Any, table: Any, starts: Any, key: Any, lists: Any, seen: Any) -> None:
    """One side of a word: the slots where its lines fire among those that each piece allows."""
    begin, count = starts[word], 0
    _silence(word, side)
    for piece in range(begin, starts[word + 1]):
        if count + side[0].shape[1] > ROOM:
            _draw(count, side, key, lists)
            _settle(count, word, side, table, begin, key, lists, seen)
            count = 0
        if allowed[piece - begin] != np.uint32(0):
            count = _list(count, piece, side, allowed[piece - begin], table, key[0], lists)
    _draw(count, side, key, lists)
    _settle(count, word, side, table, begin, key, lists, seen)


def _silence(word: int, side: Any) -> None:
    positive, negative = side[2], side[3]
    for line in range(positive.shape[1]):
        positive[word, line] = np.uint32(0)
        negative[word, line] = np.uint32(0)


def _by_words(row: int, first: int, last: int, few: Any, others: Any, table: Any, starts: Any, key: Any) -> None:  # noqa: ARG001  # of all kernels
    masks, lists = masks_of(row, table, starts), np.empty((7, ROOM + 1), np.uint32)
    seen, unused = np.zeros(masks.size, np.uint32), np.empty(masks.size, np.uint32)
    _fire(row, few, masks, table, starts, key, lists, seen)
    if others[0].shape[1] > FEW:
        fire_lines(row, 0, others[0].shape[1], others, seen, table, starts, key)
    else:
        _fire(row, others, seen, table, starts, key, lists, unused)


def _put(bits: np.uint32, word: int, line: int, piece: int, side: Any, table: Any) -> None:
    """Set slots of a piece in the words of a line, those of the sign of its value."""
    values, positive, negative = side[0], side[2], side[3]
    bits = np.uint32(bits << np.uint32(table[piece, FIRST]))
    plus = values[table[piece, VECTOR], line] > np.float32(0)
    positive[word, line] = np.uint32(positive[word, line] | (bits if plus else np.uint32(0)))
    negative[word, line] = np.uint32(negative[word, line] | (np.uint32(0) if plus else bits))


def _piece_by_piece(row: int, first: int, last: int, few: Any, others: Any, table: Any, starts: Any, key: Any) -> None:  # noqa: ARG001  # of all kernels
    _silence(row, few)
    _silence(row, others)
    for piece in range(starts[row], starts[row + 1]):
        mask, seen = np.uint32(table[piece, MASK] >> table[piece, FIRST]), np.uint32(0)
        for line in range(few[0].shape[1]):
            bits = fired_in(piece, line, few, mask, table, key)
            seen = np.uint32(seen | bits)
            _put(bits, row, line, piece, few, table)
        for line in range(others[0].shape[1]):
            _put(fired_in(piece, line, others, seen, table, key), row, line, piece, others, table)


FEW_WORDS = Kernel(_by_words, per="row", cuda=_piece_by_piece)
