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

__all__ = ["sequence", "walk", "walk_runs"]


@lru_cache(maxsize=1024)
def walk(step: Callable[..., Any], normals: int) -> Callable[..., Any]:
    """``walk(w, pulses, ordinal, least, most, place, arguments, address)`` gives the weight after a run of pulses.

    `pulses` of one direction, the first being number `ordinal` of its crosspoint in this update; `least` and `most` are
    the bounds, `place` is (element, row, column), `address` (step, stream, seed, tile). Pulse ``n`` takes number ``n``
    of its crosspoint's sequence of normal numbers, or numbers ``2 n`` and ``2 n + 1``.
    """

    def normal_of(number: Any, element: Any, address: Any) -> np.float32:
        when, stream, seed, tile = address
        one, two, three, four = normals4(element, number // 4, when, stream, seed, tile)
        lane = number % 4
        return (one if lane == 0 else two) if lane < 2 else (three if lane == 2 else four)

    def after(
        w: Any, pulses: Any, ordinal: Any, least: Any, most: Any, place: Any, arguments: Any, address: Any
    ) -> Any:
        element, row, column = place
        direction = np.float32(1) if pulses > 0 else np.float32(-1)
        for pulse in range(ordinal, ordinal + abs(pulses)):
            normal, normal2 = np.float32(0), np.float32(0)
            if normals == 1:
                normal = normal_of(pulse, element, address)
            elif normals == 2:
                normal = normal_of(2 * pulse, element, address)
                normal2 = normal_of(2 * pulse + 1, element, address)
            w = step(w, direction, normal, normal2, row, column, arguments)
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
def sequence(step: Callable[..., Any], normals: int, count: Any) -> Kernel:
    """The kernel that steps every device through all its runs of pulses; parameters as of `walk_runs`."""
    through = walk_runs(step, normals, count)

    def body(
        row: int,
        first: int,
        last: int,
        weights: Any,
        min_bound: Any,
        max_bound: Any,
        parts: int,  # noqa: ARG001  # of all kernels
        runs: int,
        source: Any,
        arguments: Any,
        address: Any,
    ) -> None:
        for column in range(first, last):
            bounds = widened(min_bound[row, column]), widened(max_bound[row, column])
            place = row, column, weights.shape[1]
            weights[row, column] = through(weights[row, column], *bounds, *place, runs, source, arguments, address)

    return Kernel(body)
