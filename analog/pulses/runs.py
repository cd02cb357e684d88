"""Devices whose law says what several pulses of one direction do: long trains, one vector pair after the other.

A vector pair gives a crosspoint pulses of one direction only. Where a law has a closed form for a run of such pulses,
with one normal number for the noise of all (`Law.run`), a run is one step. Bounds hold after each run, which is the
same as after each pulse as long as no pulse goes backwards; laws have closed forms for noise that small only.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from analog.kernels import Kernel
from analog.kernels.bits import popcount32
from analog.kernels.half import widened
from analog.pulses.row_normals import normals_of_row, room_for_normals
from analog.pulses.sequence import Function, sequence
from analog.pulses.slots import MASK, VECTOR, WORD
from analog.pulses.trains import Trains
from analog.random.distributions import normal_of

__all__ = ["add_vector", "devices_of_row", "runs", "step_row", "walk_vectors"]

#: Draws of runs, beyond those of any sequence of pulses: vector pair ``v`` has draw ``RUNS + v``, and element ``e`` has
#: lane ``e % 4`` of it at ``e // 4``.
RUNS = (1 << 31) + 1


@lru_cache(maxsize=1024)
def runs(run: Function, gathered: Function, normals: int) -> Kernel:
    """The kernel for `Trains`, whose parts are its pieces.

    Parameters
    ----------
    run : callable
        Of a `Bound` of `Law.run`: it takes the number of pulses in place of a second normal number.
    gathered : callable
        Of the same.
    normals : int
        Normal numbers per run: 0 or 1.
    """
    devices_of, step = devices_of_row(gathered), step_row(run, normals)

    def body(row: int, first: int, last: int, device: Any, pulses: Any) -> None:  # noqa: ARG001  # of all kernels
        weights, _, _, _, address = device
        pieces, source = pulses
        devices = devices_of(row, last, device)
        w, counts, numbers = devices[0], np.zeros(last, np.float32), room_for_normals(last)
        piece = 0
        while piece < pieces:
            vector = source[4][piece, VECTOR]
            piece, fired = add_vector(piece, pieces, row, source, counts)
            if fired:
                step(row, vector, devices, counts, numbers, address)
        for column in range(last):
            weights[row, column] = w[column]

    return Kernel(body, cuda=sequence(walk_vectors(run, normals)).body)


@lru_cache(maxsize=1024)
def _stepping(run: Function) -> Function:
    """``stepped(w, count, normal, bounds, row, column, arguments)``: the weight after so many pulses, with a sign."""

    def stepped(w: Any, count: Any, normal: Any, bounds: Any, row: int, column: int, arguments: Any) -> Any:
        direction = np.float32(1) if count > 0 else np.float32(-1)
        after = run(w, direction, normal, abs(count), row, column, arguments)
        after = min(max(after, bounds[0]), bounds[1])
        return after if count != 0 else w

    return stepped


@lru_cache(maxsize=1024)
def walk_vectors(run: Function, normals: int) -> Function:
    """``through`` of `analog.pulses.sequence`, whose parts are pieces of `Trains`; parameters as of `runs`."""
    stepped, counted = _stepping(run), Trains.count

    def through(
        going: Any, first: int, last: int, sign: Any, bounds: Any, place: Any, source: Any, arguments: Any, address: Any
    ) -> Any:
        w, ordinal, four = going
        element, row, column = place
        table, total = source[4], np.int64(0)
        for piece in range(first, last):
            total += counted(piece, row, column, source)
            vector = table[piece, VECTOR]
            if total == 0 or (piece + 1 < last and table[piece + 1, VECTOR] == vector):
                continue
            normal = normal_of(element, RUNS + vector, *address) if normals > 0 else np.float32(0)
            w = stepped(w, sign * np.float32(total), normal, bounds, row, column, arguments)
            total = np.int64(0)
        return w, ordinal, four

    return through


@lru_cache(maxsize=1024)
def devices_of_row(gathered: Function) -> Function:
    """``devices_of(row, last, device)``: copies of the weights, bounds and arguments of a row."""

    def devices_of(row: int, last: int, device: Any) -> Any:
        return gathered(row, np.arange(last), device, np.empty((3 + len(device[3]), last), np.float32))

    return devices_of


def add_vector(piece: int, pieces: int, row: int, source: Any, counts: Any) -> tuple[int, bool]:
    """Add the pulses of a vector pair, from its first piece on, to those of every column.

    Gives the piece after it, and whether the row's line fires.
    """
    table = source[4]
    vector, fired = table[piece, VECTOR], False
    while piece < pieces and table[piece, VECTOR] == vector:
        fired |= _add_pulses(piece, row, source, counts)
        piece += 1
    return piece, fired


def _add_pulses(piece: int, row: int, source: Any, counts: Any) -> bool:
    """The same of one piece."""
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
def step_row(run: Function, normals: int) -> Function:
    """``step(row, vector, devices, counts, numbers, address)``: the devices of a row take the pulses of a vector pair.

    With loops over columns that become vector instructions. `devices` are as from `devices_of_row`; `counts` are of
    pulses, with signs, and 0 afterwards; `numbers` is what `room_for_normals` gives.
    """
    stepped = _stepping(run)

    def step(row: int, vector: int, devices: Any, counts: Any, numbers: Any, address: Any) -> None:
        w, (least, most), arguments = devices
        start = normals_of_row(row, w.size, RUNS + vector, numbers, address) if normals > 0 else 0
        for column in range(w.size):
            bounds = widened(least[column]), widened(most[column])
            w[column] = stepped(w[column], counts[column], numbers[0, start + column], bounds, 0, column, arguments)
            counts[column] = 0

    return step
