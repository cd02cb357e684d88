"""Panels: vector instructions do what the plain functions say, at all rests of rows, columns and lanes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analog.kernels import CPU, Kernel
from analog.kernels.panels import LANES, multiply_panel, read_panel, read_row, rows_of, write_panel

RNG = np.random.default_rng(2)
WIDTHS = pytest.mark.parametrize("lanes", [LANES, 2 * LANES, 4 * LANES])


def whole(*shape: int) -> Any:
    """Numbers whose sums are exact."""
    return RNG.integers(-9, 9, shape).astype(np.float32)


def _write(row: int, first: int, last: int, source: Any, given: Any, panel: Any, lanes: int) -> None:
    write_panel(source, given[0], given[1], given[2], given[3], panel, 3, lanes)


def _read(row: int, first: int, last: int, panel: Any, lanes: int, result: Any, given: Any) -> None:
    read_panel(panel, 3, lanes, result, given[0], given[1], given[2], given[3])
    read_row(panel, 5, result, 20, given[2], given[3])


def _multiply(row: int, first: int, last: int, panel: Any, lanes: int, matrix: Any, given: Any, sums: Any) -> None:
    multiply_panel(panel, lanes, matrix, given[0], given[1], given[2], given[3], sums, 7, given[4] > 0)


WRITE, READ, MULTIPLY = Kernel(_write), Kernel(_read), Kernel(_multiply)


def both(kernel: Kernel, written: Any, *arguments: Any) -> None:
    """Compiled and plain, from the same memory to the same."""
    copy = written.copy()
    CPU.launch(kernel, 1, 1, *arguments)
    compiled = written.copy()
    written[...] = copy
    kernel.body(0, 0, 1, *arguments)
    assert compiled.tobytes() == written.tobytes()


#: A row and where rows end, a column and where columns end.
PLACES = [(0, 21, 0, 30), (5, 21, 14, 30), (3, 4, 2, 3), (20, 21, 29, 30), (9, 9, 3, 8), (30, 21, 3, 8)]


@WIDTHS
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("order", ["C", "F"])
def test_rows_into_panels(lanes: int, place: tuple[int, ...], order: Any) -> None:
    source, panel = np.array(whole(21, 30), order=order), whole(LANES * lanes + 3)
    if place[0] < place[1]:
        both(WRITE, panel, source, np.array(place), panel, lanes)
    else:
        CPU.launch(WRITE, 1, 1, source, np.array(place), panel, lanes)
        assert (panel[3:].reshape(LANES, lanes)[: place[3] - place[2], :LANES] == 0).all()


@WIDTHS
@pytest.mark.parametrize("place", PLACES[:4])
def test_panels_into_rows(lanes: int, place: tuple[int, ...]) -> None:
    panel, result = whole(LANES * lanes + 3), whole(21, 30)
    both(READ, result, panel, lanes, result, np.array(place))


@WIDTHS
@pytest.mark.parametrize("place", [(0, 40, 0, 30, 0), (35, 40, 4, 5, 1), (39, 40, 10, 30, 1)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_panels_are_multiplied(lanes: int, place: tuple[int, ...], order: Any) -> None:
    panel, matrix, sums = whole(30 * lanes), np.array(whole(40, 30), order=order), whole(rows_of(lanes) * lanes + 9)
    both(MULTIPLY, sums, panel, lanes, matrix, np.array(place), sums)
