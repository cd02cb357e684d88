"""Pulses of many devices of a row at once, four rounds of pulses by the numbers of one draw."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from analog.kernels.half import widened
from analog.pulses.sequence import Function
from analog.random.distributions import normals4

__all__ = ["fours_of_columns", "pulse_of_column", "room_for_fours"]


def room_for_fours(normals: int, columns: int) -> Any:
    """Zeros, as many as `fours_of_columns` needs."""
    return np.zeros((max(4 * normals, 1), columns), np.float32)


@lru_cache(maxsize=3)
def fours_of_columns(normals: int) -> Function:
    """``draw(numbers, count, pulse, had, order, before, address)``: what four pulses of each of some columns take.

    Number ``pulse + had[n]`` of the column ``order[n]`` and the three after it take them from rows 0 to 3 of `numbers`,
    or, with two numbers each, from rows 0 to 7; the elements of the row begin at `before`.
    """

    def draw(numbers: Any, count: int, pulse: int, had: Any, order: Any, before: int, address: Any) -> None:
        when, stream, seed, tile = address
        for part in range(normals):
            for place in range(count):
                element = before + order[place]
                block = (had[place] + pulse) // 4 * normals + part
                one, two, three, four = normals4(element, block, when, stream, seed, tile)
                numbers[4 * part, place] = one
                numbers[4 * part + 1, place] = two
                numbers[4 * part + 2, place] = three
                numbers[4 * part + 3, place] = four

    return draw


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
