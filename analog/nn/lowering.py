"""Operations on images as products of a matrix with many vectors."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from analog.nn.batch import numbers_of, tensor_of
from analog.nn.chunks import CHUNK_BYTES, Chunk, chunks
from analog.nn.native import convolved, correlated, spread
from analog.nn.rows import Rows, Vectors, Windows

__all__ = ["Lowering"]


@dataclass(frozen=True)
class Lowering:
    """How an operation takes vectors from one tensor and puts the results into another, never all at a time.

    Parameters
    ----------
    windows : Windows
        How vectors lie in an image.
    result : tuple of int
        Shape of the output.
    positions : tuple of int
        How many vectors an item of the batch has along each axis.
    is_transposed : bool, optional
        Whether the image is the output: inputs are pixels then, (items, *positions, length).
    has_constant : bool, optional
        Whether every vector ends with a 1 that is not in the input: what drives a column of bias devices. Not when
        transposed.
    """

    windows: Windows
    result: tuple[int, ...]
    positions: tuple[int, ...]
    is_transposed: bool = False
    has_constant: bool = False

    @property
    def source(self) -> Rows:
        """How vectors lie in inputs."""
        return Vectors() if self.is_transposed else self.windows

    @property
    def target(self) -> Rows:
        """How results lie in outputs."""
        return self.windows if self.is_transposed else Vectors()

    @property
    def count(self) -> int:
        """How many vectors there are."""
        return self.result[0] * math.prod(self.positions)

    # -- vector by vector ----------------------------------------------------------------------------------

    def inputs(self, x: Any, chunk: Chunk, reach: float | None) -> Any:
        """Vectors of a chunk as the array gets them, from an array."""
        rows = self.source.take(x, chunk)
        if self.has_constant:
            rows = numbers_of(torch.nn.functional.pad(tensor_of(rows), (0, 1), value=_constant(reach)))
        return rows if reach is None else rows / reach

    def forward(
        self, multiply: Callable[[Chunk], Any], shape: tuple[int, int], offset: torch.Tensor | None = None
    ) -> torch.Tensor:
        """The output, from what `multiply` gives for the chunks of a matrix of that shape, plus an offset."""
        parts = ((chunk, multiply(chunk)) for chunk in self.chunks(shape))
        return self.target.gather(parts, torch.Size(self.result), offset)

    def backward(self, multiply: Callable[[Chunk], Any], shape: tuple[int, int], extents: torch.Size) -> torch.Tensor:
        """The gradient by an input of those extents, from what `multiply` gives for the chunks."""
        inputs = shape[1] - self.has_constant
        parts = ((chunk, multiply(chunk)[:, :inputs]) for chunk in self.chunks(shape))
        return self.source.gather(parts, extents)

    def chunks(self, shape: tuple[int, int], limit: int | None = None) -> Iterator[Chunk]:
        """In the order of vectors, of so many bytes at most; the longer ones of inputs and outputs count."""
        return chunks(self.result[0], self.positions, max(shape), CHUNK_BYTES if limit is None else limit)

    def _without_constant(self, rows: torch.Tensor) -> torch.Tensor:
        return rows[:, :-1].contiguous() if self.has_constant else rows

    # -- all at once, where the matrix is exact ------------------------------------------------------------

    def exact_forward(
        self, x: torch.Tensor, matrix: torch.Tensor, bias: torch.Tensor | None = None, *, reach: float | None = None
    ) -> torch.Tensor:
        """The output, of inputs as the array gets them times `reach`; plus a bias of results, if there is one."""
        if self.is_transposed:
            y = spread(self.windows, x, matrix.T, torch.Size(self.result))
            return y if bias is None else y + bias
        offset = matrix[:, -1] * _constant(reach) if self.has_constant else bias
        return convolved(self.windows, x, self._without_constant(matrix), offset)

    def exact_backward(self, d: torch.Tensor, matrix: torch.Tensor, extents: torch.Size) -> torch.Tensor:
        """The gradient by an input of those extents."""
        if self.is_transposed:
            return convolved(self.windows, d, matrix.T)
        return spread(self.windows, d, self._without_constant(matrix), extents)

    def exact_gradient(self, x: torch.Tensor, d: torch.Tensor, reach: float | None) -> torch.Tensor:
        """The gradient by the matrix, of inputs as the array gets them times `reach`."""
        if self.is_transposed:
            return correlated(self.windows, x, d).T
        gradient = correlated(self.windows, d, x)
        if not self.has_constant:
            return gradient
        return torch.cat((gradient, d.flatten(0, -2).sum(0).reshape(-1, 1) * _constant(reach)), 1)


def _constant(reach: float | None) -> float:
    """What stands for the 1 that drives bias devices, within the input range."""
    return 1.0 if reach is None else min(reach, 1.0)
