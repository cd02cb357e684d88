"""What is stored, how, and where."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, final

import numpy as np
from numpy.typing import DTypeLike

from tensorlayer.errors import LayoutError
from tensorlayer.layout.logical import LogicalLayout, ShapeLike
from tensorlayer.shape import Index, Nested, Shape
from tensorlayer.shape.tiling import Tiling, overlapping
from tensorlayer.sparsity import Sparsity
from tensorlayer.symmetry import Symmetry

__all__ = ["Order", "PhysicalLayout"]

Order = Literal["C", "F"] | None
T = TypeVar("T", str, bool)
Overrides = tuple[tuple[Index, T], ...]


@final
@dataclass(frozen=True, slots=True, init=False, repr=False)
class PhysicalLayout:
    """A logical layout with what storage adds: element type, order, tiles, place.

    Parameters
    ----------
    logical : LogicalLayout, Shape or iterable of int
        What is stored; a shape alone has no symmetry and no known zeros.
    dtype : dtype_like
        Type of the elements, as NumPy spells it.
    order : {"C", "F", None}, optional
        Which mode varies fastest in memory: the last, the first, or unknown.
    tiling : Nested, optional
        How the elements are cut into tiles; one piece when left out.
    placement : str, optional
        Where they are: ``"cpu"``, ``"cuda:0"``, ``"worker:tcp://..."``.
    stored : bool, optional
        False for elements that are made on demand.
    tile_placement : mapping of tuple of int to str, optional
        Tiles that are elsewhere.
    tile_stored : mapping of tuple of int to bool, optional
        Tiles for which `stored` is otherwise.

    Raises
    ------
    LayoutError
        If the parts contradict each other.
    ShapeError
        If an extent is negative or no integer.

    Examples
    --------
    >>> tiles = Nested.from_tiling((4, 4), (2, 4))
    >>> layout = PhysicalLayout((4, 4), "float64", tiling=tiles, tile_stored={(1, 0): False})
    >>> layout.nbytes, layout.is_stored((0, 0))
    (64, True)
    """

    logical: LogicalLayout
    dtype: np.dtype[Any]
    order: Order
    tiling: Nested | None
    placement: str
    stored: bool
    tile_placement: Overrides[str]
    tile_stored: Overrides[bool]

    def __init__(
        self,
        logical: LogicalLayout | ShapeLike,
        dtype: DTypeLike,
        *,
        order: Order = "C",
        tiling: Nested | None = None,
        placement: str = "cpu",
        stored: bool = True,
        tile_placement: Mapping[Index, str] | None = None,
        tile_stored: Mapping[Index, bool] | None = None,
    ) -> None:
        known = logical if isinstance(logical, LogicalLayout) else LogicalLayout(logical)
        if order not in ("C", "F", None):
            raise LayoutError(f"the order of elements in memory is 'C', 'F' or None, got {order!r}")
        if tiling is not None and tiling.extents != known.extents:
            raise LayoutError(f"a tiling of the extents {tiling.extents} for {known.shape!r}: extents must be equal")
        put = object.__setattr__
        put(self, "logical", known)
        put(self, "dtype", np.dtype(dtype))
        put(self, "order", order)
        put(self, "tiling", tiling)
        put(self, "placement", placement)
        put(self, "stored", stored)
        put(self, "tile_placement", _overrides(tile_placement, tiling, placement) if tile_placement else ())
        put(self, "tile_stored", _overrides(tile_stored, tiling, stored) if tile_stored else ())

    def __repr__(self) -> str:
        shown = [repr(self.logical), f"dtype={self.dtype.name}", f"order={self.order!r}"]
        shown.append(f"placement={self.placement!r}")
        if self.tiling is not None:
            shown.append(f"tiling={self.tiling!r}")
        if not self.stored:
            shown.append("stored=False")
        tiles: dict[str, Any] = {"tile_placement": self.tile_placement, "tile_stored": self.tile_stored}
        shown += [f"{name}={dict(listed)}" for name, listed in tiles.items() if listed]
        return f"PhysicalLayout({', '.join(shown)})"

    @property
    def shape(self) -> Shape:
        """The extents."""
        return self.logical.shape

    @property
    def symmetry(self) -> Symmetry:
        """Which elements are equal."""
        return self.logical.symmetry

    @property
    def sparsity(self) -> Sparsity:
        """Which elements are zero."""
        return self.logical.sparsity

    @property
    def rank(self) -> int:
        """Number of modes."""
        return self.logical.rank

    @property
    def extents(self) -> Index:
        """Length of every mode."""
        return self.logical.extents

    @property
    def size(self) -> int:
        """Number of elements, known zeros included."""
        return self.logical.size

    @property
    def nbytes(self) -> int:
        """Bytes of the elements that are stored, without what a backend saves by symmetry or sparsity."""
        size = self.size if self.stored else 0
        if self.tiling is not None:
            size += sum(self.tiling.inner(tile).size * (1 if here else -1) for tile, here in self.tile_stored)
        return size * self.dtype.itemsize

    def is_stored(self, tile: Index) -> bool:
        """Whether the elements of a tile are stored.

        Raises
        ------
        LayoutError
            If there is no such tile.
        """
        _require_tile(tile, self.tiling)
        return dict(self.tile_stored).get(tile, self.stored)

    def placement_of(self, tile: Index) -> str:
        """Where the elements of a tile are.

        Raises
        ------
        LayoutError
            If there is no such tile.
        """
        _require_tile(tile, self.tiling)
        return dict(self.tile_placement).get(tile, self.placement)

    def replace(self, **changes: Any) -> PhysicalLayout:
        """The same layout with other values for some arguments of the constructor."""
        names = ("logical", "dtype", "order", "tiling", "placement", "stored")
        arguments = {name: getattr(self, name) for name in names}
        tiles = {"tile_placement": dict(self.tile_placement), "tile_stored": dict(self.tile_stored)}
        return PhysicalLayout(**{**arguments, **tiles, **changes})

    def slice(self, first: Sequence[int], last: Sequence[int]) -> PhysicalLayout:
        """The layout of the half-open box from `first` to `last`; tiles are cut at its faces.

        Raises
        ------
        ShapeError
            If a bound is missing, reversed, or outside.
        """
        logical = self.logical.slice(first, last)
        if self.tiling is None:
            return self.replace(logical=logical)
        moves = list(map(_new_numbers, self.tiling.tilings, first, last))
        return self._with_tiles(logical, self.tiling.slice(first, last), moves, range(self.rank))

    def chip(self, at: Mapping[int, int]) -> PhysicalLayout:
        """The layout where some modes are fixed; these modes are dropped.

        Raises
        ------
        ShapeError
            If a mode does not exist or a position is outside.
        """
        logical = self.logical.chip(at)
        if self.tiling is None:
            return self.replace(logical=logical)
        bounds = [(at[m], at[m] + 1) if m in at else (0, extent) for m, extent in enumerate(self.extents)]
        moves = [_new_numbers(t, *pair) for t, pair in zip(self.tiling.tilings, bounds, strict=True)]
        kept = [mode for mode in range(self.rank) if mode not in at]
        return self._with_tiles(logical, self.tiling.chip(at), moves, kept)

    def _with_tiles(
        self, logical: LogicalLayout, tiling: Nested, moves: Sequence[Mapping[int, int]], kept: Sequence[int]
    ) -> PhysicalLayout:
        """The tiles of a part: each under its new number, those outside left out."""

        def moved(listed: Overrides[T]) -> dict[Index, T]:
            inside = ((tile, value) for tile, value in listed if all(map(operator.contains, moves, tile)))
            return {tuple(moves[mode][tile[mode]] for mode in kept): value for tile, value in inside}

        return self.replace(
            logical=logical,
            tiling=tiling,
            tile_placement=moved(self.tile_placement),
            tile_stored=moved(self.tile_stored),
        )


def _overrides(given: Mapping[Index, T], tiling: Nested | None, default: T) -> Overrides[T]:
    for tile in given:
        _require_tile(tile, tiling)
    return tuple(sorted((tuple(tile), value) for tile, value in given.items() if value != default))


def _require_tile(tile: Index, tiling: Nested | None) -> None:
    if tiling is None:
        raise LayoutError(f"tile {tile} of a layout without tiles: give a tiling, as in tiling=Nested.from_tiling(...)")
    if tile not in tiling.outer:
        raise LayoutError(f"tile {tile} of a grid of {tiling.outer.extents} tiles")


def _new_numbers(tiling: Tiling, first: int, last: int) -> dict[int, int]:
    return {old: new for new, old in enumerate(overlapping(tiling, first, last))}
