"""Tensors as the vectors that go through a matrix, chunk by chunk."""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch

from analog.nn.chunks import Chunk
from analog.nn.fold import add_windows, copy_windows
from analog.nn.planes import write_planes

__all__ = ["Rows", "Vectors", "Windows"]


class Rows(ABC):
    """How a tensor is read as rows, and what rows say is put together."""

    @abstractmethod
    def take(self, tensor: torch.Tensor, chunk: Chunk) -> torch.Tensor:
        """The rows of a chunk, (vectors, length)."""

    @abstractmethod
    def gather(
        self, parts: Iterable[tuple[Chunk, torch.Tensor]], shape: torch.Size, offset: torch.Tensor | None = None
    ) -> torch.Tensor:
        """A tensor of that shape from the rows of all its chunks, the transpose of `take`, plus an offset of rows."""


@dataclass(frozen=True)
class Vectors(Rows):
    """Every position is a vector, (items, *positions, length); what is put together is planes in memory."""

    def take(self, tensor: torch.Tensor, chunk: Chunk) -> torch.Tensor:
        """The rows of a chunk."""
        return tensor[chunk.items, chunk.lines].reshape(-1, tensor.shape[-1])

    def gather(
        self, parts: Iterable[tuple[Chunk, torch.Tensor]], shape: torch.Size, offset: torch.Tensor | None = None
    ) -> torch.Tensor:
        """All rows, side by side."""
        first, parts = _peeked(parts)
        items, *positions, length = shape
        whole = first.new_empty((items, length, *positions)).movedim(1, -1)
        for chunk, rows in parts:
            write_planes(whole[chunk.items, chunk.lines], rows, offset)
        return whole


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

    def take(self, tensor: torch.Tensor, chunk: Chunk) -> torch.Tensor:
        """What the kernel covers at its places."""
        items, lines = tensor[chunk.items], chunk.lines.stop - chunk.lines.start
        positions = (lines, *self.positions(tuple(tensor.shape[2:]))[1:])
        windows = tensor.new_empty((len(items), *positions, items.shape[1], *self.kernel))
        copy_windows(windows, items, self.stride, self.dilation, chunk.lines.start)
        return windows.view(len(items) * math.prod(positions), items.shape[1] * math.prod(self.kernel))

    def gather(
        self, parts: Iterable[tuple[Chunk, torch.Tensor]], shape: torch.Size, offset: torch.Tensor | None = None
    ) -> torch.Tensor:
        """The image in which overlapping windows are added."""
        first, parts = _peeked(parts)
        image, positions = _zeros(shape, first), self.positions(tuple(shape[2:]))
        for chunk, rows in parts:
            part, lines = image[chunk.items], chunk.lines.stop - chunk.lines.start
            windows = rows.view(len(part), lines, *positions[1:], shape[1], *self.kernel)
            add_windows(windows, part, self.stride, self.dilation, chunk.lines.start)
        return image if offset is None else image + offset


def _zeros(shape: torch.Size, like: torch.Tensor) -> torch.Tensor:
    """An image of zeros; on the CPU by this thread, as torch would wake others for so little."""
    if like.device.type != "cpu":
        return like.new_zeros(shape)
    image = like.new_empty(shape)
    image.numpy().fill(0)
    return image


def _peeked(
    parts: Iterable[tuple[Chunk, torch.Tensor]],
) -> tuple[torch.Tensor, Iterator[tuple[Chunk, torch.Tensor]]]:
    """The rows of the first part, and all parts."""
    rest = iter(parts)
    first = next(rest)
    return first[1], itertools.chain([first], rest)
