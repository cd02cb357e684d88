"""Products of matrices out of registers, for kernels: functions of arrays in plain Python.

A panel has some rows of a matrix side by side, column after column, so that one vector instruction multiplies a number
of the other matrix with all of them: the micro-kernel of Goto and van de Geijn, "Anatomy of high-performance matrix
multiplication", ACM TOMS 34(3), 2008. On the CPU `analog.kernels.registers` puts vector instructions in the place of
these three functions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["LANES", "MOST_ROWS", "multiply_panel", "read_panel", "read_row", "rows_of", "write_panel"]

#: Numbers in a register; panels have one, two or four of them side by side.
LANES = 16
#: Sums that registers hold, and rows of a matrix that go through a panel at once, at most.
SUMS, MOST_ROWS = 384, 12


def rows_of(lanes: int) -> int:
    """How many rows of a matrix go through a panel of that width at once."""
    return min(SUMS // lanes, MOST_ROWS)


def write_panel(source: Any, row: int, end: int, column: int, last: int, panel: Any, at: int, lanes: int) -> None:
    """``panel[at + c * lanes + r] = source[row + r, column + c]`` for the next `LANES` rows and columns.

    Rows that are not there become zeros.

    Parameters
    ----------
    source : array
        A matrix in C or Fortran order.
    row, end : int
        The first row, and where rows end, perhaps before it.
    column, last : int
        The first column, and where columns end.
    panel : array
        Of one axis.
    at : int
        Where in it.
    lanes : int
        Width of the panel.
    """
    for c in range(min(last - column, LANES)):
        for r in range(LANES):
            panel[at + c * lanes + r] = source[row + r, column + c] if row + r < end else np.float32(0)


def read_panel(panel: Any, at: int, lanes: int, result: Any, row: int, end: int, column: int, last: int) -> None:
    """``result[row + r, column + c] = panel[at + c * lanes + r]``: the way back, into a matrix in C order."""
    for r in range(min(end - row, LANES)):
        for c in range(min(last - column, LANES)):
            result[row + r, column + c] = panel[at + c * lanes + r]


def read_row(panel: Any, at: int, result: Any, row: int, column: int, last: int) -> None:
    """``result[row, column + l] = panel[at + l]`` for the next `LANES` columns."""
    for lane in range(min(last - column, LANES)):
        result[row, column + lane] = panel[at + lane]


def multiply_panel(
    panel: Any, lanes: int, matrix: Any, row: int, end: int, first: int, last: int, sums: Any, at: int, added: bool
) -> None:
    """Sums over some inputs, of `rows_of` rows: ``sums[at + r * lanes + l]``, or added to what is there.

    They are made in the order of the inputs, with one rounding per product where the machine can do so.

    Parameters
    ----------
    panel : array
        Of one axis; begins with the first input.
    lanes : int
        Its width: one, two or four times `LANES`.
    matrix : array
        (rows, inputs).
    row, end : int
        The first row, and where rows end: the last is taken again for those that are not there.
    first, last : int
        Which inputs; at least one.
    sums : array
        Of one axis.
    at : int
        Where in it.
    added : bool
        Whether to add.
    """
    for number in range(rows_of(lanes)):
        values = matrix[min(row + number, end - 1)]
        for lane in range(lanes):
            total = np.float32(0)
            for k in range(first, last):
                total += values[k] * panel[(k - first) * lanes + lane]
            place = at + number * lanes + lane
            sums[place] = sums[place] + total if added else total
