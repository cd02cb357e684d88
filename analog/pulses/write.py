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
from analog.pulses.sequence import walk

__all__ = ["write"]


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
    kernel = _writing(bound.step, bound.normals)
    site.target.launch(kernel, *counts.shape, counts, *lines, weights, *bounds, bound.arguments, address)
    redraw(law, state, site, address, _part, 1, counts, (rows, columns))
    count(state, site, _part, 1, counts, (rows, columns))


def _part(part: int, row: int, column: int, counts: Any) -> tuple[np.uint32, np.uint32]:  # noqa: ARG001  # only one
    pulses = np.int64(counts[row, column])
    return np.uint32(max(pulses, np.int64(0))), np.uint32(max(-pulses, np.int64(0)))


@lru_cache(maxsize=1024)
def _writing(step: Callable[..., Any], normals: int) -> Kernel:
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

    return Kernel(body)
