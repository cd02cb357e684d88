"""Images whose pixels are vectors: in memory they are planes, one for each element of the vectors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from analog.kernels import Kernel, target_of

__all__ = ["rows_and_sum", "write_planes"]


def write_planes(planes: Any, rows: Any, offset: Any = None) -> None:
    """Write vectors to where they are in an image.

    Parameters
    ----------
    planes : array
        (items, length, *positions), float32, also some lines of an item alone; changed in place.
    rows : array
        (vectors, length), as many as there are positions of all items.
    offset : array, optional
        What is added to every vector, (length,).
    """
    items, length, *positions = planes.shape
    if isinstance(planes, np.ndarray):
        places, added = math.prod(positions), np.zeros(length, np.float32) if offset is None else offset
        arrays = planes.reshape(items, length, places), rows.reshape(items, places, length), added
        target_of(planes).launch(_WRITE, items, places, *arrays)
    else:
        added = rows if offset is None else rows + offset
        planes.copy_(added.reshape(items, *positions, length).movedim(-1, 1))


def rows_and_sum(image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """An image (items, *positions, length) with every vector in one piece, and the sum of all, (length,)."""
    if image.is_contiguous() or image.device.type != "cpu":
        return image.contiguous(), image.sum(tuple(range(image.ndim - 1)))
    items, *positions, length = image.shape
    rows, sums, places = torch.empty(image.shape), torch.empty(items, length), math.prod(positions)
    arrays = image.movedim(-1, 1).reshape(items, length, places), rows.view(items, places, length), sums
    native: list[Any] = [array.detach().numpy() for array in arrays]
    target_of(native[0]).launch(_TAKE, items, places, *native)
    return rows, sums.sum(0)


def _write(item: int, first: int, last: int, planes: Any, vectors: Any, offset: Any) -> None:
    for line in range(planes.shape[1]):
        plane, added = planes[item, line], offset[line]
        for place in range(first, last):
            plane[place] = vectors[item, place, line] + added


def _take(item: int, first: int, last: int, planes: Any, vectors: Any, sums: Any) -> None:
    total = sums[item]
    total[:] = 0
    for place in range(first, last):
        vector = vectors[item, place]
        for line in range(vector.size):
            vector[line] = planes[item, line, place]
            total[line] += vector[line]


_WRITE, _TAKE = Kernel(_write), Kernel(_take, per="row")
