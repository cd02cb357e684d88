"""Logical and physical layouts."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from tensorlayer.errors import LayoutError, ShapeError
from tensorlayer.layout import LogicalLayout, PhysicalLayout
from tensorlayer.shape import Nested, Smooth
from tensorlayer.sparsity import Dense, ElementSparsity, TileSparsity
from tensorlayer.symmetry import Symmetry

GRID = Nested.from_tiling((5, 4), (2, (1, 3)))
TILED = PhysicalLayout(
    (5, 4),
    np.float32,
    tiling=GRID,
    tile_placement={(0, 1): "cuda:0", (2, 0): "cuda:1"},
    tile_stored={(1, 1): False, (0, 1): False, (2, 1): True},
)
LAYOUTS: list[LogicalLayout | PhysicalLayout] = [
    LogicalLayout((3, 4)),
    LogicalLayout((3, 3), Symmetry.symmetric(2)),
    LogicalLayout((5, 4), sparsity=TileSparsity(GRID, [(0, 0)])),
    PhysicalLayout((3, 4), "float64"),
    PhysicalLayout(LogicalLayout((3, 3), Symmetry.symmetric(2)), "complex64", order="F", placement="cuda:0"),
    PhysicalLayout((3, 4), "float64", stored=False),
    TILED,
]


@pytest.mark.parametrize("layout", LAYOUTS, ids=repr)
def test_values(layout: LogicalLayout | PhysicalLayout) -> None:
    again = pickle.loads(pickle.dumps(layout))
    assert again == layout
    assert hash(again) == hash(layout)
    assert sum(layout == other for other in LAYOUTS) == 1
    for field in type(layout).__dataclass_fields__:
        with pytest.raises(AttributeError):
            setattr(layout, field, None)


def test_what_says_nothing_changes_nothing() -> None:
    plain = LogicalLayout((3, 4))
    assert LogicalLayout(Smooth(3, 4), Symmetry.none(2), Dense(2)) == plain
    assert plain.symmetry == Symmetry.none(2)
    assert plain.sparsity == Dense(2)
    assert plain.is_plain
    assert not LogicalLayout((3, 3), Symmetry.symmetric(2)).is_plain


def test_parts_that_contradict_each_other() -> None:
    with pytest.raises(LayoutError, match="a symmetry of rank 3"):
        LogicalLayout((3, 3), Symmetry.none(3))
    with pytest.raises(LayoutError, match="a sparsity of rank 1"):
        LogicalLayout((3, 3), sparsity=Dense(1))
    with pytest.raises(LayoutError, match="extents must be equal"):
        LogicalLayout((3, 4), Symmetry.symmetric(2))
    with pytest.raises(LayoutError, match="is for the extents"):
        LogicalLayout((3, 4), sparsity=ElementSparsity((4, 3)))
    with pytest.raises(ShapeError, match="integer >= 0"):
        LogicalLayout((3, -4))
    with pytest.raises(LayoutError, match="'C', 'F' or None"):
        PhysicalLayout((3,), "f8", order="K")  # type: ignore[arg-type]
    with pytest.raises(LayoutError, match="a tiling of the extents"):
        PhysicalLayout((4, 5), "f8", tiling=GRID)
    with pytest.raises(LayoutError, match="layout without tiles"):
        PhysicalLayout((4, 5), "f8", tile_stored={(0, 0): False})
    with pytest.raises(LayoutError, match=r"tile \(3, 0\) of a grid"):
        PhysicalLayout((5, 4), "f8", tiling=GRID, tile_placement={(3, 0): "cpu"})


def test_bytes() -> None:
    assert PhysicalLayout((3, 4), "complex128").nbytes == 3 * 4 * 16
    assert PhysicalLayout((3, 4), "f8", stored=False).nbytes == 0
    assert TILED.nbytes == (20 - 2 * 3 - 2 * 3) * 4
    kept = PhysicalLayout((5, 4), "f8", tiling=GRID, stored=False, tile_stored={(0, 1): True})
    assert kept.nbytes == 2 * 3 * 8


def test_tiles_that_differ() -> None:
    assert TILED.placement_of((0, 1)) == "cuda:0"
    assert TILED.placement_of((0, 0)) == "cpu"
    assert not TILED.is_stored((1, 1))
    assert TILED.is_stored((2, 1))
    assert TILED.tile_stored == (((0, 1), False), ((1, 1), False))
    with pytest.raises(LayoutError, match="of a grid of"):
        TILED.is_stored((9, 9))


@pytest.mark.parametrize(("first", "last"), [((0, 0), (5, 4)), ((1, 1), (5, 3)), ((2, 0), (4, 1)), ((3, 3), (3, 4))])
def test_a_slice_keeps_what_is_said_of_its_tiles(first: tuple[int, int], last: tuple[int, int]) -> None:
    part = TILED.slice(first, last)
    assert part.extents == tuple(np.subtract(last, first))
    assert part.tiling is not None
    stored = 0
    for offset in part.tiling.offsets():
        mine, theirs = GRID.block_of(tuple(np.add(first, offset))), part.tiling.block_of(offset)
        assert part.placement_of(theirs) == TILED.placement_of(mine)
        assert part.is_stored(theirs) == TILED.is_stored(mine)
        stored += TILED.is_stored(mine)
    assert part.nbytes == stored * 4


def test_a_chip_keeps_what_is_said_of_its_tiles() -> None:
    for mode, position in [(0, 0), (0, 3), (0, 4), (1, 0), (1, 2)]:
        part = TILED.chip({mode: position})
        assert part.tiling is not None
        for (offset,) in part.tiling.offsets():
            index = (position, offset) if mode == 0 else (offset, position)
            mine, theirs = GRID.block_of(index), part.tiling.block_of((offset,))
            assert (part.placement_of(theirs), part.is_stored(theirs)) == (
                TILED.placement_of(mine),
                TILED.is_stored(mine),
            )


def test_slices_and_chips_take_everything_along() -> None:
    tiles = TileSparsity(Nested.from_tiling((4, 4), (2, 2)), [(0, 0), (1, 1)])
    logical = LogicalLayout((4, 4), Symmetry.symmetric(2), tiles)
    part = logical.slice((0, 0), (2, 2))
    assert part.symmetry == Symmetry.symmetric(2)
    assert part.sparsity.zero_fraction == 0
    assert logical.slice((0, 2), (2, 4)).symmetry.is_none
    assert logical.slice((0, 2), (2, 4)).sparsity.zero_fraction == 1
    assert logical.chip({0: 0}).sparsity.zero_fraction == 0.5
    physical = PhysicalLayout(logical, "f4", order="F")
    assert physical.slice((0, 0), (2, 2)).logical == part
    assert physical.chip({0: 0}) == PhysicalLayout(logical.chip({0: 0}), "f4", order="F")
    assert LogicalLayout((3, 4)).slice((1, 0), (3, 4)) == LogicalLayout(Smooth(2, 4, origin=(1, 0)))
    for layout in (logical, physical):
        with pytest.raises(ShapeError, match="slice"):
            layout.slice((0, 0), (5, 5))


def test_replace() -> None:
    moved = TILED.replace(placement="cuda:1")
    assert moved.placement_of((0, 0)) == moved.placement_of((2, 0)) == "cuda:1"
    assert moved.placement_of((0, 1)) == "cuda:0"
    assert TILED.replace() == TILED
