"""Pulses of many devices of a row at once, four rounds of pulses by the numbers of one draw."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from analog.kernels.bits import bits_of_float32, float32_of_bits
from analog.kernels.half import widened
from analog.pulses.sequence import Function
from analog.random.distributions import normal_pair
from analog.random.philox import words

__all__ = ["fours_of_columns", "make_normal", "pulse_of_column", "room_for_fours", "up_to_lanes"]

#: Numbers in a vector register: loops over a multiple of them have no remainder, which would take as long as many.
LANES = 16
TWO = np.uint32(2)


def up_to_lanes(count: int) -> int:
    """So many, or a few more."""
    return (count + (LANES - 1)) & -LANES


def room_for_fours(normals: int, columns: int) -> Any:
    """Memory for `fours_of_columns`."""
    return np.empty((max(4 * normals, 1), columns), np.float32)


@lru_cache(maxsize=3)
def fours_of_columns(normals: int) -> Function:
    """``draw(numbers, count, pulse, had, order, before, address)``: what four pulses of each of some columns take.

    Number ``pulse + had[n]`` of the column ``order[n]`` and the three after it take them from rows 0 to 3 of `numbers`,
    or, with two numbers each, from rows 0 to 7; the elements of the row begin at `before`.
    """

    def draw(numbers: Any, count: int, pulse: int, had: Any, order: Any, before: int, address: Any) -> None:
        for part in range(normals):
            _draw_words(4 * part, numbers, count, pulse // 4 * normals + part, had, order, before, address)
            make_normal(4 * part, numbers, count)
            make_normal(4 * part + 2, numbers, count)

    def _draw_words(
        first: int, numbers: Any, count: int, draw: int, had: Any, order: Any, before: int, address: Any
    ) -> None:
        """The bits that numbers are made of: a loop by itself has enough registers."""
        when, stream, seed, tile = address
        offset, start, each = np.uint32(before), np.uint32(draw), np.uint32(normals)
        for place in range(count):
            element: Any = np.uint32(offset + np.uint32(order[place]))
            block: Any = np.uint32(start + np.uint32(np.uint32(np.uint32(had[place]) >> TWO) * each))
            one, two, three, four = words(element, block, when, stream, seed, tile)
            numbers[first, place] = float32_of_bits(one)
            numbers[first + 1, place] = float32_of_bits(two)
            numbers[first + 2, place] = float32_of_bits(three)
            numbers[first + 3, place] = float32_of_bits(four)

    return draw


def make_normal(first: int, numbers: Any, count: int) -> None:
    """Two rows of normal numbers in the place of the bits that they are made of."""
    for place in range(count):
        one, two = bits_of_float32(numbers[first, place]), bits_of_float32(numbers[first + 1, place])
        numbers[first, place], numbers[first + 1, place] = normal_pair(one, two)


@lru_cache(maxsize=1024)
def pulse_of_column(step: Function, normals: int) -> Function:
    """``pulse(w, direction, number, place, numbers, bounds, arguments)``: the weight of a column after one pulse.

    Parameters
    ----------
    step : callable
        Of a `Bound`; `arguments` and `bounds` are those of the columns of one row.
    normals : int
        Normal numbers per pulse, which are in the row ``number % 4 * normals`` of `numbers` and the next.
    """

    def pulse(w: Any, direction: Any, number: int, place: int, numbers: Any, bounds: Any, arguments: Any) -> Any:
        least, most = bounds
        first = number % 4 * normals
        normal = numbers[first, place] if normals > 0 else np.float32(0)
        normal2 = numbers[first + 1, place] if normals > 1 else np.float32(0)
        after = step(w, direction, normal, normal2, 0, place, arguments)
        return min(max(after, widened(least[place])), widened(most[place]))

    return pulse
