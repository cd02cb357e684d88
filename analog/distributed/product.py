"""Products of vectors and a grid: what is summed in workers, and what where the grid is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from analog.crossbar import Crossbar
from analog.crossbar.products import at_step, counted
from analog.distributed.bands import Bands
from analog.distributed.part import Place, Tiles
from analog.distributed.transition import Transition
from tensorlayer.shape import Nested

__all__ = ["count", "product"]

#: The name of each direction's counter, by the axis of the matrix that vectors go along.
DIRECTIONS = {1: "forward", 0: "backward"}
#: What a sum begins with: that of nothing but -0.0 is 0.0.
ZERO = np.float32(0)

#: Rows of results by (output band, first band summed).
Sums = dict[tuple[int, int], Any]


def product(layout: Nested, vectors: Any, axis: int, step: int | None) -> Transition:
    """Rows of vectors through the crossbars; those of one worker that follow each other in a sum are added there."""
    bands = Bands(layout, vectors, axis)

    def payload(places: Collection[Place]) -> Any:
        return axis, step, bands.of(places)

    def together(answers: list[Sums]) -> Any:
        return _summed(layout, axis, {band: rows for answer in answers for band, rows in answer.items()})

    return Transition(_multiply, payload, borrows=True, bands=(bands,), together=together)


def _multiply(tiles: Tiles, sent: tuple[int, int | None, Mapping[int, Any]]) -> Sums:
    axis, step, vectors = sent
    multiply = Crossbar.mvm if axis else Crossbar.mvm_transposed
    sums: Sums = {}
    added: dict[int, int] = {}
    for place in sorted(tiles):
        output, summed = place[1 - axis], place[axis]
        result = multiply(tiles[place], vectors[summed], step=step)
        # Sums of floats depend on their order, which is that of the whole grid: only what comes first is added here.
        if summed and added.get(output) == summed:
            sums[output, 0] += result
        else:
            sums[output, summed] = result
        if added.get(output, 0) == summed:
            added[output] = summed + 1
    return sums


def _summed(layout: Nested, axis: int, sums: Sums) -> Any:
    """Partial sums in the order of the grid."""
    if layout.outer.size == 1:
        return sums[0, 0].copy()
    total = np.empty((sums[0, 0].shape[0], layout.extents[1 - axis]), np.float32)
    for band, first in sorted(sums):
        index = (first, band) if axis == 0 else (band, first)
        part = total[:, layout.block(index)[1 - axis]]
        np.add(part if first else ZERO, sums[band, first], out=part)
    return total


def count(axis: int, vectors: int) -> Transition:
    """Count vectors that went through, without sending them again: all that a product changes."""
    return Transition(_count, lambda _: (DIRECTIONS[axis], vectors))


def _count(tiles: Tiles, sent: tuple[str, int]) -> None:
    direction, vectors = sent
    for place, tile in tiles.items():
        kept = tile.checkpoint()
        cells = kept.state.cells
        cells[direction] = at_step(cells[direction], counted(cells[direction]) + vectors)
        tiles[place] = Crossbar.of_checkpoint(kept, allocator=tile.allocator)
