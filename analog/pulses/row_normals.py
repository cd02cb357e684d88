"""One normal number for each device of a row."""

from __future__ import annotations

from typing import Any

import numpy as np

from analog.random.distributions import normals4

__all__ = ["normals_of_row", "room_for_normals"]


def room_for_normals(columns: int) -> Any:
    """Zeros, as many as `normals_of_row` needs."""
    return np.zeros((columns + 7) // 4 * 4, np.float32)


def normals_of_row(row: int, columns: int, draw: int, numbers: Any, address: Any) -> int:
    """Fill `numbers` such that the row's begin at the place that is given back.

    Element ``e`` of the array has lane ``e % 4`` of the draw at ``e // 4``, as from `normal_of`.
    """
    when, stream, seed, tile = address
    group = row * columns // 4
    for place in range(numbers.size // 4):
        one, two, three, four = normals4(group + place, draw, when, stream, seed, tile)
        numbers[4 * place] = one
        numbers[4 * place + 1] = two
        numbers[4 * place + 2] = three
        numbers[4 * place + 3] = four
    return row * columns - 4 * group
