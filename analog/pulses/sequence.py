"""Devices stepped through their pulses, one after the other: the definition, which runs everywhere.

Whatever is faster (`analog.pulses.rounds`) gives the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from analog.kernels import Kernel
from analog.kernels.half import widened
from analog.random.distributions import normals4

__all__ = ["sequence", "walk", "walk_runs", "walk_slots"]


def lane_of(four: Any, lane: Any) -> Any:
    """One of four numbers."""
    return (four[0] if lane == 0 else four[1]) if lane < 2 else (four[2] if lane == 2 else four[3])


@lru_cache(maxsize=1024)
def walk(step: Callable[..., Any], normals: int) -> Callable[..., Any]:
    """``walk(w, pulses, ordinal, least, most, place, arguments, address)`` gives the weight after a run of pulses.

    `pulses` of one direction, the first being number `ordinal` of its crosspoint in this update; `least` and `most` are
    the bounds, `place` is (element, row, column), `address` (step, stream, seed, tile). Pulse ``n`` takes number ``n``
    of its crosspoint's sequence of normal numbers, or numbers ``2 n`` and ``2 n + 1``.
    """
    # How many pulses four numbers are enough for.
    each = 4 // max(normals, 1)

    def after(
        w: Any, pulses: Any, ordinal: Any, least: Any, most: Any, place: Any, arguments: Any, address: Any
    ) -> Any:
        element, row, column = place
        when, stream, seed, tile = address
        direction = np.float32(1) if pulses > 0 else np.float32(-1)
        zero = np.float32(0)
        four = zero, zero, zero, zero
        for pulse in range(ordinal, ordinal + abs(pulses)):
            lane = pulse % each * normals
            if normals > 0 and (lane == 0 or pulse == ordinal):
                four = normals4(element, pulse // each, when, stream, seed, tile)
            normal2 = lane_of(four, lane + 1) if normals > 1 else zero
            w = step(w, direction, lane_of(four, lane), normal2, row, column, arguments)
            w = min(max(w, least), most)
        return w

    return after


@lru_cache(maxsize=1024)
def walk_runs(step: Callable[..., Any], normals: int, count: Callable[..., Any]) -> Callable[..., Any]:
    """``walk_runs(w, least, most, row, column, columns, runs, source, arguments, address)``: after all runs of pulses.

    Parameters
    ----------
    step : callable
        Of a `Bound`.
    normals : int
        Normal numbers per pulse.
    count : callable
        ``count(run, row, column, source)`` gives the pulses of a run.
    """
    after = walk(step, normals)

    def through(
        w: Any,
        least: Any,
        most: Any,
        row: int,
        column: int,
        columns: int,
        runs: int,
        source: Any,
        arguments: Any,
        address: Any,
    ) -> Any:
        place = (row * columns + column, row, column)
        ordinal = np.int64(0)
        for run in range(runs):
            pulses = count(run, row, column, source)
            w = after(w, pulses, ordinal, least, most, place, arguments, address)
            ordinal += abs(pulses)
        return w

    return through


@lru_cache(maxsize=1024)
def walk_slots(step: Callable[..., Any], normals: int, slots: Callable[..., Any]) -> Callable[..., Any]:
    """As `walk_runs`, for pulses that are bits of words: the time is that of the pulses, however many runs there are.

    Parameters
    ----------
    step : callable
        Of a `Bound`.
    normals : int
        Normal numbers per pulse.
    slots : callable
        ``slots(word, row, column, source)`` gives the bits of pulses up and of pulses down, the earliest lowest.
    """
    each = 4 // max(normals, 1)

    def through(
        w: Any,
        least: Any,
        most: Any,
        row: int,
        column: int,
        columns: int,
        words: int,
        source: Any,
        arguments: Any,
        address: Any,
    ) -> Any:
        when, stream, seed, tile = address
        zero = np.float32(0)
        ordinal: Any = np.int64(0)
        four = zero, zero, zero, zero
        for word in range(words):
            ups, downs = slots(word, row, column, source)
            rest = np.uint32(ups | downs)
            while rest != np.uint32(0):
                after = np.uint32(rest & (rest - np.uint32(1)))
                direction = np.float32(1) if (ups & (rest ^ after)) != np.uint32(0) else np.float32(-1)
                lane = ordinal % each * normals
                if normals > 0 and lane == 0:
                    four = normals4(row * columns + column, ordinal // each, when, stream, seed, tile)
                normal2 = lane_of(four, lane + 1) if normals > 1 else zero
                w = step(w, direction, lane_of(four, lane), normal2, row, column, arguments)
                w = min(max(w, least), most)
                ordinal += 1
                rest = after
        return w

    return through


@lru_cache(maxsize=1024)
def sequence(through: Callable[..., Any]) -> Kernel:
    """The kernel that steps every device through all its pulses: by `walk_runs` or `walk_slots`."""

    def body(
        row: int,
        first: int,
        last: int,
        weights: Any,
        min_bound: Any,
        max_bound: Any,
        parts: int,
        runs: int,  # noqa: ARG001  # of all kernels
        source: Any,
        arguments: Any,
        address: Any,
    ) -> None:
        for column in range(first, last):
            bounds = widened(min_bound[row, column]), widened(max_bound[row, column])
            place = row, column, weights.shape[1]
            weights[row, column] = through(weights[row, column], *bounds, *place, parts, source, arguments, address)

    return Kernel(body)
