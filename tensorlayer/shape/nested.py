"""A shape of shapes: tiles, chunks, block grids, grids of crossbars."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from tensorlayer.errors import ShapeError
from tensorlayer.shape.base import Index, Shape, as_extents, as_origin, checked_bounds, checked_chip
from tensorlayer.shape.smooth import Smooth
from tensorlayer.shape.tiling import Tiling, as_tiling, boundaries, clip, overlapping, tile_at

__all__ = ["Nested"]

Block = tuple[slice, ...]


@final
@dataclass(frozen=True, slots=True, init=False, repr=False)
class Nested(Shape):
    """A rectangle cut into blocks, which may be cut into blocks again.

    Parameters
    ----------
    *layers : sequence of sequence of int
        For each layer, the outermost first, the tile lengths along every mode. A layer cuts wherever the
        layer outside it does.
    origin : tuple of int, optional
        Index of the first element; zeros when left out.

    Raises
    ------
    ShapeError
        If there is no layer, or the layers do not fit together.

    Examples
    --------
    >>> grid = Nested.from_tiling((5, 4), (2, (1, 3)))
    >>> grid
    Nested(((2, 2, 1), (1, 3)))
    >>> grid.outer, grid.block((2, 1))
    (Smooth(3, 2), (slice(4, 5, None), slice(1, 4, None)))
    >>> grid.inner((2, 1))
    Smooth(1, 3, origin=(4, 1))
    """

    layers: tuple[tuple[Tiling, ...], ...]
    origin: Index
    extents: Index

    def __init__(self, *layers: Sequence[Sequence[int]], origin: Sequence[int] | None = None) -> None:
        if not layers:
            raise ShapeError("a nested shape needs the tile lengths of at least one layer")
        cut = tuple(tuple(as_extents(tiling) for tiling in layer) for layer in layers)
        extents = tuple(map(sum, cut[0]))
        for coarse, fine in itertools.pairwise(cut):
            _require_refinement(coarse, fine)
        object.__setattr__(self, "layers", cut)
        object.__setattr__(self, "origin", as_origin(origin, len(extents)))
        object.__setattr__(self, "extents", extents)

    @classmethod
    def from_tiling(cls, extents: Iterable[int], *tilings: Sequence[int | Iterable[int]]) -> Nested:
        """Cut a rectangle.

        Parameters
        ----------
        extents : iterable of int
            Length of every mode.
        *tilings : sequence of (int or iterable of int)
            For each layer and mode one length for all tiles (the last may be shorter), or every length.

        Raises
        ------
        ShapeError
            If tiles do not sum to an extent, or the number of modes differs.
        """
        lengths = as_extents(extents)
        for tiling in tilings:
            if len(tiling) != len(lengths):
                raise ShapeError(f"{len(tiling)} tilings for the {len(lengths)} modes of the extents {lengths}")
        return cls(*(tuple(map(as_tiling, lengths, tiling)) for tiling in tilings))

    def __repr__(self) -> str:
        parts = [*map(repr, self.layers)]
        if any(self.origin):
            parts.append(f"origin={self.origin}")
        return f"Nested({', '.join(parts)})"

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.extents)

    @property
    def n_layers(self) -> int:
        """Number of layers: those of blocks, and the elements."""
        return len(self.layers) + 1

    def rank_layer(self, layer: int) -> int:
        """Number of modes of a layer; each layer has an index for every mode."""
        if not 0 <= layer < self.n_layers:
            raise ShapeError(f"layer {layer} of {self!r}: the layers are 0 to {self.n_layers - 1}")
        return self.rank

    @property
    def tilings(self) -> tuple[Tiling, ...]:
        """Lengths of the outermost blocks along every mode."""
        return self.layers[0]

    @property
    def outer(self) -> Smooth:
        """The grid of the outermost blocks."""
        return Smooth(map(len, self.tilings))

    def block(self, index: Sequence[int]) -> Block:
        """Where an outermost block is, as slices counted from zero.

        Raises
        ------
        ShapeError
            If there is no such block.
        """
        if len(index) != self.rank or not all(0 <= i < len(t) for i, t in zip(index, self.tilings, strict=True)):
            raise ShapeError(f"block {tuple(index)} of a grid of {self.outer.extents} blocks")
        return tuple(_slice(tiling, i) for tiling, i in zip(self.tilings, index, strict=True))

    def blocks(self) -> Iterator[tuple[Index, Block]]:
        """Index and place of every outermost block, in lexicographic order."""
        modes = [[(i, _slice(tiling, i)) for i in range(len(tiling))] for tiling in self.tilings]
        for chosen in itertools.product(*modes):
            yield tuple(i for i, _ in chosen), tuple(place for _, place in chosen)

    def block_of(self, offset: Sequence[int]) -> Index:
        """Index of the outermost block that holds an element, counted from zero."""
        return tuple(map(tile_at, self.tilings, offset))

    def blocks_overlapping(self, first: Sequence[int], last: Sequence[int]) -> Iterator[Index]:
        """Indices of the outermost blocks with elements in a half-open box."""
        return itertools.product(*map(overlapping, self.tilings, first, last))

    def inner(self, index: Sequence[int]) -> Smooth | Nested:
        """The shape of an outermost block: nested again where there are more layers."""
        place = self.block(index)
        part = self.slice([s.start for s in place], [s.stop for s in place])
        if len(self.layers) == 1:
            return Smooth(part.extents, origin=part.origin)
        return Nested(*part.layers[1:], origin=part.origin)

    def slice(self, first: Sequence[int], last: Sequence[int]) -> Nested:
        """The elements in the half-open box from `first` to `last`; blocks are cut at its faces."""
        first, last = checked_bounds(self, first, last)
        layers = (tuple(map(clip, layer, first, last)) for layer in self.layers)
        return Nested(*layers, origin=tuple(map(operator.add, self.origin, first)))

    def chip(self, at: Mapping[int, int]) -> Nested:
        """The elements with some modes fixed; these modes are dropped from every layer."""
        at = checked_chip(self, at)
        kept = [mode for mode in range(self.rank) if mode not in at]
        layers = (tuple(layer[mode] for mode in kept) for layer in self.layers)
        return Nested(*layers, origin=[self.origin[mode] for mode in kept])

    def moved_to(self, origin: Sequence[int]) -> Nested:
        """The same blocks, starting at another index."""
        return Nested(*self.layers, origin=origin)

    def offsets(self) -> Iterator[Index]:
        """The elements, counted from zero, in lexicographic order (not block by block)."""
        return itertools.product(*map(range, self.extents))


def _slice(tiling: Tiling, number: int) -> slice:
    edges = boundaries(tiling)
    return slice(edges[number], edges[number + 1])


def _require_refinement(coarse: tuple[Tiling, ...], fine: tuple[Tiling, ...]) -> None:
    if len(coarse) != len(fine):
        raise ShapeError(f"the layers {coarse} and {fine} have {len(coarse)} and {len(fine)} modes")
    for mode, (outside, inside) in enumerate(zip(coarse, fine, strict=True)):
        if boundaries(outside)[-1] != boundaries(inside)[-1] or not set(boundaries(outside)) <= set(boundaries(inside)):
            raise ShapeError(f"mode {mode}: the tiles {inside} do not fit in the tiles {outside} of the layer outside")
