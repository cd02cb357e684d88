"""Devices stepped through their pulses, many columns of a row at once: the same bits as `analog.pulses.sequence`.

A row has pulses only in the slots in which its own line fires, so the trains of its columns are squeezed to these
slots. Columns are sorted by how many pulses they get; then round after round those that still have some take their next
four, with loops over columns that become vector instructions.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from analog.kernels import Kernel
from analog.kernels.bits import popcount32
from analog.kernels.half import widened
from analog.pulses.sequence import sequence
from analog.pulses.squeeze import squeeze, squeezing
from analog.pulses.trains import Trains
from analog.random.distributions import normals4

__all__ = ["rounds", "rounds_of_row"]

#: Slots of a word of 64 that may be used, so that up to three pulses of a round that began earlier have room.
ROOM = 60
LOW, HALF = np.uint64(0xFFFFFFFF), np.uint64(32)


def _gather(array: Any, row: int, order: Any) -> Any:
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


def _fill(row: int, word: int, source: Any, slots: Any, ups: Any) -> tuple[int, Any]:
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


def _line_up(slots: Any, ups: Any, done: Any, chosen: Any, directions: Any, ends: Any) -> None:
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


def _sort(ends: Any, order: Any, active: Any) -> int:
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


@lru_cache(maxsize=3)
def _drawing(normals: int) -> Callable[..., None]:
    """``draw(numbers, count, place, start, order, before, address)``: what the next four pulses of columns take."""

    def draw(numbers: Any, count: int, place: int, start: Any, order: Any, before: int, address: Any) -> None:
        when, stream, seed, tile = address
        for part in range(normals):
            for column in range(count):
                element = before + order[column]
                block = (start[column] + place) // 4 * normals + part
                one, two, three, four = normals4(element, block, when, stream, seed, tile)
                numbers[4 * part, column] = one
                numbers[4 * part + 1, column] = two
                numbers[4 * part + 2, column] = three
                numbers[4 * part + 3, column] = four

    return draw


@lru_cache(maxsize=1024)
def rounds_of_row(step: Callable[..., Any], gathered: Callable[..., Any], normals: int) -> Callable[..., None]:
    """``through(row, weights, min_bound, max_bound, parts, runs, source, arguments, address, chosen)``: step a row.

    Its devices of the columns where `chosen` (uint8) is 1 take their pulses; ``gathered(take, row, order, arguments)``
    gives the arguments of columns in an order.
    """
    draw = _drawing(normals)

    def through(
        row: int,
        weights: Any,
        min_bound: Any,
        max_bound: Any,
        parts: int,
        runs: int,  # noqa: ARG001  # of all ways
        source: Any,
        arguments: Any,
        address: Any,
        chosen: Any,
    ) -> None:
        last = chosen.size
        slots, ups = np.empty(last, np.uint64), np.empty(last, np.uint64)
        directions, ends = np.empty((2, last), np.uint32), np.empty((1, last), np.uint32)
        done, every = np.zeros((1, last), np.uint32), np.empty(last, np.uint32)
        active, numbers = np.empty(68, np.int64), np.zeros((max(4 * normals, 1), last), np.float32)
        word = 0
        while word < parts:
            word, used = _fill(row, word, source, slots, ups)
            if used == 0:
                continue
            _line_up(slots, ups, done[0], chosen, directions, ends[0])
            end = _sort(ends[0], every, active)
            order = every[: active[1]]
            w = _gather(weights, row, order)[0]
            least, most = _gather(min_bound, row, order)[0], _gather(max_bound, row, order)[0]
            start, values = _gather(done, 0, order)[0], gathered(_gather, row, order, arguments)
            for place in range(end):
                if place % 32 == 0:
                    line = _gather(directions, place // 32, order)[0]
                if place % 4 == 0:
                    draw(numbers, active[place + 1], place, start, order, row * last, address)
                shift, here = np.uint32(place % 32), np.uint32(place)
                number = place % 4 * normals
                for column in range(active[place + 1]):
                    direction = np.float32(1) if (line[column] >> shift) & np.uint32(1) else np.float32(-1)
                    normal = numbers[number, column] if normals > 0 else np.float32(0)
                    normal2 = numbers[number + 1, column] if normals > 1 else np.float32(0)
                    after = step(w[column], direction, normal, normal2, 0, column, values)
                    after = min(max(after, widened(least[column])), widened(most[column]))
                    # Fewer than four pulses of an earlier round come first.
                    w[column] = w[column] if (start[column] & np.uint32(3)) > here else after
            for place in range(order.size):
                column = order[place]
                weights[row, column] = w[place]
                done[0, column] += ends[0, column] - (start[place] & np.uint32(3))

    return through


@lru_cache(maxsize=1024)
def rounds(step: Callable[..., Any], gathered: Callable[..., Any], normals: int) -> Kernel:
    """The kernel for `Trains`; parameters as of `rounds_of_row`."""
    through = rounds_of_row(step, gathered, normals)

    def body(
        row: int,
        first: int,  # noqa: ARG001  # of all kernels
        last: int,
        weights: Any,
        min_bound: Any,
        max_bound: Any,
        parts: int,
        runs: int,
        source: Any,
        arguments: Any,
        address: Any,
    ) -> None:
        if fires(row, parts, source):
            chosen = np.ones(last, np.uint8)
            through(row, weights, min_bound, max_bound, parts, runs, source, arguments, address, chosen)

    return Kernel(body, cuda=sequence(step, normals, Trains.count).body)
