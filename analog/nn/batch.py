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

__all__ = ["Joined", "Patches", "native", "numbers_of", "tensor_of"]


def numbers_of(tensor: torch.Tensor) -> Any:
    """The memory of a tensor as kernels take it, in whatever order it is: an array of NumPy on the CPU."""
    detached = tensor.detach()
    return detached.numpy() if detached.device.type == "cpu" else detached


def tensor_of(array: Any) -> torch.Tensor:
    """The same memory as a tensor."""
    found: torch.Tensor = torch.from_numpy(array) if isinstance(array, np.ndarray) else array
    return found


def native(rows: Any) -> Any:
    """The memory of a tensor as an array of NumPy on the CPU, which crossbars take as it is; `Vectors` as they are."""
    return numbers_of(rows.contiguous()) if isinstance(rows, torch.Tensor) else rows


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
        ``take(chunk)``: the vectors of a chunk, an array.
    finish : callable, optional
        ``finish(rows, some)``: what becomes of those that were taken, the vectors `some`.
    """

    count: int
    length: int
    positions: tuple[int, ...]
    take: Callable[[Chunk], Any]
    finish: Callable[[Any, slice], Any] = lambda rows, _: rows

    @property
    def shape(self) -> tuple[int, int]:
        """(batch, elements of a vector)."""
        return self.count, self.length

    def __getitem__(self, some: slice) -> Any:
        """Consecutive rows."""
        first, last, _ = some.indices(self.count)
        chunks, before = covering(first, last, self.positions)
        rows = _whole([self.take(chunk) for chunk in chunks])[before : before + last - first]
        return self.finish(rows, slice(first, last))


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
                found.append(native(rows) if isinstance(rows, torch.Tensor) else rows)
        return _whole(found)


def _whole(parts: list[Any]) -> Any:
    """Rows one after the other; on the CPU by this thread, as torch would wake others for so little."""
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if isinstance(parts[0], np.ndarray) else torch.cat(parts)
