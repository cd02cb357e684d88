"""Random numbers for the vectors of a batch: those of a vector depend on its number, not on the batch it comes in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from analog.cell import Site
from analog.kernels import Kernel
from analog.mvm.workspace import scratch
from analog.random import Stream, normals4, uniforms4

__all__ = ["BLOCK", "NORMAL", "UNIFORM", "Draws", "Filling", "is_short"]

#: Lines of an output that are too few for vector instructions along them.
FEW_LINES = 32
#: Vectors that a thread takes one line after the other, where lines are few.
BLOCK = 128


def is_short(lines: int) -> bool:
    """Whether there are so few that threads had better go along vectors."""
    return lines <= FEW_LINES


@dataclass(frozen=True)
class Filling:
    """Kernels that fill ``out[row, :]`` with the numbers of the vector ``vectors[row]``, four at an address.

    Parameters
    ----------
    long : Kernel
        Line by line of a vector.
    short : Kernel
        Vector by vector of a line, the same numbers.
    """

    long: Kernel
    short: Kernel


def _filling(numbers: Callable[..., Any]) -> Filling:
    """The kernels for ``numbers(element, draw, step, stream, seed, tile)``, which gives four."""
    return Filling(_by_lines(numbers), _by_vectors(numbers))


def _by_vectors(numbers: Callable[..., Any]) -> Kernel:
    def body(row: int, first: int, last: int, out: Any, vectors: Any, address: Any) -> None:
        (draw, step, stream, seed, tile), width = address, out.shape[1]
        begin = row * BLOCK + first
        count = min(row * BLOCK + last, out.shape[0]) - begin
        # Side by side, so that the numbers of all vectors come from vector instructions.
        fours = np.empty((4, BLOCK), np.float32)
        for group in range((width + 3) // 4):
            for at in range(count):
                one, two, three, four = numbers(group, draw, step + vectors[begin + at], stream, seed, tile)
                fours[0, at] = one
                fours[1, at] = two
                fours[2, at] = three
                fours[3, at] = four
            for lane in range(min(4, width - 4 * group)):
                for at in range(count):
                    out[begin + at, 4 * group + lane] = fours[lane, at]

    return Kernel(body, cuda=_vector_by_vector(numbers))


def _vector_by_vector(numbers: Callable[..., Any]) -> Callable[..., None]:
    """The same without memory of its own."""

    def body(row: int, first: int, last: int, out: Any, vectors: Any, address: Any) -> None:
        (draw, step, stream, seed, tile), width = address, out.shape[1]
        for vector in range(row * BLOCK + first, min(row * BLOCK + last, out.shape[0])):
            for line in range(width):
                four = numbers(line // 4, draw, step + vectors[vector], stream, seed, tile)
                out[vector, line] = four[line % 4]

    return body


def _by_lines(numbers: Callable[..., Any]) -> Kernel:
    def body(row: int, first: int, last: int, out: Any, vectors: Any, address: Any) -> None:
        (draw, step, stream, seed, tile), width = address, out.shape[1]
        line = out[row]
        when = step + vectors[row]
        whole = width // 4
        for group in range(first, min(last, whole)):
            one, two, three, four = numbers(group, draw, when, stream, seed, tile)
            line[4 * group] = one
            line[4 * group + 1] = two
            line[4 * group + 2] = three
            line[4 * group + 3] = four
        if first <= whole < last:
            one, two, three, _ = numbers(whole, draw, when, stream, seed, tile)
            line[4 * whole] = one
            if width - 4 * whole > 1:
                line[4 * whole + 1] = two
            if width - 4 * whole > 2:
                line[4 * whole + 2] = three

    return Kernel(body)


NORMAL = _filling(normals4)
UNIFORM = _filling(uniforms4)


class Draws(NamedTuple):
    """What the vectors of one pass draw.

    Parameters
    ----------
    site : Site
        Who draws.
    step : int
        Number of the first vector of the batch: vectors are counted over the whole life of a crossbar.
    draw : int
        Which of several tries of the same vector.
    """

    site: Site
    step: int
    draw: int

    def fill(self, numbers: Filling, stream: Stream, vectors: Any, name: str, shape: tuple[int, int]) -> Any:
        """Numbers for some vectors of the batch, in memory of that name.

        Parameters
        ----------
        numbers : Filling
            NORMAL or UNIFORM.
        stream : Stream
            What is drawn.
        vectors : array
            Which vectors of the batch.
        name : str
            Of the memory.
        shape : tuple of int
            Number of vectors, and of numbers for each.
        """
        out = scratch(self.site.storage, name, shape)
        rows, width = shape
        if is_short(width):
            kernel, grid = numbers.short, (-(-rows // BLOCK), min(rows, BLOCK))
        else:
            kernel, grid = numbers.long, (rows, -(-width // 4))
        self.site.target.launch(kernel, *grid, out, vectors, self.address(stream))
        return out

    def address(self, stream: int) -> tuple[int, int, int, int, int]:
        """Where the vectors draw, as kernels take it; for stream 0, what others are added to."""
        key = self.site.key
        return self.draw, self.step, key.of(stream), key.seed, key.tile
