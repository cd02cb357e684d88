"""Recipes of the operations without operands: every block is the same operation over its own region."""

from __future__ import annotations

from collections.abc import Sequence

from backends.dask.chunks import Chunks, block_shape, default_chunks, grid, offsets
from backends.dask.recipe import Call, Recipe
from tensorlayer.graph import Delta, Fill, Generate, Node

__all__ = ["delta_recipe", "fill_recipe", "generate_recipe"]


def fill_recipe(node: Fill, chunks: Chunks | None = None) -> Recipe:
    """The recipe of a Fill, cut by default where nothing else is said."""
    chunks = chunks or default_chunks(node.shape, node.dtype.itemsize)
    return _leaf(chunks, [Fill.of(block_shape(chunks, index), node.value, node.dtype) for index in grid(chunks)])


def delta_recipe(node: Delta) -> Recipe:
    """The recipe of a Delta: identities on the diagonal of the grid, zeros beside it."""
    (cut, _) = default_chunks(node.shape, node.dtype.itemsize)
    chunks = (cut, cut)
    blocks: list[Node] = [
        Delta.of(cut[i], node.dtype) if i == j else Fill.of((cut[i], cut[j]), 0, node.dtype) for i, j in grid(chunks)
    ]
    return _leaf(chunks, blocks)


def generate_recipe(node: Generate, chunks: Chunks | None = None) -> Recipe:
    """The recipe of a Generate: the generator is called where the block is needed, for its region alone."""
    chunks = chunks or default_chunks(node.shape, node.dtype.itemsize)
    starts = [offsets(cut) for cut in chunks]
    blocks = []
    for index in grid(chunks):
        region = tuple(
            _part(bounds, starts[a][i], chunks[a][i])
            for a, (bounds, i) in enumerate(zip(node.region, index, strict=True))
        )
        blocks.append(Generate.of(node.generator, region, node.dtype))
    return _leaf(chunks, blocks)


def _part(bounds: tuple[int, int, int], first: int, length: int) -> tuple[int, int, int]:
    places = range(*bounds)[first : first + length]
    return (places.start, places.stop, places.step)


def _leaf(chunks: Chunks, blocks: Sequence[Node]) -> Recipe:
    calls = (Call(index, block, ()) for index, block in zip(grid(chunks), blocks, strict=True))
    return Recipe((), chunks, tuple(calls))
