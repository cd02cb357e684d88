"""Devices stepped through their pulses, one after the other: the definition, which runs everywhere.

Whatever is faster (`analog.pulses.rounds`) gives the same bits.

Kernels know devices as ``(weights, min_bound, max_bound, arguments, address)``, where the arguments are those of a
`Bound` and the address is (step, stream, seed, tile); and pulses as ``(parts, source)``. They bring devices through
pulses by functions of one form, ``through(going, first, last, sign, bounds, place, source, arguments, address)``: the
parts from `first` to `last`, with directions multiplied by `sign`. `place` is (element, row, column), and `going` is
the weight, how many pulses it has had in this update, and the four normal numbers that the next takes one or two of.
Pulse ``n`` takes number ``n`` of its crosspoint's sequence of normal numbers, or numbers ``2 n`` and ``2 n + 1``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from analog.kernels import Kernel
from analog.kernels.half import widened
from analog.random.distributions import normals4

__all__ = ["Function", "begin", "bounds_of", "go_on", "sequence", "step_device", "walk", "walk_runs", "walk_slots"]

Function = Callable[..., Any]


def begin(w: Any) -> Any:
    """A weight that has had no pulses yet, as `going`."""
    zero = np.float32(0)
    return w, np.int64(0), (zero, zero, zero, zero)


@lru_cache(maxsize=3)
def go_on(normals: int) -> Function:
    """``again(w, had, place, address)``: a weight that has `had` pulses behind it in this update, as `going`."""
    each = _pulses_of_four(normals)

    def again(w: Any, had: Any, place: Any, address: Any) -> Any:
        zero = np.float32(0)
        four = (zero, zero, zero, zero)
        if normals > 0 and had % each != 0:
            four = normals4(place[0], had // each, *address)
        return w, had, four

    return again


def _pulses_of_four(normals: int) -> int:
    """How many pulses four numbers are enough for."""
    return 4 // max(normals, 1)


def bounds_of(row: int, column: int, device: Any) -> Any:
    """The bounds of a crosspoint."""
    _, min_bound, max_bound, _, _ = device
    return widened(min_bound[row, column]), widened(max_bound[row, column])


def _lane_of(four: Any, lane: Any) -> Any:
    """One of four numbers."""
    return (four[0] if lane == 0 else four[1]) if lane < 2 else (four[2] if lane == 2 else four[3])


@lru_cache(maxsize=1024)
def _pulse(step: Function, normals: int) -> Function:
    """``pulse(going, direction, bounds, place, arguments, address)``: one pulse more."""
    each = _pulses_of_four(normals)

    def pulse(going: Any, direction: Any, bounds: Any, place: Any, arguments: Any, address: Any) -> Any:
        w, ordinal, four = going
        element, row, column = place
        lane = ordinal % each * normals
        if normals > 0 and lane == 0:
            four = normals4(element, ordinal // each, *address)
        normal2 = _lane_of(four, lane + 1) if normals > 1 else np.float32(0)
        w = step(w, direction, _lane_of(four, lane), normal2, row, column, arguments)
        return min(max(w, bounds[0]), bounds[1]), ordinal + 1, four

    return pulse


@lru_cache(maxsize=1024)
def walk(step: Function, normals: int) -> Function:
    """``after(going, pulses, sign, bounds, place, arguments, address)``: a run of pulses of one direction.

    Parameters
    ----------
    step : callable
        Of a `Bound`.
    normals : int
        Normal numbers per pulse.
    """
    pulse = _pulse(step, normals)

    def after(going: Any, pulses: Any, sign: Any, bounds: Any, place: Any, arguments: Any, address: Any) -> Any:
        direction = sign if pulses > 0 else -sign
        for _ in range(abs(pulses)):
            going = pulse(going, direction, bounds, place, arguments, address)
        return going

    return after


@lru_cache(maxsize=1024)
def walk_runs(step: Function, normals: int, count: Function) -> Function:
    """``through``, whose parts are runs of pulses of one direction.

    Parameters
    ----------
    step, normals
        As of `walk`.
    count : callable
        ``count(run, row, column, source)`` gives the pulses of a run.
    """
    after = walk(step, normals)

    def through(
        going: Any, first: int, last: int, sign: Any, bounds: Any, place: Any, source: Any, arguments: Any, address: Any
    ) -> Any:
        _, row, column = place
        for run in range(first, last):
            going = after(going, count(run, row, column, source), sign, bounds, place, arguments, address)
        return going

    return through


@lru_cache(maxsize=1024)
def walk_slots(step: Function, normals: int, slots: Function) -> Function:
    """``through``, whose parts are words: the time is that of the pulses, however many runs there are.

    Parameters
    ----------
    step, normals
        As of `walk`.
    slots : callable
        ``slots(word, row, column, source)`` gives the bits of pulses up and of pulses down, the earliest lowest.
    """
    pulse = _pulse(step, normals)

    def through(
        going: Any, first: int, last: int, sign: Any, bounds: Any, place: Any, source: Any, arguments: Any, address: Any
    ) -> Any:
        _, row, column = place
        for word in range(first, last):
            ups, downs = slots(word, row, column, source)
            rest = np.uint32(ups | downs)
            while rest != np.uint32(0):
                after = np.uint32(rest & (rest - np.uint32(1)))
                direction = sign if (ups & (rest ^ after)) != np.uint32(0) else -sign
                going = pulse(going, direction, bounds, place, arguments, address)
                rest = after
        return going

    return through


@lru_cache(maxsize=1024)
def step_device(through: Function) -> Function:
    """``whole(row, column, device, pulses)``: the weight of a crosspoint after all its pulses."""

    def whole(row: int, column: int, device: Any, pulses: Any) -> Any:
        weights, _, _, arguments, address = device
        parts, source = pulses
        place, bounds = (row * weights.shape[1] + column, row, column), bounds_of(row, column, device)
        going = begin(weights[row, column])
        return through(going, 0, parts, np.float32(1), bounds, place, source, arguments, address)[0]

    return whole


@lru_cache(maxsize=1024)
def sequence(through: Function) -> Kernel:
    """The kernel that steps every device through all its pulses."""
    whole = step_device(through)

    def body(row: int, first: int, last: int, device: Any, pulses: Any) -> None:
        weights = device[0]
        for column in range(first, last):
            weights[row, column] = whole(row, column, device, pulses)

    return Kernel(body)
