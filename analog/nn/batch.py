"""Vectors of tensors as crossbars take them in an update."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import torch

from analog.cell import Vectors
from analog.nn.chunks import Chunk, covering

__all__ = ["Joined", "Patches", "native"]


def native(rows: Any) -> Any:
    """The memory of a tensor as an array of NumPy on the CPU, which crossbars take as it is; `Vectors` as they are."""
    if isinstance(rows, Vectors):
        return rows
    rows = rows.detach().contiguous()
    return rows.numpy() if rows.device.type == "cpu" else rows


@dataclass(frozen=True)
class Patches(Vectors):
    """What is at the positions of images.

    Parameters
    ----------
    count, length : int
        How many vectors, and how many elements of each.
    positions : tuple of int
        How many vectors an image has along each axis.
    take : callable
        ``take(chunk)``: the vectors of a chunk.
    finish : callable, optional
        ``finish(rows, some)``: what becomes of those that were taken, the vectors `some`.
    """

    count: int
    length: int
    positions: tuple[int, ...]
    take: Callable[[Chunk], torch.Tensor]
    finish: Callable[[torch.Tensor, slice], torch.Tensor] = lambda rows, _: rows

    @property
    def shape(self) -> tuple[int, int]:
        """(batch, elements of a vector)."""
        return self.count, self.length

    def __getitem__(self, some: slice) -> Any:
        """Consecutive rows."""
        first, last, _ = some.indices(self.count)
        chunks, before = covering(first, last, self.positions)
        rows = _whole([self.take(chunk) for chunk in chunks])[before : before + last - first]
        return native(self.finish(rows, slice(first, last)))


@dataclass(frozen=True)
class Joined(Vectors):
    """Vectors of several batches, one after the other.

    Parameters
    ----------
    parts : sequence of Tensor or Vectors
        The batches; none is empty.
    """

    parts: Sequence[Any]

    @property
    def shape(self) -> tuple[int, int]:
        """(batch, elements of a vector)."""
        return sum(part.shape[0] for part in self.parts), self.parts[0].shape[1]

    def __getitem__(self, some: slice) -> Any:
        """Consecutive rows."""
        first, last, _ = some.indices(self.shape[0])
        found = []
        for part, end in zip(self.parts, accumulate(part.shape[0] for part in self.parts), strict=True):
            begin = end - part.shape[0]
            if max(first, begin) < min(last, end):
                rows = part[max(first, begin) - begin : min(last, end) - begin]
                found.append(rows if isinstance(rows, torch.Tensor) else torch.as_tensor(rows))
        return native(_whole(found))


def _whole(parts: list[torch.Tensor]) -> torch.Tensor:
    """Rows one after the other; on the CPU by this thread, as torch would wake others for so little."""
    if len(parts) == 1:
        return parts[0]
    if parts[0].device.type != "cpu":
        return torch.cat(parts)
    return torch.from_numpy(np.concatenate([native(part) for part in parts]))
