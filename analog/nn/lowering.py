"""Operations on images as products of a matrix with many vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch

from analog.nn.chunks import CHUNK_BYTES, Chunk, chunks
from analog.nn.rows import Rows

__all__ = ["Lowering"]


@dataclass(frozen=True)
class Lowering:
    """How an operation takes vectors from one tensor and puts the results into another, never all at a time.

    Parameters
    ----------
    source, target : Rows
        How the vectors lie in inputs, and in outputs.
    result : tuple of int
        Shape of the output.
    positions : tuple of int
        How many vectors an item of the batch has along each axis.
    has_constant : bool, optional
        Whether every vector ends with a 1 that is not in the input: what drives a column of bias devices.
    """

    source: Rows
    target: Rows
    result: tuple[int, ...]
    positions: tuple[int, ...]
    has_constant: bool = False

    def inputs(self, x: torch.Tensor, chunk: Chunk, reach: float | None) -> torch.Tensor:
        """Vectors of a chunk as the array gets them."""
        rows = self.source.take(x, chunk)
        if self.has_constant:
            rows = torch.nn.functional.pad(rows, (0, 1), value=1.0 if reach is None else min(reach, 1.0))
        return rows if reach is None else rows / reach

    def forward(self, multiply: Callable[[Chunk], torch.Tensor], shape: tuple[int, int]) -> torch.Tensor:
        """The output, from what `multiply` gives for the chunks of a matrix of that shape."""
        parts = ((chunk, multiply(chunk)) for chunk in self.chunks(shape))
        return self.target.gather(parts, torch.Size(self.result))

    def backward(
        self, multiply: Callable[[Chunk], torch.Tensor], shape: tuple[int, int], extents: torch.Size
    ) -> torch.Tensor:
        """The gradient by an input of those extents, from what `multiply` gives for the chunks."""
        parts = ((chunk, self._without_constant(multiply(chunk))) for chunk in self.chunks(shape))
        return self.source.gather(parts, extents)

    def chunks(self, shape: tuple[int, int]) -> Iterator[Chunk]:
        """In the order of vectors; the longer ones of inputs and outputs count."""
        return chunks(self.result[0], self.positions, max(shape), CHUNK_BYTES)

    def _without_constant(self, rows: torch.Tensor) -> torch.Tensor:
        return rows[:, :-1].contiguous() if self.has_constant else rows
