"""Random numbers for the vectors of a batch: those of a vector depend on its number, not on the batch it comes in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from analog.cell import Site
from analog.kernels import Kernel
from analog.mvm.workspace import scratch
from analog.random import Stream, normals4, uniforms4

__all__ = ["NORMAL", "UNIFORM", "Draws"]


def _filling(numbers: Callable[..., Any]) -> Kernel:
    """The kernel that fills ``out[row, :]`` with the numbers of the vector ``vectors[row]``, four at an address."""

    def body(
        row: int,
        first: int,
        last: int,
        out: Any,
        width: int,
        vectors: Any,
        draw: int,
        step: int,
        stream: int,
        seed: int,
        tile: int,
    ) -> None:
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


@dataclass(frozen=True)
class Draws:
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

    def fill(self, kernel: Kernel, stream: Stream, vectors: Any, name: str, shape: tuple[int, int]) -> Any:
        """Numbers for some vectors of the batch, in memory of that name.

        Parameters
        ----------
        kernel : Kernel
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
        key, (rows, width) = self.site.key, shape
        address = (self.draw, self.step, key.of(stream), key.seed, key.tile)
        self.site.target.launch(kernel, rows, -(-width // 4), out, width, vectors, *address)
        return out
