"""The words of the pulse trains of many lines: every line by itself.

What a kernel knows of a side of a batch is ``(values, factors, positive, negative, passes, rounding, stream)``: its
vectors, the factors of their probabilities, the words for positive and for negative values, whether passes over a
vector pair take values of one sign each (1) or all (0), how probabilities are rounded, and the stream of its slots.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analog.kernels import Kernel
from analog.pulses.bits import EAGER, begin, compare, decide, threshold
from analog.pulses.probability import chance_of
from analog.pulses.slots import DRAW, FIRST, MASK, POLARITY, VECTOR
from analog.random.philox import words

__all__ = ["BLOCK", "LINE_WORDS", "fire_lines", "fired_in", "masks_of"]

#: Lines of a row of the grid.
BLOCK = 256


def fired_in(piece: int, line: int, side: Any, allowed: np.uint32, table: Any, key: Any) -> np.uint32:
    """The slots of a piece of the table in which a line fires, from the lowest bit on, among those `allowed`."""
    values, factors, _, _, passes, rounding, stream = side
    step, seed, tile = key
    vector = table[piece, VECTOR]
    value, when = values[vector, line], step + vector
    if np.float32(passes * table[piece, POLARITY]) * value < np.float32(0):
        return np.uint32(0)
    chance = chance_of(factors[vector] * abs(value), rounding, line, when, seed, tile)
    bits, open_ = begin(chance, allowed)
    return decide(threshold(chance), bits, open_, 0, line, table[piece, DRAW], (when, stream, seed, tile))


def masks_of(word: int, table: Any, starts: Any) -> Any:
    """All slots of each piece of a word, from the lowest bit on."""
    masks = np.empty(starts[word + 1] - starts[word], np.uint32)
    for number in range(masks.size):
        piece = starts[word] + number
        masks[number] = np.uint32(table[piece, MASK] >> table[piece, FIRST])
    return masks


def _fire(
    piece: int, mask: Any, values: Any, offset: int, side: Any, table: Any, key: Any, fired: Any, undecided: Any
) -> None:
    """The slots of a piece in which lines fire, with a loop that becomes vector instructions."""
    _, factors, _, _, passes, rounding, stream = side
    step, seed, tile = key
    vector, draw = table[piece, VECTOR], table[piece, DRAW]
    polarity, factor, when = np.float32(passes * table[piece, POLARITY]), factors[vector], step + vector
    for place in range(values.size):
        chance = chance_of(factor * abs(values[place]), rounding, offset + place, when, seed, tile)
        bits, open_ = begin(chance, np.uint32(0) if polarity * values[place] < np.float32(0) else mask)
        for block in range(EAGER):
            drawn = words(offset + place, draw + block, when, stream, seed, tile)
            bits, open_ = compare(threshold(chance), block, drawn, bits, open_)
        fired[place], undecided[place] = bits, open_
    for place in range(values.size):
        if undecided[place] != np.uint32(0):
            chance = chance_of(factor * abs(values[place]), rounding, offset + place, when, seed, tile)
            state = threshold(chance), fired[place], undecided[place]
            fired[place] = decide(*state, EAGER, offset + place, draw, (when, stream, seed, tile))


def fire_lines(word: int, offset: int, last: int, side: Any, allowed: Any, table: Any, starts: Any, key: Any) -> None:
    """A word of up to `last` lines of a side, whose slots are those that each piece allows."""
    fired, undecided = np.empty(last, np.uint32), np.empty(last, np.uint32)
    positive, negative = side[2][word, offset : offset + last], side[3][word, offset : offset + last]
    for place in range(positive.size):
        positive[place] = np.uint32(0)
        negative[place] = np.uint32(0)
    for piece in range(starts[word], starts[word + 1]):
        mask = allowed[piece - starts[word]]
        if mask == np.uint32(0):
            continue
        values = side[0][table[piece, VECTOR], offset : offset + last]
        _fire(piece, mask, values, offset, side, table, key, fired, undecided)
        first = np.uint32(table[piece, FIRST])
        for place in range(values.size):
            bits = np.uint32(fired[place] << first)
            plus = values[place] > np.float32(0)
            positive[place] = np.uint32(positive[place] | (bits if plus else np.uint32(0)))
            negative[place] = np.uint32(negative[place] | (np.uint32(0) if plus else bits))


def _line(word: int, line: int, side: Any, table: Any, starts: Any, key: Any) -> None:
    values, positive, negative = side[0], side[2], side[3]
    plus, minus = np.uint32(0), np.uint32(0)
    for piece in range(starts[word], starts[word + 1]):
        mask = np.uint32(table[piece, MASK] >> table[piece, FIRST])
        bits = np.uint32(fired_in(piece, line, side, mask, table, key) << np.uint32(table[piece, FIRST]))
        if values[table[piece, VECTOR], line] > np.float32(0):
            plus = np.uint32(plus | bits)
        else:
            minus = np.uint32(minus | bits)
    positive[word, line], negative[word, line] = plus, minus


def _by_rows(row: int, first: int, last: int, x: Any, d: Any, table: Any, starts: Any, key: Any) -> None:  # noqa: ARG001  # of all kernels
    """A row of the grid is a word of `last` lines: first the blocks of lines of `x`, then those of `d`."""
    block, word = divmod(row, starts.size - 1)
    x_blocks, masks = -(-x[0].shape[1] // last), masks_of(word, table, starts)
    if block < x_blocks:
        fire_lines(word, block * last, last, x, masks, table, starts, key)
    else:
        fire_lines(word, (block - x_blocks) * last, last, d, masks, table, starts, key)


def _by_elements(row: int, first: int, last: int, x: Any, d: Any, table: Any, starts: Any, key: Any) -> None:
    block, word = divmod(row, starts.size - 1)
    x_blocks = -(-x[0].shape[1] // BLOCK)
    for place in range(first, last):
        line = block * BLOCK + place
        if block < x_blocks:
            if line < x[0].shape[1]:
                _line(word, line, x, table, starts, key)
        elif line - x_blocks * BLOCK < d[0].shape[1]:
            _line(word, line - x_blocks * BLOCK, d, table, starts, key)


LINE_WORDS = Kernel(_by_rows, cuda=_by_elements)
