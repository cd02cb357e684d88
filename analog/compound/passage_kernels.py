"""The kernels of `analog.compound.passage`.

Their arguments: weights, bounds, arguments of the law and address of a device; its pulses; where the reads of each line
begin among all reads in the order of lines, these, which line each read is of, and how many runs of pulses come before
it; by what pulses are multiplied after it; what is read, which is written; whether lines are rows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from analog.kernels import Kernel
from analog.kernels.half import widened
from analog.pulses import Trains
from analog.pulses.row_normals import normals_of_row
from analog.pulses.runs import RUNS, add_pulses, row_of, stepping
from analog.pulses.sequence import lane_of
from analog.pulses.slots import VECTOR
from analog.random.distributions import normal_of, normals4

__all__ = ["by_runs", "by_steps"]

Function = Callable[..., Any]


@lru_cache(maxsize=1024)
def by_steps(step: Function, normals: int, count: Function) -> Kernel:
    """For a device that is stepped pulse by pulse.

    Parameters
    ----------
    step : callable
        Of a `Bound`.
    normals : int
        Normal numbers per pulse.
    count : callable
        ``count(run, row, column, source)`` gives the pulses of a run.
    """
    return Kernel(_by_elements(_steps(step, normals, count)))


@lru_cache(maxsize=1024)
def by_runs(run: Function, normals: int, gathered: Function) -> Kernel:
    """For a device whose law has a closed form for the pulses of a vector pair: see `analog.pulses.runs`.

    Parameters
    ----------
    run, normals, gathered
        Of a `Bound` of that form.
    """
    return Kernel(_by_rows(run, normals, gathered), cuda=_by_elements(_runs(run, normals)))


@lru_cache(maxsize=1024)
def _steps(step: Function, normals: int, count: Function) -> Function:
    """``advance(going, first, last, sign, bounds, place, source, arguments, address)``: through runs of pulses.

    `going` is the weight, the number of the next pulse, and the four normal numbers that it takes one of.
    """
    each = 4 // max(normals, 1)

    def advance(
        going: Any, first: int, last: int, sign: Any, bounds: Any, place: Any, source: Any, arguments: Any, address: Any
    ) -> Any:
        w, ordinal, four = going
        element, row, column = place
        when, stream, seed, tile = address
        for run in range(first, last):
            pulses = count(run, row, column, source)
            direction = sign if pulses > 0 else -sign
            for _ in range(abs(pulses)):
                lane = ordinal % each * normals
                if normals > 0 and lane == 0:
                    four = normals4(element, ordinal // each, when, stream, seed, tile)
                normal = lane_of(four, lane) if normals > 0 else np.float32(0)
                normal2 = lane_of(four, lane + 1) if normals > 1 else np.float32(0)
                w = step(w, direction, normal, normal2, row, column, arguments)
                w = min(max(w, bounds[0]), bounds[1])
                ordinal += 1
        return w, ordinal, four

    return advance


@lru_cache(maxsize=1024)
def _runs(run: Function, normals: int) -> Function:
    """The same for laws that have a closed form."""
    stepped, counted = stepping(run), Trains.count

    def advance(
        going: Any, first: int, last: int, sign: Any, bounds: Any, place: Any, source: Any, arguments: Any, address: Any
    ) -> Any:
        w, ordinal, four = going
        element, row, column = place
        table, total = source[4], np.int64(0)
        for piece in range(first, last):
            total += counted(piece, row, column, source)
            vector = table[piece, VECTOR]
            if total == 0 or (piece + 1 < last and table[piece + 1, VECTOR] == vector):
                continue
            normal = normal_of(element, RUNS + vector, *address) if normals > 0 else np.float32(0)
            w = stepped(w, sign * np.float32(total), normal, bounds, row, column, arguments)
            total = np.int64(0)
        return w, ordinal, four

    return advance


@lru_cache(maxsize=1024)
def _by_elements(advance: Function) -> Callable[..., None]:
    """Crosspoint by crosspoint."""

    def body(
        row: int,
        first: int,
        last: int,
        device: Any,
        pulses: Any,
        when: Any,
        turns: Any,
        held: Any,
        lines_are_rows: bool,
    ) -> None:
        weights, min_bound, max_bound, arguments, address = device
        runs, source = pulses
        starts, order, _, ends = when
        for column in range(first, last):
            line, element = (row, column) if lines_are_rows else (column, row)
            place = row * weights.shape[1] + column, row, column
            bounds = widened(min_bound[row, column]), widened(max_bound[row, column])
            zero, sign = np.float32(0), np.float32(1)
            going = weights[row, column], np.int64(0), (zero, zero, zero, zero)
            run = np.int64(0)
            for turn in range(starts[line], starts[line + 1]):
                number = order[turn]
                going = advance(going, run, ends[number], sign, bounds, place, source, arguments, address)
                run = ends[number]
                held[element, number] = going[0]
                sign *= turns[number]
            going = advance(going, run, runs, sign, bounds, place, source, arguments, address)
            weights[row, column] = going[0]

    return body


@lru_cache(maxsize=1024)
def _by_rows(run: Function, normals: int, gathered: Function) -> Callable[..., None]:
    """Whole rows, vector pair after vector pair, with loops over columns that become vector instructions."""
    stepped = stepping(run)

    def body(
        row: int,
        first: int,  # noqa: ARG001  # of all kernels
        last: int,
        device: Any,
        pulses: Any,
        when: Any,
        turns: Any,
        held: Any,
        lines_are_rows: bool,
    ) -> None:
        weights, min_bound, max_bound, arguments, address = device
        pieces, source = pulses
        starts, numbers, lines, ends = when
        table, order = source[4], np.arange(last)
        w, values = row_of(weights, row, order)[0], gathered(row_of, row, order, arguments)
        least, most = row_of(min_bound, row, order)[0], row_of(max_bound, row, order)[0]
        counts, normal = np.zeros(last, np.float32), np.zeros((last + 7) // 4 * 4, np.float32)
        signs, fired, start = np.ones(last, np.float32), False, 0
        # Of a row that is a line, the reads of that line; of other rows, an element of every read.
        turn, end = (starts[row], starts[row + 1]) if lines_are_rows else (starts[0], starts[starts.size - 1])
        for piece in range(pieces + 1):
            while turn < end and ends[numbers[turn] if lines_are_rows else turn] <= piece:
                if lines_are_rows:
                    for column in range(last):
                        held[column, numbers[turn]] = w[column]
                        signs[column] *= turns[numbers[turn]]
                else:
                    held[row, turn] = w[lines[turn]]
                    signs[lines[turn]] *= turns[turn]
                turn += 1
            if piece == pieces:
                break
            fired |= add_pulses(piece, row, source, counts)
            vector = table[piece, VECTOR]
            if not fired or (piece + 1 < pieces and table[piece + 1, VECTOR] == vector):
                continue
            if normals > 0:
                start = normals_of_row(row, last, RUNS + vector, normal, address)
            for column in range(last):
                counts[column] *= signs[column]
            for column in range(last):
                bounds = widened(least[column]), widened(most[column])
                w[column] = stepped(w[column], counts[column], normal[start + column], bounds, 0, column, values)
                counts[column] = 0
            fired = False
        for column in range(last):
            weights[row, column] = w[column]

    return body
