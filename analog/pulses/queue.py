"""What a row does next: the pulses of every column in a line, and the columns in order of their number.

A row has pulses only in the slots in which its own line fires. Each of these adds a bit to the lines of the columns
that fire too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analog.kernels.bits import popcount32

__all__ = ["WORDS", "fill", "fires", "sort"]

#: Words of a line, and slots for which it has room behind up to three pulses of a round that began earlier.
WORDS = 8
ROOM = 32 * WORDS - 3
#: Slots that go through the columns together, and that are collected before they go to lines: the mark behind the last
#: one has to stay in the word.
TOGETHER, MOST = 4, 28
NONE, ONE = np.uint32(0), np.uint32(1)


def fires(row: int, parts: int, source: Any) -> bool:
    """Whether the row's line fires at all."""
    _, _, d_positive, d_negative, _ = source
    any_slot = NONE
    for word in range(parts):
        any_slot = np.uint32(any_slot | d_positive[word, row] | d_negative[word, row])
    return bool(any_slot != NONE)


def fill(row: int, word: int, source: Any, lines: Any, ends: Any, collected: Any) -> tuple[int, int]:
    """Put the pulses of words of the trains next to each other, for every column.

    Bit ``n % 32`` of ``lines[n // 32, column]`` becomes 1 where pulse `n` of a column increases the weight. The first
    one comes where `ends` says, up to 3; afterwards it says where the last one ends. `collected` is memory for two
    words per column. Gives the number of the first word that has no room, and how many slots there are.
    """
    _, _, d_positive, d_negative, _ = source
    bits, marks = collected[0], collected[1]
    for column in range(ends.size):
        bits[column], marks[column] = NONE, ONE
    for number in range(WORDS):
        for column in range(ends.size):
            lines[number, column] = NONE
    used, waiting = 0, 0
    while word < d_positive.shape[0]:
        slots = np.uint32(d_positive[word, row] | d_negative[word, row])
        more: Any = np.int64(popcount32(slots))
        if used + more > ROOM:
            break
        used += more
        while slots != NONE:
            if waiting == MOST:
                _flush(used, bits, marks, lines, ends)
                waiting = 0
            first, slots = _lowest(slots)
            second, slots = _lowest(slots)
            third, slots = _lowest(slots)
            fourth, slots = _lowest(slots)
            _collect((first, second, third, fourth), word, row, source, bits, marks)
            waiting += TOGETHER
        word += 1
    _flush(used, bits, marks, lines, ends)
    return word, used


def _lowest(slots: Any) -> Any:
    """The lowest bit that is set, and the others; without any, nothing twice."""
    others = np.uint32(slots & np.uint32(slots - min(slots, ONE)))
    return np.uint32(slots ^ others), others


def _collect(four: Any, word: int, row: int, source: Any, bits: Any, marks: Any) -> None:
    """Add slots of a word, in order of time, each a word of one bit or of none."""
    x_positive, x_negative, d_positive, d_negative, _ = source
    plus, minus = d_positive[word, row], d_negative[word, row]
    first, second, third, fourth = four
    for column in range(x_positive.shape[1]):
        x_plus, x_minus = x_positive[word, column], x_negative[word, column]
        either, up = np.uint32(x_plus | x_minus), np.uint32((x_plus & minus) | (x_minus & plus))
        line, mark = _add(first, either, up, bits[column], marks[column])
        line, mark = _add(second, either, up, line, mark)
        line, mark = _add(third, either, up, line, mark)
        bits[column], marks[column] = _add(fourth, either, up, line, mark)


def _add(slot: Any, either: Any, up: Any, line: Any, mark: Any) -> Any:
    line = np.uint32(line | mark) if np.uint32(up & slot) != NONE else line
    return line, np.uint32(mark + mark) if np.uint32(either & slot) != NONE else mark


def _flush(used: int, bits: Any, marks: Any, lines: Any, ends: Any) -> None:
    """Append what was collected to the lines, which are not longer than `used` slots and three pulses then."""
    for number in range((used + 3) // 32 + 1):
        for column in range(ends.size):
            place, shift = np.uint32(ends[column] >> np.uint32(5)), np.uint32(ends[column] & np.uint32(31))
            low = np.uint32(bits[column] << shift)
            high = np.uint32(np.uint32(bits[column] >> ONE) >> np.uint32(np.uint32(31) - shift))
            here = low if place == np.uint32(number) else NONE
            here = high if np.uint32(place + ONE) == np.uint32(number) else here
            lines[number, column] = np.uint32(lines[number, column] | here)
    for column in range(ends.size):
        ends[column] = np.uint32(ends[column] + popcount32(np.uint32(marks[column] - ONE)))
        bits[column], marks[column] = NONE, ONE


def sort(ends: Any, order: Any, active: Any) -> int:
    """Order columns by the end of their pulses, the latest first; gives the last end.

    ``active[n]`` becomes how many columns have an end of `n` or later.
    """
    for place in range(active.size):
        active[place] = 0
    for column in range(ends.size):
        active[ends[column]] += 1
    total, last = 0, 0
    for end in range(active.size - 1, -1, -1):
        here = active[end]
        active[end] = total
        total += here
        if here > 0 and last == 0:
            last = end
    for column in range(ends.size):
        order[active[ends[column]]] = column
        active[ends[column]] += 1
    return last
