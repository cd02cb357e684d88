"""Devices stepped through their pulses, many columns of a row at once: the same bits as `analog.pulses.sequence`.

Columns are sorted by how many pulses they get; then, pulse after pulse, those that still have one take it, with loops
over columns that become vector instructions.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from analog.kernels import Kernel
from analog.pulses.queue import WORDS, fill, fires, sort
from analog.pulses.row_pulses import fours_of_columns, pulse_of_column, room_for_fours, up_to_lanes
from analog.pulses.sequence import Function, sequence, walk_slots
from analog.pulses.trains import coincidences

__all__ = ["rounds", "rounds_of_row"]

THREE = np.uint32(3)


@lru_cache(maxsize=1024)
def _pulsing(step: Function, normals: int) -> Function:
    """``pulse(w, count, place, had, ends, line, numbers, bounds, values)``: the pulse `place` of the first columns."""
    pulsed = pulse_of_column(step, normals)

    def pulse(
        w: Any, count: int, place: int, had: Any, ends: Any, line: Any, numbers: Any, bounds: Any, values: Any
    ) -> None:
        bit, here = np.uint32(1 << (place % 32)), np.uint32(place)
        for column in range(count):
            direction = np.float32(1) if np.uint32(line[column] & bit) != np.uint32(0) else np.float32(-1)
            after = pulsed(w[column], direction, place, column, numbers, bounds, values)
            # Fewer than four pulses of an earlier round come first.
            w[column] = after if (np.uint32(had[column] & THREE) <= here) & (here < ends[column]) else w[column]

    return pulse


@lru_cache(maxsize=1024)
def rounds_of_row(step: Function, gathered: Function, normals: int) -> Function:
    """``through(row, device, pulses, chosen)``: step the devices of the columns of a row where `chosen` (uint8) is 1.

    Parameters
    ----------
    step, gathered : callable
        Of a `Bound`.
    normals : int
        Normal numbers per pulse.
    """
    turn = _turn(step, gathered, normals)

    def through(row: int, device: Any, pulses: Any, chosen: Any) -> None:
        (parts, source), last, own = pulses, chosen.size, len(device[3])
        wide = up_to_lanes(last)
        lines, words = np.empty((WORDS, wide), np.uint32), np.zeros((8, wide), np.uint32)
        done, ends, order = words[0], words[1], words[2]
        room = words[3:6], np.empty((own + 3, wide), np.float32), room_for_fours(normals, wide)
        active, word = np.empty(32 * WORDS + 1, np.int64), 0
        while word < parts:
            for column in range(wide):
                ends[column] = done[column] & THREE
            word, used = fill(row, word, source, lines, ends, words[6:])
            if used == 0:
                continue
            for column in range(last):
                some = (ends[column] > np.uint32(done[column] & THREE)) & (chosen[column] > 0)
                ends[column] = ends[column] if some else np.uint32(0)
            end = sort(ends[:last], order, active)
            turn(row, device, end, (done, ends, lines), (order, active), room)
            for column in range(last):
                more = np.uint32(ends[column] - min(ends[column], np.uint32(done[column] & THREE)))
                done[column] = np.uint32(done[column] + more)

    return through


@lru_cache(maxsize=1024)
def _turn(step: Function, gathered: Function, normals: int) -> Function:
    """``turn(row, device, end, queue, columns, room)``: the pulses that are in the lines of a row.

    `queue` is how many pulses columns had, where their lines end, and these; `columns` is what `sort` gives.
    """
    draw, pulse = fours_of_columns(normals), _pulsing(step, normals)

    def turn(row: int, device: Any, end: int, queue: Any, columns: Any, room: Any) -> None:
        weights, address = device[0], device[4]
        (done, ends, lines), (order, active), (words, values, numbers) = queue, columns, room
        had, until, line, some = words[0], words[1], words[2], order[: up_to_lanes(active[1])]
        w, bounds, arguments = gathered(row, some, device, values)
        for place in range(some.size):
            had[place], until[place] = done[some[place]], ends[some[place]]
        for place in range(end):
            count = up_to_lanes(active[place + 1])
            if place % 32 == 0:
                for number in range(count):
                    line[number] = lines[place // 32, order[number]]
            if place % 4 == 0:
                draw(numbers, count, place, had, order, row * weights.shape[1], address)
            pulse(w, count, place, had, until, line, numbers, bounds, arguments)
        for place in range(active[1]):
            weights[row, order[place]] = w[place]

    return turn


@lru_cache(maxsize=1024)
def rounds(step: Function, gathered: Function, normals: int) -> Kernel:
    """The kernel for `Trains`; parameters as of `rounds_of_row`."""
    through = rounds_of_row(step, gathered, normals)

    def body(row: int, first: int, last: int, device: Any, pulses: Any) -> None:  # noqa: ARG001  # of all kernels
        if fires(row, *pulses):
            through(row, device, pulses, np.ones(last, np.uint8))

    return Kernel(body, cuda=sequence(walk_slots(step, normals, coincidences)).body)
