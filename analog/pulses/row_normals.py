"""One normal number for each device of a row."""

from __future__ import annotations

from typing import Any

import numpy as np

from analog.kernels.bits import float32_of_bits
from analog.pulses.row_pulses import make_normal, up_to_lanes
from analog.random.philox import words

__all__ = ["normals_of_row", "room_for_normals"]


def room_for_normals(columns: int) -> Any:
    """Zeros, as many as `normals_of_row` needs."""
    return np.zeros((2, 4 * up_to_lanes((columns + 6) // 4)), np.float32)


def normals_of_row(row: int, columns: int, draw: int, room: Any, address: Any) -> int:
    """Fill row 0 of `room` such that the numbers of the row of devices begin at the place that is given back.

    Element ``e`` of the array has lane ``e % 4`` of the draw at ``e // 4``, as from `normal_of`.
    """
    when, stream, seed, tile = address
    group = row * columns // 4
    before = row * columns - 4 * group
    count = up_to_lanes((before + columns + 3) // 4)
    numbers, lanes = room[0], room[1].reshape(4, room.shape[1] // 4)
    for place in range(count):
        element: Any = np.uint32(group + place)
        one, two, three, four = words(element, draw, when, stream, seed, tile)
        lanes[0, place] = float32_of_bits(one)
        lanes[1, place] = float32_of_bits(two)
        lanes[2, place] = float32_of_bits(three)
        lanes[3, place] = float32_of_bits(four)
    make_normal(0, lanes, count)
    make_normal(2, lanes, count)
    for place in range(count):
        numbers[4 * place] = lanes[0, place]
        numbers[4 * place + 1] = lanes[1, place]
        numbers[4 * place + 2] = lanes[2, place]
        numbers[4 * place + 3] = lanes[3, place]
    return before
