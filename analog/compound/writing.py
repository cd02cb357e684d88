"""Writing lines of a cell: what was read elsewhere, as pulse trains make it, or as whole pulses."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from analog.cell import Cell, CellState, PulsedCell, Site
from analog.compound.lines import one_hot
from analog.compound.schedule import Lines
from analog.kernels import Kernel
from analog.parameters import UpdateParameters
from analog.pulses import Counts, Trains, make_trains
from analog.pulses.slots import VECTOR

__all__ = ["Place", "write_counts", "write_values"]

#: A cell, its state and where it is.
Place = tuple[Cell, CellState, Site]


def write_values(
    to: Place, lines: Lines, values: Any, lr: float, parameters: UpdateParameters, step: int, *, rows: bool = False
) -> None:
    """Add about ``lr * values`` to some lines of a cell, one after the other, as an update with one-hot vectors does.

    Parameters
    ----------
    to : tuple
        The cell.
    lines : array of int32
        Columns, or rows; none twice.
    values : array
        (lines, elements of a line).
    lr : float
        Positive.
    parameters : UpdateParameters
        How pulses are made.
    step : int
        Counts the lines that were written.
    rows : bool, optional
        Whether lines are rows.
    """
    cell, state, site = to
    if isinstance(cell, PulsedCell) and not parameters.pulse_type.is_exact:
        driven = site.storage.full((lines.shape[0], 1), 1.0)
        x, d = (values, -driven) if rows else (driven, -values)
        pulses = make_trains(x, d, lr, cell.granularity, parameters, site, step)
        _write(cell, state, site, lines, _counted(site, pulses, tuple(values.shape), rows), rows)
    else:
        _update(to, lines, values, lr, parameters, rows)


def write_counts(
    to: Place, lines: Lines, counts: Any, size: float, parameters: UpdateParameters, *, rows: bool
) -> None:
    """Exactly these pulses at the crosspoints of some lines; about ``size * counts`` if the cell has no pulses.

    Parameters
    ----------
    to : tuple
        The cell.
    lines : array of int32
        Columns, or rows; none twice.
    counts : array
        Whole numbers, (lines, elements of a line).
    size : float
        What a pulse stands for, for cells that are not changed by pulses alone.
    parameters : UpdateParameters
        How such cells are updated.
    rows : bool
        Whether lines are rows.
    """
    cell, state, site = to
    if isinstance(cell, PulsedCell):
        whole = site.storage.empty(tuple(counts.shape) if rows else tuple(counts.shape)[::-1], np.int32)
        whole[...] = counts if rows else counts.T
        _write(cell, state, site, lines, whole, rows)
    else:
        _update(to, lines, counts, size, parameters, rows)


def _write(cell: PulsedCell, state: CellState, site: Site, lines: Lines, counts: Any, rows: bool) -> None:
    cell.write(state, site, counts, **{"rows" if rows else "columns": lines.tolist()})


def _update(to: Place, lines: Lines, values: Any, lr: float, parameters: UpdateParameters, rows: bool) -> None:
    cell, state, site = to
    driven = one_hot(site, site.storage.take(lines), site.shape[0 if rows else 1])
    x, d = (values, -driven) if rows else (driven, -values)
    cell.update(state, site, x, d, lr, parameters)


def _counted(site: Site, pulses: Trains | Counts, shape: tuple[int, int], rows: bool) -> Any:
    """The pulses of every element of every line, (lines, elements), or (elements, lines) when lines are columns."""
    lines, elements = shape
    counts = site.storage.empty((lines, elements) if rows else (elements, lines), np.int32)
    vectors = site.storage.give(pulses.table)[:, VECTOR] if isinstance(pulses, Trains) else np.arange(lines)
    starts = site.storage.take(np.searchsorted(vectors, np.arange(lines + 1)))
    site.target.launch(_counting(type(pulses).count, rows), lines, elements, starts, pulses.source, counts)
    return counts


@lru_cache(maxsize=8)
def _counting(count: Callable[..., Any], rows: bool) -> Kernel:
    def body(row: int, first: int, last: int, starts: Any, source: Any, counts: Any) -> None:
        for element in range(first, last):
            total = np.int64(0)
            for run in range(starts[row], starts[row + 1]):
                total += count(run, 0, element, source) if rows else count(run, element, 0, source)
            if rows:
                counts[row, element] = total
            else:
                counts[element, row] = total

    return Kernel(body)
