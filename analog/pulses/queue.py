"""What is before the devices of a row: the pulses of every column in a line, and the columns in order of their number.

A row has pulses only in the slots in which its own line fires: to these the trains of its columns are squeezed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analog.kernels.bits import popcount32
from analog.pulses.squeeze import squeeze, squeezing

__all__ = ["ROOM", "fill", "fires", "gather", "line_up", "sort"]

#: Slots of a word of 64 that may be used, so that up to three pulses of a round that began earlier have room.
ROOM = 60
LOW, HALF = np.uint64(0xFFFFFFFF), np.uint64(32)


def gather(array: Any, row: int, order: Any) -> Any:
    """The values of a row's columns in that order, as one row."""
    values = np.empty((1, order.size), array.dtype)
    for place in range(order.size):
        values[0, place] = array[row, order[place]]
    return values


def fires(row: int, parts: int, source: Any) -> bool:
    """Whether the row's line fires at all."""
    _, _, d_positive, d_negative, _ = source
    any_slot = np.uint32(0)
    for word in range(parts):
        any_slot = np.uint32(any_slot | d_positive[word, row] | d_negative[word, row])
    return bool(any_slot != np.uint32(0))


def fill(row: int, word: int, source: Any, slots: Any, ups: Any) -> tuple[int, Any]:
    """Squeeze words of the trains into 64 bits per column.

    `slots` are those with a pulse, `ups` those whose pulse increases the weight. Gives the number of the first word
    that has no room, and how many slots are used.
    """
    x_positive, x_negative, d_positive, d_negative, _ = source
    used = np.uint64(0)
    while word < d_positive.shape[0]:
        plus, minus = d_positive[word, row], d_negative[word, row]
        fires = np.uint32(plus | minus)
        more = np.uint64(popcount32(fires))
        if used + more > ROOM:
            break
        if more > 0:
            moves = squeezing(fires)
            for column in range(slots.size):
                x_plus, x_minus = x_positive[word, column], x_negative[word, column]
                either = np.uint32((x_plus | x_minus) & fires)
                up = np.uint32((x_plus & minus) | (x_minus & plus))
                slots[column] = np.uint64(squeeze(either, moves)) << used | (
                    slots[column] if used > 0 else np.uint64(0)
                )
                ups[column] = np.uint64(squeeze(up, moves)) << used | (ups[column] if used > 0 else np.uint64(0))
            used += more
        word += 1
    return word, used


def line_up(slots: Any, ups: Any, done: Any, chosen: Any, directions: Any, ends: Any) -> None:
    """Write the pulses of a column next to each other: bit ``n`` of its `directions` says whether pulse ``n`` is up.

    They count from the last multiple of four of those that it had before (`done`), so that a round is one draw of four
    numbers; they end at `ends`, which is 0 if there are none, or if the column is not `chosen`.
    """
    for column in range(slots.size):
        low, high = np.uint32(slots[column] & LOW), np.uint32(slots[column] >> HALF)
        first = np.uint64(squeeze(np.uint32(ups[column] & LOW), squeezing(low)))
        second = np.uint64(squeeze(np.uint32(ups[column] >> HALF), squeezing(high)))
        skip = np.uint64(done[column]) & np.uint64(3)
        line = np.uint64((first | (second << np.uint64(popcount32(low)))) << skip)
        directions[0, column] = np.uint32(line & LOW)
        directions[1, column] = np.uint32(line >> HALF)
        pulses = np.uint64(popcount32(low)) + np.uint64(popcount32(high))
        ends[column] = np.uint32(pulses + skip if (pulses > 0) & (chosen[column] > 0) else np.uint64(0))


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
