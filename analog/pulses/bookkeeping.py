"""What else an update does: addresses of its noise, visible weights behind write noise, counters of pulses."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from analog.cell import CellState, Site
from analog.kernels import Kernel
from analog.pulses.law import Law
from analog.random import Stream
from analog.random.distributions import normal_at

__all__ = ["EVERYWHERE", "Address", "count", "line_numbers", "next_address", "redraw"]

#: (step, stream, seed, tile)
Address = tuple[int, int, int, int]
Totals = Callable[[int, int, Any], tuple[Any, Any]]

#: All rows and all columns.
EVERYWHERE = (None, None)


def next_address(state: CellState, site: Site, stream: Stream = Stream.CYCLE_TO_CYCLE) -> Address:
    """The address of the noise of an update, of which the state counts one more."""
    step = int(state.numbers.get("updates", 0))
    state.numbers["updates"] = step + 1
    return step, site.key.of(stream), site.key.seed, site.key.tile


def line_numbers(site: Site, chosen: Any, size: int) -> Any:
    """Row or column numbers as a native array; all when there is no choice."""
    return site.storage.take(np.arange(size) if chosen is None else np.asarray(chosen, np.int64))


def redraw(law: Law, state: CellState, site: Site, address: Address, totals: Totals, source: Any, lines: Any) -> None:
    """Draw the visible weights of the devices that were pulsed, if the state has persistent ones behind them.

    Parameters
    ----------
    address : tuple
        Of the update that is over.
    totals : callable
        ``totals(row, column, source)`` gives pulses up and down of a place of the grid.
    lines : tuple of two sequences or of None
        Rows and columns that the grid consists of; None for all.
    """
    arrays = state.arrays
    if "persistent_weights" in arrays:
        where = address[0], site.key.of(Stream.WRITE_NOISE), *address[2:]
        weights = arrays["persistent_weights"], arrays["weights"]
        _launch(_redraw(totals), site, source, lines, *weights, np.float32(law.write_noise), where)


def count(state: CellState, site: Site, totals: Totals, source: Any, lines: Any) -> None:
    """Count pulses, if the state has ``"positive_pulses"`` and ``"negative_pulses"``; parameters as of `redraw`."""
    arrays = state.arrays
    if "positive_pulses" in arrays:
        _launch(_count(totals), site, source, lines, arrays["positive_pulses"], arrays["negative_pulses"])


def _launch(kernel: Kernel, site: Site, source: Any, lines: Any, *arguments: Any) -> None:
    rows, columns = (line_numbers(site, each, size) for each, size in zip(lines, site.shape, strict=True))
    site.target.launch(kernel, len(rows), len(columns), source, rows, columns, *arguments)


@lru_cache(maxsize=64)
def _redraw(totals: Totals) -> Kernel:
    def body(
        row: int,
        first: int,
        last: int,
        source: Any,
        row_numbers: Any,
        column_numbers: Any,
        kept: Any,
        visible: Any,
        noise: Any,
        address: Any,
    ) -> None:
        step, stream, seed, tile = address
        for number in range(first, last):
            ups, downs = totals(row, number, source)
            if ups + downs > 0:
                i, j = row_numbers[row], column_numbers[number]
                normal = np.float32(0)
                if noise > np.float32(0):
                    normal = normal_at(i * visible.shape[1] + j, step, stream, seed, tile)
                visible[i, j] = kept[i, j] + noise * normal

    return Kernel(body)


@lru_cache(maxsize=64)
def _count(totals: Totals) -> Kernel:
    def body(
        row: int,
        first: int,
        last: int,
        source: Any,
        row_numbers: Any,
        column_numbers: Any,
        positive: Any,
        negative: Any,
    ) -> None:
        for number in range(first, last):
            ups, downs = totals(row, number, source)
            i, j = row_numbers[row], column_numbers[number]
            positive[i, j] += ups
            negative[i, j] += downs

    return Kernel(body)
