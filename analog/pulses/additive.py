"""Devices whose pulses change the weight by an amount that does not depend on it: all pulses of a batch at once.

As long as no bound is reached, the weight after ``n`` pulses up and ``m`` pulses down is ``w + n a + m b + s N`` with
one standard normal number ``N``, whatever the order: ``a`` and ``b`` are the mean changes, and the variance ``s**2`` is
``n`` and ``m`` times that of a pulse. That is the distribution of the sum, not an approximation of it. Devices that
might reach a bound on the way are stepped pulse by pulse.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from analog.kernels import Kernel
from analog.kernels.half import widened
from analog.pulses.bookkeeping import totals_of
from analog.pulses.rounds import rounds_of_row
from analog.pulses.row_normals import normals_of_row
from analog.random.distributions import normal_of

__all__ = ["additive"]

#: The draw of the merged noise, beyond those of any sequence of pulses; element ``e`` has lane ``e % 4`` of ``e // 4``.
MERGED = 1 << 31
#: The path of a sum of ``n`` normal numbers goes beyond this many of its standard deviations with a probability below
#: twice that of its end (Levy's inequality), 2e-9.
MARGIN = np.float32(6)
#: Up to one column in so many is stepped by itself.
FEW = 32


@lru_cache(maxsize=1024)
def _merged(step: Callable[..., Any], normals: int) -> Callable[..., Any]:
    """``merged(w, ups, downs, normal, least, most, row, column, arguments)``: new weight, and whether it had room."""

    def change(direction: Any, row: int, column: int, arguments: Any) -> Any:
        zero, one = np.float32(0), np.float32(1)
        mean = step(zero, direction, zero, zero, row, column, arguments)
        spread = step(zero, direction, one, zero, row, column, arguments) - mean if normals > 0 else zero
        spread2 = step(zero, direction, zero, one, row, column, arguments) - mean if normals > 1 else zero
        return mean, spread * spread + spread2 * spread2

    def merged(
        w: Any, ups: Any, downs: Any, normal: Any, least: Any, most: Any, row: int, column: int, arguments: Any
    ) -> Any:
        up, up_variance = change(np.float32(1), row, column, arguments)
        down, down_variance = change(np.float32(-1), row, column, arguments)
        spread = np.float32(math.sqrt(ups * up_variance + downs * down_variance))
        rise, fall = ups * up, downs * down
        margin = MARGIN * spread
        highest = w + max(rise, np.float32(0)) + max(fall, np.float32(0)) + margin
        lowest = w + min(rise, np.float32(0)) + min(fall, np.float32(0)) - margin
        return w + rise + fall + spread * normal, (highest <= most) & (lowest >= least)

    return merged


@lru_cache(maxsize=1024)
def additive(step: Callable[..., Any], normals: int, part: Any, through: Any, gathered: Any) -> Kernel:
    """The kernel that gives every device all its pulses.

    Parameters
    ----------
    step : callable
        Of a `Bound`.
    normals : int
        Normal numbers per pulse.
    part : callable
        ``part(number, row, column, source)`` gives pulses up and down of one part of the pulses.
    through : callable
        `walk_slots` or `walk_runs`, for devices that are stepped pulse by pulse.
    gathered : callable or None
        Of a `Bound`, if the pulses are `Trains`.
    """
    return Kernel(_by_rows(step, normals, part, through, gathered), cuda=_by_elements(step, normals, part, through))


def _by_elements(step: Callable[..., Any], normals: int, part: Any, through: Any) -> Callable[..., None]:
    totals, merged = totals_of(part), _merged(step, normals)

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
            ups, downs = totals(row, column, parts, source)
            normal = np.float32(0)
            if normals > 0:
                normal = normal_of(row * weights.shape[1] + column, MERGED, *address)
            counts = np.float32(ups), np.float32(downs)
            bounds = widened(min_bound[row, column]), widened(max_bound[row, column])
            w, free = merged(weights[row, column], *counts, normal, *bounds, row, column, arguments)
            if not free:
                place = row, column, weights.shape[1]
                w = through(weights[row, column], *bounds, *place, parts, source, arguments, address)
            weights[row, column] = w

    return body


def _summing(part: Any) -> Callable[..., Any]:
    def sum_parts(row: int, parts: int, ups: Any, downs: Any, source: Any) -> Any:
        """Sum up the pulses of every column; gives those of all."""
        for number in range(parts):
            for column in range(ups.size):
                up, down = part(number, row, column, source)
                ups[column] += up
                downs[column] += down
        total = np.uint64(0)
        for column in range(ups.size):
            total += np.uint64(ups[column]) + np.uint64(downs[column])
        return total

    return sum_parts


def _one_by_one(through: Callable[..., Any]) -> Callable[..., None]:
    """As `analog.pulses.rounds.rounds_of_row`, for few devices and for all kinds of pulses."""

    def few(
        row: int,
        weights: Any,
        min_bound: Any,
        max_bound: Any,
        parts: int,
        runs: int,  # noqa: ARG001  # of all ways
        source: Any,
        arguments: Any,
        address: Any,
        chosen: Any,
    ) -> None:
        for column in range(chosen.size):
            if chosen[column]:
                bounds = widened(min_bound[row, column]), widened(max_bound[row, column])
                place = row, column, chosen.size
                weights[row, column] = through(weights[row, column], *bounds, *place, parts, source, arguments, address)

    return few


def _by_rows(step: Callable[..., Any], normals: int, part: Any, through: Any, gathered: Any) -> Callable[..., None]:
    """The same, with loops over whole rows that become vector instructions."""
    sum_parts, merged = _summing(part), _merged(step, normals)
    few = _one_by_one(through)
    many = rounds_of_row(step, gathered, normals) if gathered else few

    def merge(
        row: int,
        weights: Any,
        min_bound: Any,
        max_bound: Any,
        ups: Any,
        downs: Any,
        arguments: Any,
        address: Any,
        near: Any,
    ) -> int:
        """Set the weights that have room; the others are `near` a bound, and are counted."""
        numbers = np.zeros((near.size + 7) // 4 * 4, np.float32)
        start = 0
        if normals > 0:
            start = normals_of_row(row, near.size, MERGED, numbers, address)
        count = 0
        for column in range(near.size):
            counts = np.float32(ups[column]), np.float32(downs[column])
            bounds = widened(min_bound[row, column]), widened(max_bound[row, column])
            old = weights[row, column]
            w, free = merged(old, *counts, numbers[start + column], *bounds, row, column, arguments)
            weights[row, column] = w if free else old
            near[column] = np.uint8(0) if free else np.uint8(1)
        for column in range(near.size):
            count += near[column]
        return count

    def body(
        row: int,
        first: int,  # noqa: ARG001  # of all kernels
        last: int,
        weights: Any,
        min_bound: Any,
        max_bound: Any,
        parts: int,
        runs: int,
        source: Any,
        arguments: Any,
        address: Any,
    ) -> None:
        ups, downs, near = np.zeros(last, np.uint32), np.zeros(last, np.uint32), np.empty(last, np.uint8)
        if sum_parts(row, parts, ups, downs, source) == 0:
            return
        count = merge(row, weights, min_bound, max_bound, ups, downs, arguments, address, near)
        if FEW * count > last:
            many(row, weights, min_bound, max_bound, parts, runs, source, arguments, address, near)
        elif count > 0:
            few(row, weights, min_bound, max_bound, parts, runs, source, arguments, address, near)

    return body
