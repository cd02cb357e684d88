"""Images whose pixels are vectors: in memory they are planes, one for each element of the vectors."""

from __future__ import annotations

import math
from typing import Any

import torch

from analog.kernels import Kernel, target_of

__all__ = ["rows_and_sum", "write_planes"]


def write_planes(image: torch.Tensor, rows: torch.Tensor, offset: torch.Tensor | None = None) -> None:
    """Write vectors to where they are in an image.

    Parameters
    ----------
    image : Tensor
        (items, *positions, length), float32, whose memory is planes; changed in place.
    rows : Tensor
        (vectors, length), as many as there are positions of all items.
    offset : Tensor, optional
        What is added to every vector, (length,).
    """
    if image.device.type == "cpu":
        added = rows.new_zeros(rows.shape[1]) if offset is None else offset
        _launch(_WRITE, _planes(image), rows, added)
    else:
        image.copy_((rows if offset is None else rows + offset).view(image.shape))


def rows_and_sum(image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """An image (items, *positions, length) with every vector in one piece, and the sum of all, (length,)."""
    if image.is_contiguous() or image.device.type != "cpu":
        return image.contiguous(), image.sum(tuple(range(image.ndim - 1)))
    rows, sums = torch.empty(image.shape), torch.empty(len(image), image.shape[-1])
    _launch(_TAKE, _planes(image), rows, sums)
    return rows, sums.sum(0)


def _planes(image: torch.Tensor) -> torch.Tensor:
    """(items, length, positions): the same memory, if that is planes."""
    return image.movedim(-1, 1).reshape(len(image), image.shape[-1], math.prod(image.shape[1:-1]))


def _launch(kernel: Kernel, planes: torch.Tensor, rows: torch.Tensor, more: torch.Tensor) -> None:
    items, length, places = planes.shape
    arrays = planes, rows.view(items, places, length), more
    native: list[Any] = [array.detach().numpy() for array in arrays]
    target_of(native[0]).launch(kernel, items, places, *native)


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
