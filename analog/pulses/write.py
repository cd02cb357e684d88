"""Writing an exact number of pulses to every device of an array, or of some of its rows and columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from analog.cell import CellState, Site
from analog.kernels import Kernel
from analog.kernels.half import as_words, widened
from analog.pulses.bookkeeping import count, line_numbers, next_address, redraw
from analog.pulses.law import Law, bind
from analog.pulses.queue import gather
from analog.pulses.sequence import walk
from analog.random.distributions import normals4

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
    arrays = state.arrays
    weights = arrays.get("persistent_weights", arrays["weights"])
    bounds = as_words(arrays["min_bound"]), as_words(arrays["max_bound"])
    address = next_address(state, site)
    # A law that changes another array cannot work on copies of rows.
    kernel = _writing(bound.step, bound.normals, None if law.carried else bound.gathered)
    site.target.launch(kernel, *counts.shape, counts, *lines, weights, *bounds, bound.arguments, address)
    redraw(law, state, site, address, _part, 1, counts, (rows, columns))
    count(state, site, _part, 1, counts, (rows, columns))


def _part(part: int, row: int, column: int, counts: Any) -> tuple[np.uint32, np.uint32]:  # noqa: ARG001  # only one
    pulses = np.int64(counts[row, column])
    return np.uint32(max(pulses, np.int64(0))), np.uint32(max(-pulses, np.int64(0)))


@lru_cache(maxsize=1024)
def _writing(step: Callable[..., Any], normals: int, gathered: Callable[..., Any] | None) -> Kernel:
    single = _one_by_one(step, normals)
    return Kernel(_by_rows(step, normals, gathered, single) if gathered else single, cuda=single)


def _one_by_one(step: Callable[..., Any], normals: int) -> Callable[..., None]:
    after = walk(step, normals)

    def body(
        row: int,
        first: int,
        last: int,
        counts: Any,
        row_numbers: Any,
        column_numbers: Any,
        weights: Any,
        min_bound: Any,
        max_bound: Any,
        arguments: Any,
        address: Any,
    ) -> None:
        for number in range(first, last):
            i, j = row_numbers[row], column_numbers[number]
            place = (i * weights.shape[1] + j, i, j)
            bounds = widened(min_bound[i, j]), widened(max_bound[i, j])
            weights[i, j] = after(weights[i, j], np.int64(counts[row, number]), 0, *bounds, place, arguments, address)

    return body


def _draw(numbers: Any, normals: int, block: int, before: int, columns: Any, address: Any) -> None:
    """What the next four pulses of a row's devices take."""
    when, stream, seed, tile = address
    for part in range(normals):
        for place in range(columns.size):
            element = before + columns[place]
            one, two, three, four = normals4(element, block * normals + part, when, stream, seed, tile)
            numbers[4 * part, place] = one
            numbers[4 * part + 1, place] = two
            numbers[4 * part + 2, place] = three
            numbers[4 * part + 3, place] = four


def _by_rows(
    step: Callable[..., Any], normals: int, gathered: Callable[..., Any], single: Callable[..., None]
) -> Callable[..., None]:
    """The same bits: all devices of a row, pulse after pulse, with loops that become vector instructions."""

    def pulse(w: Any, signed: Any, place: int, numbers: Any, least: Any, most: Any, values: Any) -> None:
        number = place % 4 * normals
        for column in range(w.size):
            direction = np.float32(1) if signed[column] > 0 else np.float32(-1)
            normal = numbers[number, column] if normals > 0 else np.float32(0)
            normal2 = numbers[number + 1, column] if normals > 1 else np.float32(0)
            after = step(w[column], direction, normal, normal2, 0, column, values)
            after = min(max(after, widened(least[column])), widened(most[column]))
            w[column] = after if place < abs(signed[column]) else w[column]

    def body(
        row: int,
        first: int,
        last: int,
        counts: Any,
        row_numbers: Any,
        column_numbers: Any,
        weights: Any,
        min_bound: Any,
        max_bound: Any,
        arguments: Any,
        address: Any,
    ) -> None:
        largest: Any = np.int64(0)
        total: Any = np.int64(0)
        for number in range(last):
            pulses: Any = abs(np.int64(counts[row, number]))
            largest = max(largest, pulses)
            total += pulses
        if last < NARROW or largest * last > UNEVEN * total:
            single(
                row,
                first,
                last,
                counts,
                row_numbers,
                column_numbers,
                weights,
                min_bound,
                max_bound,
                arguments,
                address,
            )
            return
        i = row_numbers[row]
        w, signed = gather(weights, i, column_numbers)[0], counts[row]
        least, most = gather(min_bound, i, column_numbers)[0], gather(max_bound, i, column_numbers)[0]
        values = gathered(gather, i, column_numbers, arguments)
        numbers = np.zeros((max(4 * normals, 1), last), np.float32)
        for place in range(largest):
            if place % 4 == 0:
                _draw(numbers, normals, place // 4, i * weights.shape[1], column_numbers, address)
            pulse(w, signed, place, numbers, least, most, values)
        for number in range(last):
            weights[i, column_numbers[number]] = w[number]

    return body
