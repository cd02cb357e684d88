"""Zeros by the tile, with bounds on the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from tensorlayer.errors import LayoutError
from tensorlayer.shape import Block, Index, Nested
from tensorlayer.shape.tiling import boundaries, overlapping
from tensorlayer.sparsity.base import Place, Sparsity, box_of

__all__ = ["TileSparsity"]


@final
class TileSparsity(Sparsity):
    """A tensor cut into tiles, with an upper bound on the Frobenius norm of each.

    A tile whose bound is not above the threshold counts as zero. Without known norms the bounds are 0
    and infinity.

    Parameters
    ----------
    tiling : Nested
        The tiles: the outermost blocks.
    non_zero : iterable of tuple of int, optional
        Indices of the tiles that may be non-zero; none when left out.

    Raises
    ------
    LayoutError
        If there is no such tile.

    Examples
    --------
    >>> tiles = TileSparsity(Nested.from_tiling((4, 4), (2, 2)), [(0, 0), (1, 1)])
    >>> tiles.is_zero((0, 3)), tiles.zero_fraction
    (True, 0.5)
    >>> (tiles["i,k"] * tiles["k,j"])["i,j"]
    TileSparsity(Nested(((2, 2), (2, 2))), [(0, 0), (1, 1)])
    """

    __slots__ = ("norms", "threshold", "tiling")

    tiling: Nested
    norms: NDArray[np.float64]
    threshold: float

    def __init__(self, tiling: Nested, non_zero: Iterable[Index] = ()) -> None:
        grid = tiling.outer
        norms = np.zeros(grid.extents)
        for index in non_zero:
            if tuple(index) not in grid:
                raise LayoutError(f"tile {tuple(index)} of a grid of {grid.extents} tiles")
            norms[tuple(index)] = np.inf
        _fill(self, tiling, norms, 0.0)

    @classmethod
    def from_norms(cls, tiling: Nested, norms: NDArray[Any], threshold: float = 0.0) -> TileSparsity:
        """Give the bound of every tile.

        Parameters
        ----------
        tiling : Nested
            The tiles.
        norms : ndarray of float, shape ``tiling.outer.extents``
            Upper bounds of the Frobenius norms; infinity where nothing is known.
        threshold : float, optional
            Largest bound that counts as zero. The default drops exact zeros only.

        Raises
        ------
        LayoutError
            If a bound is negative or NaN, or the shape does not fit.
        """
        bounds = np.array(norms, dtype=np.float64)
        if bounds.shape != tiling.outer.extents:
            raise LayoutError(f"norms of shape {bounds.shape} for a grid of {tiling.outer.extents} tiles")
        if not (bounds >= 0).all():
            raise LayoutError("the norm of a tile is >= 0: negative or NaN norms say nothing about zeros")
        if not threshold >= 0:
            raise LayoutError(f"the threshold of a norm is >= 0, got {threshold}")
        made = object.__new__(cls)
        _fill(made, tiling, bounds, float(threshold))
        return made

    @classmethod
    def from_array(cls, array: NDArray[Any], tiling: Nested, threshold: float = 0.0) -> TileSparsity:
        """Measure the tiles of an array, each read once.

        A tile with NaN or infinite elements counts as non-zero.
        """
        if array.shape != tiling.extents:
            raise LayoutError(f"an array of shape {array.shape} for tiles of the extents {tiling.extents}")
        norms = np.zeros(tiling.outer.extents)
        for index, block in tiling.blocks():
            norms[index] = _norm(array[block])
        return cls.from_norms(tiling, np.where(np.isnan(norms), np.inf, norms), threshold)

    @classmethod
    def from_sparsity(cls, sparsity: Sparsity, tiling: Nested) -> TileSparsity:
        """The tiles in which another sparsity allows a non-zero element."""
        return cls.from_norms(tiling, np.where(sparsity.non_zero_mask(tiling), np.inf, 0.0))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a sparsity is immutable: {name!r} cannot be set")

    def __reduce__(self) -> tuple[Any, ...]:
        return TileSparsity.from_norms, (self.tiling, self.norms, self.threshold)

    def __repr__(self) -> str:
        tiles = [tuple(map(int, index)) for index in np.argwhere(self.mask)[:9]]
        shown = f"{tiles}" if len(tiles) < 9 else f"[{', '.join(map(str, tiles[:8]))}, ...]"
        return f"TileSparsity({self.tiling!r}, {shown})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TileSparsity):
            return NotImplemented
        mine, theirs = (self.tiling, self.threshold), (other.tiling, other.threshold)
        return mine == theirs and np.array_equal(self.norms, other.norms)

    def __hash__(self) -> int:
        return hash((self.tiling, self.threshold, self.norms.tobytes()))

    @property
    def rank(self) -> int:
        """Number of modes."""
        return self.tiling.rank

    @property
    def extents(self) -> Index:
        """Length of every mode."""
        return self.tiling.extents

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Which tiles may be non-zero."""
        return np.asarray(self.norms > self.threshold)

    @property
    def zero_fraction(self) -> float:
        """Fraction of the elements that lie in zero tiles; 0 where there are no elements."""
        elements = sum(self.tiling.inner(index).size for index in self.non_zero_tiles())
        return 1.0 - elements / self.tiling.size if self.tiling.size else 0.0

    def norm(self, tile: Sequence[int]) -> float:
        """Upper bound of the Frobenius norm of a tile."""
        self.tiling.block(tile)
        return float(self.norms[tuple(tile)])

    def non_zero_tiles(self) -> Iterator[Index]:
        """Indices of the tiles that may be non-zero, in lexicographic order."""
        return (tuple(map(int, index)) for index in np.argwhere(self.mask))

    def non_zero_blocks(self) -> Iterator[tuple[Index, Block]]:
        """Index and place of the tiles that may be non-zero, in lexicographic order."""
        return ((tile, self.tiling.block(tile)) for tile in self.non_zero_tiles())

    def is_zero(self, place: Place) -> bool:
        """Whether an element, or everything in a box, is known to be zero."""
        first, last = box_of(place, self.extents)
        return not any(self.norms[tile] > self.threshold for tile in self.tiling.blocks_overlapping(first, last))

    def scaled(self, factor: complex) -> TileSparsity:
        """The sparsity after multiplication by a number."""
        size = abs(factor)
        if size == 0 or not np.isfinite(size):
            return self
        # Only exact zeros may claim to be zero, so a product that underflows stays above it.
        norms = np.where(self.mask, np.maximum(self.norms * size, np.finfo(float).tiny), 0.0)
        return TileSparsity.from_norms(self.tiling, norms, self.threshold)

    def refined(self, tiling: Nested) -> TileSparsity:
        """The same zeros on tiles each of which lies in one of mine.

        Raises
        ------
        LayoutError
            If a tile of `tiling` lies in several of mine.
        """
        norms = self.norms
        for mode, (coarse, fine) in enumerate(zip(self.tiling.tilings, tiling.tilings, strict=True)):
            if not set(boundaries(coarse)) <= set(boundaries(fine)):
                raise LayoutError(f"mode {mode}: the tiles {fine} do not lie each in one of the tiles {coarse}")
            owner = np.searchsorted(boundaries(coarse), boundaries(fine)[:-1], side="right") - 1
            norms = np.take(norms, owner, axis=mode)
        return TileSparsity.from_norms(tiling, norms, self.threshold)

    def slice(self, first: Sequence[int], last: Sequence[int]) -> TileSparsity:
        """The sparsity of a half-open box; the bounds of cut tiles stay."""
        part = self.tiling.slice(first, last)
        norms = self.norms
        for mode, tiles in enumerate(map(overlapping, self.tiling.tilings, first, last)):
            norms = np.take(norms, np.array(tiles, dtype=np.int64), axis=mode)
        return TileSparsity.from_norms(part, norms, self.threshold)

    def chip(self, at: Mapping[int, int]) -> TileSparsity:
        """The sparsity where some modes are fixed; the bounds of cut tiles stay."""
        inside = self.tiling.block_of([at.get(mode, 0) for mode in range(self.rank)])
        norms = self.norms[tuple(inside[mode] if mode in at else slice(None) for mode in range(self.rank))]
        return TileSparsity.from_norms(self.tiling.chip(at), norms, self.threshold)

    def union(self, other: Sparsity) -> Sparsity:
        """What may be non-zero in a sum; bounds add."""
        if isinstance(other, TileSparsity):
            mine, theirs, threshold = self._aligned(other)
            return TileSparsity.from_norms(mine.tiling, mine.norms + theirs.norms, threshold)
        other.require_rank(self.rank)
        return other if other.extents is None else self.union(TileSparsity.from_sparsity(other, self.tiling))

    def intersection(self, other: Sparsity) -> Sparsity:
        """What may be non-zero in both; the smaller bound counts."""
        if not isinstance(other, TileSparsity):
            return other.intersection(self)
        mine, theirs, threshold = self._aligned(other)
        norms = np.where(mine.mask & theirs.mask, np.minimum(mine.norms, theirs.norms), 0.0)
        return TileSparsity.from_norms(mine.tiling, norms, threshold)

    def non_zero_mask(self, tiling: Nested) -> NDArray[np.bool_]:
        """Which outermost blocks of `tiling` may hold a non-zero element."""
        self.require_extents(tiling.extents)
        found = np.zeros(tiling.outer.extents, dtype=np.bool_)
        for index, block in tiling.blocks():
            found[index] = not self.is_zero(block)
        return found

    def _aligned(self, other: TileSparsity) -> tuple[TileSparsity, TileSparsity, float]:
        other.require_extents(self.extents)
        labels = [f"mode{i}" for i in range(self.rank)]
        common: Any = (self.tiling[labels] + other.tiling[labels])[labels]
        return self.refined(common), other.refined(common), max(self.threshold, other.threshold)


def _norm(block: NDArray[Any]) -> float:
    """Frobenius norm; divided by the largest element first, for squares underflow and overflow."""
    peak = float(np.abs(block).max(initial=0))
    return peak * float(np.linalg.norm(np.ravel(block / peak))) if 0 < peak < np.inf else peak


def _fill(sparsity: TileSparsity, tiling: Nested, norms: NDArray[np.float64], threshold: float) -> None:
    norms.setflags(write=False)
    for name, value in (("tiling", tiling), ("norms", norms), ("threshold", threshold)):
        object.__setattr__(sparsity, name, value)
