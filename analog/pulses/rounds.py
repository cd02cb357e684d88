"""Devices stepped through their pulses, many columns of a row at once: the same bits as `analog.pulses.sequence`.

Columns are sorted by how many pulses they get; then, pulse after pulse, those that still have one take it, with loops
over columns that become vector instructions.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from analog.kernels import Kernel
from analog.kernels.half import widened
from analog.pulses.queue import fill, fires, gather, line_up, sort
from analog.pulses.sequence import sequence, walk_slots
from analog.pulses.trains import coincidences
from analog.random.distributions import normals4

__all__ = ["rounds", "rounds_of_row"]


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


def _pulsing(step: Callable[..., Any], normals: int) -> Callable[..., None]:
    """``pulse(w, count, place, start, line, numbers, bounds, values)``: pulse number `place` of the first columns."""

    def pulse(w: Any, count: int, place: int, start: Any, line: Any, numbers: Any, bounds: Any, values: Any) -> None:
        least, most = bounds
        shift, here = np.uint32(place % 32), np.uint32(place)
        number = place % 4 * normals
        for column in range(count):
            direction = np.float32(1) if (line[column] >> shift) & np.uint32(1) else np.float32(-1)
            normal = numbers[number, column] if normals > 0 else np.float32(0)
            normal2 = numbers[number + 1, column] if normals > 1 else np.float32(0)
            after = step(w[column], direction, normal, normal2, 0, column, values)
            after = min(max(after, widened(least[column])), widened(most[column]))
            # Fewer than four pulses of an earlier round come first.
            w[column] = w[column] if (start[column] & np.uint32(3)) > here else after

    return pulse


@lru_cache(maxsize=1024)
def rounds_of_row(step: Callable[..., Any], gathered: Callable[..., Any], normals: int) -> Callable[..., None]:
    """``through(row, weights, min_bound, max_bound, parts, runs, source, arguments, address, chosen)``: step a row.

    Its devices of the columns where `chosen` (uint8) is 1 take their pulses; ``gathered(take, row, order, arguments)``
    gives the arguments of columns in an order.
    """
    draw, pulse = _drawing(normals), _pulsing(step, normals)

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
            word, used = fill(row, word, source, slots, ups)
            if used == 0:
                continue
            line_up(slots, ups, done[0], chosen, directions, ends[0])
            end = sort(ends[0], every, active)
            order = every[: active[1]]
            w, start = gather(weights, row, order)[0], gather(done, 0, order)[0]
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

    return Kernel(body, cuda=sequence(walk_slots(step, normals, coincidences)).body)
