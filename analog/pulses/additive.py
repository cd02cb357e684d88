"""Devices whose pulses change the weight by an amount that does not depend on it: all pulses of a batch at once.

As long as no bound is reached, the weight after ``n`` pulses up and ``m`` pulses down is ``w + n a + m b + s N`` with
one standard normal number ``N``, whatever the order: ``a`` and ``b`` are the mean changes, and the variance ``s**2`` is
``n`` and ``m`` times that of a pulse. That is the distribution of the sum, not an approximation of it. Devices that
might reach a bound on the way are stepped pulse by pulse.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from analog.kernels import Kernel
from analog.pulses.bookkeeping import totals_of
from analog.pulses.rounds import rounds_of_row
from analog.pulses.row_normals import normals_of_row, room_for_normals
from analog.pulses.sequence import Function, bounds_of, step_device
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
def _merged(step: Function, normals: int) -> Function:
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
def additive(step: Function, normals: int, part: Any, through: Any, gathered: Any) -> Kernel:
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


def _by_elements(step: Function, normals: int, part: Any, through: Function) -> Function:
    totals, merged, whole = totals_of(part), _merged(step, normals), step_device(through)

    def body(row: int, first: int, last: int, device: Any, pulses: Any) -> None:
        weights, _, _, arguments, address = device
        for column in range(first, last):
            ups, downs = totals(row, column, *pulses)
            normal = np.float32(0)
            if normals > 0:
                normal = normal_of(row * weights.shape[1] + column, MERGED, *address)
            counts, bounds = (np.float32(ups), np.float32(downs)), bounds_of(row, column, device)
            w, free = merged(weights[row, column], *counts, normal, *bounds, row, column, arguments)
            weights[row, column] = w if free else whole(row, column, device, pulses)

    return body


def _summing(part: Any) -> Function:
    def sum_parts(row: int, pulses: Any, ups: Any, downs: Any) -> Any:
        """Sum up the pulses of every column; gives those of all."""
        parts, source = pulses
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


def _one_by_one(through: Function) -> Function:
    """As `analog.pulses.rounds.rounds_of_row`, for few devices and for all kinds of pulses."""
    whole = step_device(through)

    def few(row: int, device: Any, pulses: Any, chosen: Any) -> None:
        weights = device[0]
        for column in range(chosen.size):
            if chosen[column]:
                weights[row, column] = whole(row, column, device, pulses)

    return few


def _merging(step: Function, normals: int) -> Function:
    merged = _merged(step, normals)

    def merge(row: int, ups: Any, downs: Any, device: Any, near: Any) -> int:
        """Set the weights that have room; the others are `near` a bound, and are counted."""
        weights, _, _, arguments, address = device
        numbers = room_for_normals(near.size)
        start = normals_of_row(row, near.size, MERGED, numbers, address) if normals > 0 else 0
        for column in range(near.size):
            counts, bounds = (np.float32(ups[column]), np.float32(downs[column])), bounds_of(row, column, device)
            old = weights[row, column]
            w, free = merged(old, *counts, numbers[0, start + column], *bounds, row, column, arguments)
            weights[row, column] = w if free else old
            near[column] = np.uint8(0) if free else np.uint8(1)
        count = 0
        for column in range(near.size):
            count += near[column]
        return count

    return merge


def _by_rows(step: Function, normals: int, part: Any, through: Function, gathered: Any) -> Function:
    """The same, with loops over whole rows that become vector instructions."""
    sum_parts, merge, few = _summing(part), _merging(step, normals), _one_by_one(through)
    many = rounds_of_row(step, gathered, normals) if gathered else few

    def body(row: int, first: int, last: int, device: Any, pulses: Any) -> None:  # noqa: ARG001  # of all kernels
        ups, downs, near = np.zeros(last, np.uint32), np.zeros(last, np.uint32), np.empty(last, np.uint8)
        if sum_parts(row, pulses, ups, downs) == 0:
            return
        count = merge(row, ups, downs, device, near)
        if FEW * count > last:
            many(row, device, pulses, near)
        elif count > 0:
            few(row, device, pulses, near)

    return body
