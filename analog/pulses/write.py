"""Writing an exact number of pulses to every device of an array, or of some of its rows and columns."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from analog.cell import CellState, Site
from analog.kernels import Kernel
from analog.pulses.bookkeeping import count, device_of, line_numbers, redraw
from analog.pulses.law import Law, bind
from analog.pulses.row_pulses import fours_of_columns, pulse_of_column, room_for_fours
from analog.pulses.sequence import Function, begin, bounds_of, walk

__all__ = ["write"]

#: Rows with fewer columns, and rows whose largest number of pulses is this many times the mean, go device by device.
NARROW, UNEVEN = 16, 16


def write(
    law: Law,
    state: CellState,
    site: Site,
    counts: Any,
    rows: Sequence[int] | None = None,
    columns: Sequence[int] | None = None,
) -> None:
    """Give every device ``abs(counts)`` pulses, up where the count is positive; after each, its bounds hold.

    Unlike an update with trains this writes what is asked for, without chance.

    Parameters
    ----------
    law : Law
        How one pulse changes a weight.
    state : CellState
        Changed in place: see `analog.pulses.apply`.
    counts : array of int32, (rows, columns)
    rows, columns : sequence of int, optional
        Which lines of the array the counts are for, without repetition; all when left out.
    """
    bound = bind(law, state, site)
    lines = line_numbers(site, rows, site.shape[0]), line_numbers(site, columns, site.shape[1])
    device = device_of(bound, state, site)
    # A law that changes another array cannot work on copies of rows.
    kernel = _writing(bound.step, bound.normals, None if law.carried else bound.gathered)
    site.target.launch(kernel, *counts.shape, counts, lines, device)
    redraw(law, state, site, device[-1], _part, (1, counts), (rows, columns))
    count(state, site, _part, (1, counts), (rows, columns))


def _part(part: int, row: int, column: int, counts: Any) -> tuple[np.uint32, np.uint32]:  # noqa: ARG001  # only one
    pulses = np.int64(counts[row, column])
    return np.uint32(max(pulses, np.int64(0))), np.uint32(max(-pulses, np.int64(0)))


@lru_cache(maxsize=1024)
def _writing(step: Function, normals: int, gathered: Function | None) -> Kernel:
    single = _one_by_one(step, normals)
    return Kernel(_by_rows(step, normals, gathered, single) if gathered else single, cuda=single)


def _one_by_one(step: Function, normals: int) -> Function:
    after = walk(step, normals)

    def body(row: int, first: int, last: int, counts: Any, lines: Any, device: Any) -> None:
        weights, _, _, arguments, address = device
        i = lines[0][row]
        for number in range(first, last):
            j = lines[1][number]
            pulses, place = np.int64(counts[row, number]), (i * weights.shape[1] + j, i, j)
            going, bounds = begin(weights[i, j]), bounds_of(i, j, device)
            weights[i, j] = after(going, pulses, np.float32(1), bounds, place, arguments, address)[0]

    return body


def _by_rows(step: Function, normals: int, gathered: Function, single: Function) -> Function:
    """The same bits: all devices of a row, pulse after pulse, with loops that become vector instructions."""
    draw, pulsed = fours_of_columns(normals), pulse_of_column(step, normals)

    def pulse(w: Any, signed: Any, number: int, numbers: Any, bounds: Any, values: Any) -> None:
        for place in range(w.size):
            direction = np.float32(1) if signed[place] > 0 else np.float32(-1)
            after = pulsed(w[place], direction, number, place, numbers, bounds, values)
            w[place] = after if number < abs(signed[place]) else w[place]

    def body(row: int, first: int, last: int, counts: Any, lines: Any, device: Any) -> None:
        signed = counts[row]
        largest, total = _largest_and_total(signed)
        if last < NARROW or largest * last > UNEVEN * total:
            single(row, first, last, counts, lines, device)
            return
        weights, address = device[0], device[4]
        i, columns = lines[0][row], lines[1]
        w, bounds, values = gathered(i, columns, device, np.empty((3 + len(device[3]), last), np.float32))
        numbers, had = room_for_fours(normals, last), np.zeros(last, np.uint32)
        for number in range(largest):
            if number % 4 == 0:
                draw(numbers, last, number, had, columns, i * weights.shape[1], address)
            pulse(w, signed, number, numbers, bounds, values)
        for place in range(last):
            weights[i, columns[place]] = w[place]

    return body


def _largest_and_total(signed: Any) -> tuple[np.int64, np.int64]:
    """Of numbers of pulses whatever their signs."""
    largest, total = np.int64(0), np.int64(0)
    for place in range(signed.size):
        pulses = abs(np.int64(signed[place]))
        largest = max(largest, pulses)
        total += pulses
    return largest, total
