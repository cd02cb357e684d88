"""Devices stepped through their pulses, many columns of a row at once: the same bits as `analog.pulses.sequence`.

Columns are sorted by how many pulses they get; then, pulse after pulse, those that still have one take it, with loops
over columns that become vector instructions.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from analog.kernels import Kernel
from analog.pulses.queue import fill, fires, gather, line_up, sort
from analog.pulses.row_pulses import fours_of_columns, pulse_of_column, room_for_fours
from analog.pulses.sequence import Function, sequence, walk_slots
from analog.pulses.trains import coincidences

__all__ = ["rounds", "rounds_of_row"]


@lru_cache(maxsize=1024)
def _pulsing(step: Function, normals: int) -> Function:
    """``pulse(w, count, place, start, line, numbers, bounds, values)``: pulse number `place` of the first columns."""
    pulsed = pulse_of_column(step, normals)

    def pulse(w: Any, count: int, place: int, start: Any, line: Any, numbers: Any, bounds: Any, values: Any) -> None:
        shift, here = np.uint32(place % 32), np.uint32(place)
        for column in range(count):
            direction = np.float32(1) if (line[column] >> shift) & np.uint32(1) else np.float32(-1)
            after = pulsed(w[column], direction, place, column, numbers, bounds, values)
            # Fewer than four pulses of an earlier round come first.
            w[column] = w[column] if (start[column] & np.uint32(3)) > here else after

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
    draw, pulse = fours_of_columns(normals), _pulsing(step, normals)

    def through(row: int, device: Any, pulses: Any, chosen: Any) -> None:
        weights, min_bound, max_bound, arguments, address = device
        (parts, source), last = pulses, chosen.size
        slots, ups = np.empty(last, np.uint64), np.empty(last, np.uint64)
        directions, ends = np.empty((2, last), np.uint32), np.empty((1, last), np.uint32)
        done, every = np.zeros((1, last), np.uint32), np.empty(last, np.uint32)
        active, numbers = np.empty(68, np.int64), room_for_fours(normals, last)
        word = 0
        while word < parts:
            word, used = fill(row, word, source, slots, ups)
            if used == 0:
                continue
            line_up(slots, ups, done[0], chosen, directions, ends[0])
            end = sort(ends[0], every, active)
            order = every[: active[1]]
            start, w = gather(done, 0, order)[0], gather(weights, row, order)[0]
            bounds = gather(min_bound, row, order)[0], gather(max_bound, row, order)[0]
            values = gathered(gather, row, order, arguments)
            for place in range(end):
                count = active[place + 1]
                if place % 32 == 0:
                    line = gather(directions, place // 32, order)[0]
                if place % 4 == 0:
                    draw(numbers, count, place, start, order, row * last, address)
                pulse(w, count, place, start, line, numbers, bounds, values)
            for place in range(order.size):
                column = order[place]
                weights[row, column] = w[place]
                done[0, column] += ends[0, column] - (start[place] & np.uint32(3))

    return through


@lru_cache(maxsize=1024)
def rounds(step: Function, gathered: Function, normals: int) -> Kernel:
    """The kernel for `Trains`; parameters as of `rounds_of_row`."""
    through = rounds_of_row(step, gathered, normals)

    def body(row: int, first: int, last: int, device: Any, pulses: Any) -> None:  # noqa: ARG001  # of all kernels
        if fires(row, *pulses):
            through(row, device, pulses, np.ones(last, np.uint8))

    return Kernel(body, cuda=sequence(walk_slots(step, normals, coincidences)).body)
