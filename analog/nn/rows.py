"""Tensors as the vectors that go through a matrix, chunk by chunk.

Parts of tensors are arrays, as kernels take them: making small tensors takes longer than what is done with them.
"""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from analog.nn.batch import numbers_of, tensor_of
from analog.nn.chunks import Chunk
from analog.nn.fold import add_windows, copy_windows
from analog.nn.planes import write_planes

__all__ = ["Rows", "Vectors", "Windows"]

#: Rows of a chunk.
Part = tuple[Chunk, Any]


class Rows(ABC):
    """How a tensor is read as rows, and what rows say is put together."""

    @abstractmethod
    def take(self, array: Any, chunk: Chunk) -> Any:
        """The rows of a chunk, (vectors, length)."""

    @abstractmethod
    def gather(self, parts: Iterable[Part], shape: torch.Size, offset: torch.Tensor | None = None) -> torch.Tensor:
        """A tensor of that shape from the rows of all its chunks, the transpose of `take`, plus an offset of rows."""


@dataclass(frozen=True)
class Vectors(Rows):
    """Every position is a vector, (items, *positions, length); what is put together is planes in memory."""

    def take(self, array: Any, chunk: Chunk) -> Any:
        """The rows of a chunk."""
        return array[chunk.items, chunk.lines].reshape(-1, array.shape[-1])

    def gather(self, parts: Iterable[Part], shape: torch.Size, offset: torch.Tensor | None = None) -> torch.Tensor:
        """All rows, side by side."""
        first, parts = _peeked(parts)
        items, *positions, length = shape
        planes, added = _empty((items, length, *positions), first), None if offset is None else numbers_of(offset)
        for chunk, rows in parts:
            write_planes(planes[chunk.items, :, chunk.lines], rows, added)
        return tensor_of(planes).movedim(1, -1)


@dataclass(frozen=True)
class Windows(Rows):
    """A kernel moves over an image (items, channels, *extents); what it covers is a vector (channels, *kernel).

    Parameters
    ----------
    kernel, stride, dilation : tuple of int
        Extents of the kernel, and distances between its places and between its elements, for each axis.
    """

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]

    def positions(self, extents: tuple[int, ...]) -> tuple[int, ...]:
        """How many places the kernel has along each axis of an image; less than one where it does not fit."""
        geometry = zip(extents, self.kernel, self.stride, self.dilation, strict=True)
        return tuple(
            (extent - dilation * (kernel - 1) - 1) // stride + 1 for extent, kernel, stride, dilation in geometry
        )

    def beyond(self, extents: tuple[int, ...]) -> tuple[int, ...]:
        """How much of each axis of an image no place of the kernel reaches."""
        ends = zip(extents, self.kernel, self.stride, self.dilation, strict=True)
        return tuple((extent - dilation * (kernel - 1) - 1) % stride for extent, kernel, stride, dilation in ends)

    def take(self, array: Any, chunk: Chunk) -> Any:
        """What the kernel covers at its places."""
        items, lines = array[chunk.items], chunk.lines.stop - chunk.lines.start
        positions = (lines, *self.positions(tuple(array.shape[2:]))[1:])
        windows = _empty((len(items), *positions, items.shape[1], *self.kernel), items)
        copy_windows(windows, items, self.stride, self.dilation, chunk.lines.start)
        return windows.reshape(len(items) * math.prod(positions), items.shape[1] * math.prod(self.kernel))

    def gather(self, parts: Iterable[Part], shape: torch.Size, offset: torch.Tensor | None = None) -> torch.Tensor:
        """The image in which overlapping windows are added."""
        first, parts = _peeked(parts)
        image, positions = _empty(tuple(shape), first), self.positions(tuple(shape[2:]))
        image[...] = 0
        for chunk, rows in parts:
            part, lines = image[chunk.items], chunk.lines.stop - chunk.lines.start
            windows = rows.reshape(len(part), lines, *positions[1:], shape[1], *self.kernel)
            add_windows(windows, part, self.stride, self.dilation, chunk.lines.start)
        whole = tensor_of(image)
        return whole if offset is None else whole + offset


def _empty(shape: tuple[int, ...], like: Any) -> Any:
    return np.empty(shape, np.float32) if isinstance(like, np.ndarray) else like.new_empty(shape)


def _peeked(parts: Iterable[Part]) -> tuple[Any, Iterator[Part]]:
    """The rows of the first part, and all parts."""
    rest = iter(parts)
    first = next(rest)
    return first[1], itertools.chain([first], rest)
