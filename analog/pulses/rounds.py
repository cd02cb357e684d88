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
from analog.kernels.bits import popcount32, popcount64
from analog.kernels.half import widened
from analog.pulses.sequence import sequence
from analog.pulses.squeeze import squeeze, squeezing
from analog.pulses.trains import Trains
from analog.random.distributions import normals4

__all__ = ["rounds"]

#: Slots of a word of 64 that may be used, so that up to three pulses of a round that began earlier have room.
ROOM = 60


def _gather(array: Any, row: int, order: Any) -> Any:
    """The values of a row's columns in that order, as one row."""
    values = np.empty((1, order.size), array.dtype)
    for place in range(order.size):
        values[0, place] = array[row, order[place]]
    return values


def _fill(row: int, word: int, source: Any, slots: Any, ups: Any) -> int:
    """Squeeze words of the trains into 64 bits per column; gives the number of the first word that has no room.

    `slots` are those with a pulse, `ups` those whose pulse increases the weight.
    """
    x_positive, x_negative, d_positive, d_negative, _ = source
    used = np.uint64(0)
    for column in range(slots.size):
        slots[column], ups[column] = np.uint64(0), np.uint64(0)
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
                slots[column] |= np.uint64(squeeze(either, moves)) << used
                ups[column] |= np.uint64(squeeze(up, moves)) << used
            used += more
        word += 1
    return word


def _sort(slots: Any, done: Any, order: Any, active: Any) -> int:
    """Order columns by the end of their pulses, the latest first; gives the last end.

    ``active[n]`` becomes how many columns have a pulse at place ``n - 1`` or later. Places count from the last multiple
    of four of a column's pulses `done`, so that a round is one draw of four numbers.
    """
    for place in range(active.size):
        active[place] = 0
    for column in range(slots.size):
        active[_end(slots[column], done[column])] += 1
    total, last = 0, 0
    for end in range(active.size - 1, -1, -1):
        here = active[end]
        active[end] = total
        total += here
        if here > 0 and last == 0:
            last = end
    for column in range(slots.size):
        end = _end(slots[column], done[column])
        order[active[end]] = column
        active[end] += 1
    return last


def _end(slots: np.uint64, done: np.int32) -> int:
    return int(popcount64(slots)) + int(done % 4)


@lru_cache(maxsize=1024)
def _round(step: Callable[..., Any], normals: int) -> Callable[..., Any]:
    """The next four pulses of a device, with the numbers of that place of its sequence."""

    def numbers(element: Any, block: Any, address: Any) -> Any:
        when, stream, seed, tile = address
        return normals4(element, block, when, stream, seed, tile)

    def pulse(state: Any, early: bool, normal: Any, normal2: Any, bounds: Any, place: int, arguments: Any) -> Any:
        w, slots, ups = state
        lowest = np.uint64(slots & (np.uint64(0) - slots))
        direction = np.float32(1) if np.uint64(ups & lowest) != np.uint64(0) else np.float32(-1)
        after = step(w, direction, normal, normal2, 0, place, arguments)
        after = min(max(after, bounds[0]), bounds[1])
        idle = early | (slots == np.uint64(0))
        return w if idle else after, slots if idle else np.uint64(slots ^ lowest), ups

    def four(
        state: Any, skip: int, block: Any, element: Any, bounds: Any, place: int, arguments: Any, address: Any
    ) -> Any:
        zero = np.float32(0)
        a, b, c, d, a2, b2, c2, d2 = zero, zero, zero, zero, zero, zero, zero, zero
        if normals == 1:
            a, b, c, d = numbers(element, block, address)
        elif normals == 2:
            a, a2, b, b2 = numbers(element, 2 * block, address)
            c, c2, d, d2 = numbers(element, 2 * block + 1, address)
        state = pulse(state, skip > 0, a, a2, bounds, place, arguments)
        state = pulse(state, skip > 1, b, b2, bounds, place, arguments)
        state = pulse(state, skip > 2, c, c2, bounds, place, arguments)
        return pulse(state, False, d, d2, bounds, place, arguments)

    return four


@lru_cache(maxsize=1024)
def rounds(step: Callable[..., Any], gathered: Callable[..., Any], normals: int) -> Kernel:
    """The kernel for `Trains`; ``gathered(take, row, order, arguments)`` gives the arguments of columns in an order."""
    four = _round(step, normals)

    def body(
        row: int,
        first: int,  # noqa: ARG001  # of all kernels
        last: int,
        weights: Any,
        min_bound: Any,
        max_bound: Any,
        parts: int,  # noqa: ARG001  # of all kernels
        runs: int,  # noqa: ARG001  # of all kernels
        source: Any,
        arguments: Any,
        address: Any,
    ) -> None:
        words = np.empty((2, last), np.uint64)
        order, done, active = np.empty(last, np.int32), np.zeros(last, np.int32), np.empty(ROOM + 4, np.int64)
        word = 0
        while word < source[0].shape[0]:
            word = _fill(row, word, source, words[0], words[1])
            end = _sort(words[0], done, order, active)
            if end == 0:
                continue
            w = _gather(weights, row, order)[0]
            least, most = _gather(min_bound, row, order)[0], _gather(max_bound, row, order)[0]
            slots, ups = _gather(words, 0, order)[0], _gather(words, 1, order)[0]
            values = gathered(_gather, row, order, arguments)
            start = _gather(done.reshape(1, -1), 0, order)[0]
            for place in range(0, end, 4):
                for column in range(active[place + 1]):
                    state = w[column], slots[column], ups[column]
                    skip = start[column] % 4 - place
                    block = (start[column] + place) // 4
                    element = row * last + order[column]
                    bounds = widened(least[column]), widened(most[column])
                    state = four(state, skip, block, element, bounds, column, values, address)
                    w[column], slots[column] = state[0], state[1]
            for column in range(last):
                done[order[column]] += np.int32(popcount64(words[0, order[column]]))
                weights[row, order[column]] = w[column]

    return Kernel(body, cuda=sequence(step, normals, Trains.count).body)
