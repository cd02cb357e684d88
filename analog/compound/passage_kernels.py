"""The kernels of `analog.compound.passage`.

Beside devices and pulses (see `analog.pulses.sequence`), whose parts are runs of pulses, they know how many pulses the
crosspoints `had` before in this update, which is counted on, and the reads as ``(starts, order, lines, ends, signs,
turns, held)``: where those of each line begin among all reads in the order of lines, and these; which line each read is
of, and how many runs of pulses come before it; by what the pulses of each line are multiplied before its first read,
and from each read on once more; what is read, (elements of a line, reads), which is written.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from analog.kernels import Kernel
from analog.pulses.row_normals import room_for_normals
from analog.pulses.runs import add_vector, devices_of_row, step_row, walk_vectors
from analog.pulses.sequence import Function, bounds_of, go_on, walk_runs
from analog.pulses.slots import VECTOR

__all__ = ["by_runs", "by_steps"]


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
    return Kernel(_by_elements(walk_runs(step, normals, count), normals))


@lru_cache(maxsize=1024)
def by_runs(run: Function, normals: int, gathered: Function) -> Kernel:
    """For a device whose law has a closed form for the pulses of a vector pair: see `analog.pulses.runs`.

    Parameters
    ----------
    run, normals, gathered
        Of a `Bound` of that form.
    """
    return Kernel(_by_rows(run, normals, gathered), cuda=_by_elements(walk_vectors(run, normals), 0))


@lru_cache(maxsize=1024)
def _by_elements(through: Function, normals: int) -> Function:
    """Crosspoint by crosspoint."""
    again = go_on(normals)

    def body(
        row: int, first: int, last: int, device: Any, had: Any, pulses: Any, reads: Any, lines_are_rows: bool
    ) -> None:
        weights, _, _, arguments, address = device
        runs, source = pulses
        starts, order, _, ends, signs, turns, held = reads
        for column in range(first, last):
            line, element = (row, column) if lines_are_rows else (column, row)
            place, bounds = (row * weights.shape[1] + column, row, column), bounds_of(row, column, device)
            going = again(weights[row, column], had[row, column], place, address)
            run, sign = np.int64(0), signs[line]
            for turn in range(starts[line], starts[line + 1]):
                number = order[turn]
                going = through(going, run, ends[number], sign, bounds, place, source, arguments, address)
                run = ends[number]
                held[element, number] = going[0]
                sign *= turns[number]
            going = through(going, run, runs, sign, bounds, place, source, arguments, address)
            weights[row, column], had[row, column] = going[0], going[1]

    return body


def _read_line(turn: int, last: int, piece: int, reads: Any, w: Any, signs: Any) -> int:
    """The reads of a row that is a line which come before a piece; gives the number of the next."""
    _, order, _, ends, _, turns, held = reads
    while turn < last and ends[order[turn]] <= piece:
        number = order[turn]
        for column in range(w.size):
            held[column, number] = w[column]
            signs[column] *= turns[number]
        turn += 1
    return turn


def _read_elements(turn: int, last: int, piece: int, row: int, reads: Any, w: Any, signs: Any) -> int:
    """The same of a row that has an element of every line."""
    _, _, lines, ends, _, turns, held = reads
    while turn < last and ends[turn] <= piece:
        held[row, turn] = w[lines[turn]]
        signs[lines[turn]] *= turns[turn]
        turn += 1
    return turn


@lru_cache(maxsize=1024)
def _by_rows(run: Function, normals: int, gathered: Function) -> Function:
    """Whole rows, vector pair after vector pair, with loops over columns that become vector instructions."""
    devices_of, step = devices_of_row(gathered), step_row(run, normals)

    def body(
        row: int,
        first: int,  # noqa: ARG001  # of all kernels
        last: int,
        device: Any,
        had: Any,  # noqa: ARG001  # noise is numbered by vector pairs
        pulses: Any,
        reads: Any,
        lines_are_rows: bool,
    ) -> None:
        weights, (pieces, source), starts, before = device[0], pulses, reads[0], reads[4]
        devices = devices_of(row, last, device)
        w, counts, numbers = devices[0], np.zeros(last, np.float32), room_for_normals(last)
        signs = np.empty(last, np.float32)
        for column in range(last):
            signs[column] = before[row] if lines_are_rows else before[column]
        turn, end = (starts[row], starts[row + 1]) if lines_are_rows else (starts[0], starts[starts.size - 1])
        piece = 0
        while True:
            if lines_are_rows:
                turn = _read_line(turn, end, piece, reads, w, signs)
            else:
                turn = _read_elements(turn, end, piece, row, reads, w, signs)
            if piece == pieces:
                break
            vector = source[4][piece, VECTOR]
            piece, fired = add_vector(piece, pieces, row, source, counts)
            if fired:
                for column in range(last):
                    counts[column] *= signs[column]
                step(row, vector, devices, counts, numbers, device[4])
        for column in range(last):
            weights[row, column] = w[column]

    return body
