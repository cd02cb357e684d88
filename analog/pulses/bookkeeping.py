"""What else an update does: what kernels get of a state, visible weights behind write noise, counters of pulses."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from analog.cell import CellState, Site
from analog.kernels import Kernel
from analog.kernels.half import as_words
from analog.pulses.law import Bound, Law
from analog.random import Stream
from analog.random.distributions import normal_at

__all__ = ["EVERYWHERE", "Address", "count", "device_of", "line_numbers", "next_address", "redraw", "totals_of"]

#: (step, stream, seed, tile)
Address = tuple[int, int, int, int]
Part = Callable[[int, int, int, Any], tuple[Any, Any]]
#: (parts, source)
Pulses = tuple[int, Any]

#: All rows and all columns.
EVERYWHERE = (None, None)


def next_address(state: CellState, site: Site, stream: Stream = Stream.CYCLE_TO_CYCLE) -> Address:
    """The address of the noise of an update, of which the state counts one more."""
    step = int(state.numbers.get("updates", 0))
    state.numbers["updates"] = step + 1
    return site.key.address(stream, step)


def device_of(bound: Bound, state: CellState, site: Site) -> tuple[Any, ...]:
    """What kernels know of the devices (see `analog.pulses.sequence`), for an update, which is counted."""
    arrays = state.arrays
    weights = arrays.get("persistent_weights", arrays["weights"])
    bounds = as_words(arrays["min_bound"]), as_words(arrays["max_bound"])
    return weights, *bounds, bound.arguments, next_address(state, site)


def line_numbers(site: Site, chosen: Any, size: int) -> Any:
    """Row or column numbers as a native array; all when there is no choice."""
    return site.storage.take(np.arange(size) if chosen is None else np.asarray(chosen, np.int64))


def redraw(law: Law, state: CellState, site: Site, address: Address, part: Part, pulses: Pulses, lines: Any) -> None:
    """Draw the visible weights of the devices that were pulsed, if the state has persistent ones behind them.

    Parameters
    ----------
    address : tuple
        Of the update that is over.
    part : callable
        ``part(number, row, column, source)`` gives pulses up and down of a place of the grid in one part.
    pulses : tuple
        How many parts there are, and the source.
    lines : tuple of two sequences or of None
        Rows and columns that the grid consists of; None for all.
    """
    arrays = state.arrays
    if "persistent_weights" in arrays:
        where = address[0], site.key.of(Stream.WRITE_NOISE), *address[2:]
        weights = arrays["persistent_weights"], arrays["weights"]
        _launch(_redraw(part), site, pulses, lines, *weights, np.float32(law.write_noise), where)


def count(state: CellState, site: Site, part: Part, pulses: Pulses, lines: Any) -> None:
    """Count pulses, if the state has ``"positive_pulses"`` and ``"negative_pulses"``; parameters as of `redraw`."""
    arrays = state.arrays
    if "positive_pulses" in arrays:
        _launch(_count(part), site, pulses, lines, arrays["positive_pulses"], arrays["negative_pulses"])


def _launch(kernel: Kernel, site: Site, pulses: Pulses, lines: Any, *arguments: Any) -> None:
    rows, columns = (line_numbers(site, each, size) for each, size in zip(lines, site.shape, strict=True))
    site.target.launch(kernel, len(rows), len(columns), pulses, (rows, columns), *arguments)


@lru_cache(maxsize=64)
def totals_of(part: Part) -> Callable[[int, int, int, Any], tuple[Any, Any]]:
    """``totals(row, column, parts, source)``: all pulses of a place up, and down."""

    def totals(row: int, column: int, parts: int, source: Any) -> tuple[Any, Any]:
        ups, downs = np.int64(0), np.int64(0)
        for number in range(parts):
            up, down = part(number, row, column, source)
            ups += np.int64(up)
            downs += np.int64(down)
        return ups, downs

    return totals


@lru_cache(maxsize=64)
def _redraw(part: Part) -> Kernel:
    totals = totals_of(part)

    def body(
        row: int, first: int, last: int, pulses: Any, lines: Any, kept: Any, visible: Any, noise: Any, address: Any
    ) -> None:
        for number in range(first, last):
            ups, downs = totals(row, number, *pulses)
            if ups + downs > 0:
                i, j = lines[0][row], lines[1][number]
                normal = np.float32(0)
                if noise > np.float32(0):
                    normal = normal_at(i * visible.shape[1] + j, *address)
                visible[i, j] = kept[i, j] + noise * normal

    return Kernel(body)


@lru_cache(maxsize=64)
def _count(part: Part) -> Kernel:
    totals = totals_of(part)

    def body(row: int, first: int, last: int, pulses: Any, lines: Any, positive: Any, negative: Any) -> None:
        for number in range(first, last):
            ups, downs = totals(row, number, *pulses)
            i, j = lines[0][row], lines[1][number]
            positive[i, j] += ups
            negative[i, j] += downs

    return Kernel(body)
