"""Devices whose law says what several pulses of one direction do: long trains, one vector pair after the other.

A vector pair gives a crosspoint pulses of one direction only. Where a law has a closed form for a run of such pulses,
with one normal number for the noise of all (`Law.run`), a run is one step. Bounds hold after each run, which is the
same as after each pulse as long as no pulse goes backwards; laws have closed forms for noise that small only.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from analog.kernels import Kernel
from analog.kernels.bits import popcount32
from analog.kernels.half import widened
from analog.pulses.row_normals import normals_of_row
from analog.pulses.slots import MASK, VECTOR, WORD
from analog.pulses.trains import Trains
from analog.random.distributions import normal_of

__all__ = ["RUNS", "add_pulses", "row_of", "runs", "stepping"]

#: Draws of runs, beyond those of any sequence of pulses: vector pair ``v`` has draw ``RUNS + v``, and element ``e`` has
#: lane ``e % 4`` of it at ``e // 4``.
RUNS = (1 << 31) + 1


def row_of(array: Any, row: int, order: Any) -> Any:
    """A row by itself, which overlaps with nothing."""
    values = np.empty((1, order.size), array.dtype)
    for column in range(order.size):
        values[0, column] = array[row, column]
    return values


def add_pulses(piece: int, row: int, source: Any, counts: Any) -> bool:
    """Add the pulses of a piece to those of every column; whether the row's line fires in it."""
    x_positive, x_negative, d_positive, d_negative, table = source
    word, mask = table[piece, WORD], np.uint32(table[piece, MASK])
    plus, minus = np.uint32(d_positive[word, row] & mask), np.uint32(d_negative[word, row] & mask)
    if (plus | minus) == np.uint32(0):
        return False
    for column in range(counts.size):
        x_plus, x_minus = x_positive[word, column], x_negative[word, column]
        up = popcount32(np.uint32((x_plus & minus) | (x_minus & plus)))
        down = popcount32(np.uint32((x_plus & plus) | (x_minus & minus)))
        counts[column] += np.float32(np.int32(up) - np.int32(down))
    return True


@lru_cache(maxsize=1024)
def runs(run: Callable[..., Any], gathered: Callable[..., Any], normals: int) -> Kernel:
    """The kernel for `Trains`.

    Parameters
    ----------
    run : callable
        Of a `Bound` of `Law.run`: it takes the number of pulses in place of a second normal number.
    gathered : callable
        Of the same.
    normals : int
        Normal numbers per run: 0 or 1.
    """
    stepped = stepping(run)
    return Kernel(_by_rows(stepped, gathered, normals), cuda=_by_elements(stepped, normals))


@lru_cache(maxsize=1024)
def stepping(run: Callable[..., Any]) -> Callable[..., Any]:
    """``stepped(w, count, normal, bounds, row, column, arguments)``: the weight after so many pulses, with a sign."""

    def stepped(w: Any, count: Any, normal: Any, bounds: Any, row: int, column: int, arguments: Any) -> Any:
        direction = np.float32(1) if count > 0 else np.float32(-1)
        after = run(w, direction, normal, abs(count), row, column, arguments)
        after = min(max(after, bounds[0]), bounds[1])
        return after if count != 0 else w

    return stepped


def _by_rows(stepped: Callable[..., Any], gathered: Callable[..., Any], normals: int) -> Callable[..., None]:
    """Loops over whole rows, which become vector instructions."""

    def body(
        row: int,
        first: int,  # noqa: ARG001  # of all kernels
        last: int,
        weights: Any,
        min_bound: Any,
        max_bound: Any,
        parts: int,  # noqa: ARG001  # of all kernels
        pieces: int,
        source: Any,
        arguments: Any,
        address: Any,
    ) -> None:
        table = source[4]
        order = np.arange(last)
        w, least, most = (
            row_of(weights, row, order)[0],
            row_of(min_bound, row, order)[0],
            row_of(max_bound, row, order)[0],
        )
        values = gathered(row_of, row, order, arguments)
        counts, numbers = np.zeros(last, np.float32), np.zeros((last + 7) // 4 * 4, np.float32)
        fired, start = False, 0
        for piece in range(pieces):
            fired |= add_pulses(piece, row, source, counts)
            vector = table[piece, VECTOR]
            if not fired or (piece + 1 < pieces and table[piece + 1, VECTOR] == vector):
                continue
            if normals > 0:
                start = normals_of_row(row, last, RUNS + vector, numbers, address)
            for column in range(last):
                bounds = widened(least[column]), widened(most[column])
                w[column] = stepped(w[column], counts[column], numbers[start + column], bounds, 0, column, values)
                counts[column] = 0
            fired = False
        for column in range(last):
            weights[row, column] = w[column]

    return body


def _by_elements(stepped: Callable[..., Any], normals: int) -> Callable[..., None]:
    counted = Trains.count

    def body(
        row: int,
        first: int,
        last: int,
        weights: Any,
        min_bound: Any,
        max_bound: Any,
        parts: int,  # noqa: ARG001  # of all kernels
        pieces: int,
        source: Any,
        arguments: Any,
        address: Any,
    ) -> None:
        table = source[4]
        for column in range(first, last):
            bounds = widened(min_bound[row, column]), widened(max_bound[row, column])
            w, count = weights[row, column], np.int64(0)
            for piece in range(pieces):
                count += counted(piece, row, column, source)
                vector = table[piece, VECTOR]
                if count == 0 or (piece + 1 < pieces and table[piece + 1, VECTOR] == vector):
                    continue
                normal = np.float32(0)
                if normals > 0:
                    normal = normal_of(row * weights.shape[1] + column, RUNS + vector, *address)
                w = stepped(w, np.float32(count), normal, bounds, row, column, arguments)
                count = np.int64(0)
            weights[row, column] = w

    return body
