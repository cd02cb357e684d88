"""Shapes: extents, slices, chips, iteration, nesting, jaggedness."""

from __future__ import annotations

import itertools
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensorlayer.errors import ShapeError
from tensorlayer.shape import Jagged, Nested, Shape, Smooth

TRIANGLE = Jagged(Smooth(n) for n in (1, 2, 3))
SHAPES: list[Shape] = [
    Smooth(),
    Smooth(3, 4),
    Smooth(0, 4),
    Smooth(2, 3, origin=(5, 1)),
    TRIANGLE,
    Jagged([TRIANGLE, TRIANGLE, Jagged([Smooth(2)])], origin=(2, 0, 1)),
    Nested.from_tiling((5, 4), (2, (1, 3))),
    Nested.from_tiling((5, 4), (4, 4), (2, 1)),
    Nested.from_tiling((0, 4), (2, 4)),
]


@pytest.mark.parametrize("shape", SHAPES, ids=repr)
def test_values(shape: Shape) -> None:
    again = pickle.loads(pickle.dumps(shape))
    assert again == shape
    assert hash(again) == hash(shape)
    assert eval(repr(shape), {"Smooth": Smooth, "Jagged": Jagged, "Nested": Nested}) == shape
    for field in type(shape).__dataclass_fields__:  # type: ignore[attr-defined]
        with pytest.raises(AttributeError):
            setattr(shape, field, None)


@pytest.mark.parametrize("shape", SHAPES, ids=repr)
def test_iteration_is_lexicographic_and_complete(shape: Shape) -> None:
    indices, offsets = list(shape), list(shape.offsets())
    assert indices == sorted(set(indices))
    assert len(indices) == shape.size
    assert [tuple(np.add(shape.origin, offset)) for offset in offsets] == indices
    assert all(index in shape for index in indices)
    assert tuple(np.add(shape.origin, shape.extents)) not in shape or shape.rank == 0
    assert (0,) * (shape.rank + 1) not in shape


@pytest.mark.parametrize("shape", SHAPES, ids=repr)
def test_slice_keeps_the_indices_of_its_elements(shape: Shape) -> None:
    ranges = [list(itertools.combinations_with_replacement(range(extent + 1), 2)) for extent in shape.extents]
    for bounds in itertools.product(*ranges):
        first, last = [a for a, _ in bounds], [b for _, b in bounds]
        lo, hi = np.add(shape.origin, first), np.add(shape.origin, last)
        expected = [i for i in shape if all(lo <= np.array(i)) and all(np.array(i) < hi)]
        assert list(shape.slice(first, last)) == expected


def test_slices_of_slices_add_up() -> None:
    for shape in (Smooth(9, 9), Nested.from_tiling((9, 9), (2, 4))):
        part = shape.slice((2, 3), (8, 9)).slice((1, 1), (4, 5))
        assert part == shape.slice((3, 4), (6, 8))
        assert part.origin == (3, 4)


def test_a_chip_of_a_jagged_slice_keeps_its_indices() -> None:
    part = TRIANGLE.slice((1, 1), (3, 3))
    assert list(part) == [(1, 1), (2, 1), (2, 2)]
    assert list(part.chip({0: 1})) == [(1,), (2,)]
    assert part.moved_to((0, 0)) == Jagged([Smooth(1), Smooth(2)])


def test_an_origin_has_an_entry_for_every_mode() -> None:
    for shape in (Smooth(3, 4), TRIANGLE, Nested.from_tiling((3, 4), (1, 2))):
        assert shape.moved_to((5, 6)).origin == (5, 6)
        with pytest.raises(ShapeError, match="one entry for each of 2 modes"):
            shape.moved_to((1,))


def test_chip_drops_modes() -> None:
    assert Smooth(3, 4, 5).chip({1: 2}) == Smooth(3, 5)
    assert Smooth(3, 4, origin=(1, 2)).chip({0: 0}) == Smooth(4, origin=(2,))
    assert TRIANGLE.chip({0: 2}) == Smooth(3)
    assert TRIANGLE.chip({1: 0}) == Smooth(3)
    assert TRIANGLE.chip({0: 2, 1: 2}) == Smooth()
    assert Nested.from_tiling((5, 4), (2, 3)).chip({0: 1}) == Nested(((3, 1),))
    with pytest.raises(ShapeError, match="chip at 1"):
        TRIANGLE.chip({1: 1})


@pytest.mark.parametrize("wrong", [-1, 2.0, float("nan"), float("inf"), "3", None, 1j])
def test_extents_that_are_no_lengths(wrong: Any) -> None:
    for make in (lambda: Smooth(3, wrong), lambda: Smooth((wrong,)), lambda: Nested(((wrong,),))):
        with pytest.raises(ShapeError, match="an extent is an integer >= 0"):
            make()


def test_integers_of_numpy_become_plain() -> None:
    assert [type(extent) for extent in Smooth(np.array([2, 3])).extents] == [int, int]


@pytest.mark.parametrize(
    ("first", "last"), [((0,), (1,)), ((0, 0), (1,)), ((2, 0), (1, 1)), ((0, 0), (1, 5)), ((-1, 0), (1, 1))]
)
@pytest.mark.parametrize("shape", [Smooth(3, 4), Nested.from_tiling((3, 4), (1, 4)), Jagged([Smooth(4)] * 3)])
def test_slice_bounds(shape: Shape, first: tuple[int, ...], last: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="slice"):
        shape.slice(first, last)


@pytest.mark.parametrize("at", [{2: 0}, {-1: 0}, {0: 3}, {0: -1}])
@pytest.mark.parametrize("shape", [Smooth(3, 4), Nested.from_tiling((3, 4), (1, 4)), Jagged([Smooth(4)] * 3)])
def test_chip_outside(shape: Shape, at: dict[int, int]) -> None:
    with pytest.raises(ShapeError):
        shape.chip(at)


def test_extent_outside() -> None:
    assert Smooth(3, 4).extent(1) == 4
    with pytest.raises(ShapeError, match="modes are 0 to 1"):
        Smooth(3, 4).extent(2)


def test_blocks_cover_every_element_once() -> None:
    grid = Nested.from_tiling((5, 4, 3), (2, (1, 3), 3))
    seen = np.zeros(grid.extents, dtype=int)
    for index, block in grid.blocks():
        seen[block] += 1
        assert grid.block(index) == block
        assert all(grid.block_of(offset) == index for offset in np.argwhere(seen == 1)[-1:])
        assert grid.inner(index).extents == seen[block].shape
    assert (seen == 1).all()
    assert len(list(grid.blocks())) == grid.outer.size == 6


def test_blocks_of_blocks() -> None:
    grid = Nested.from_tiling((8,), (4,), (2,), (1,))
    assert grid.n_layers == 4
    assert [grid.rank_layer(layer) for layer in range(4)] == [1] * 4
    assert grid.inner((1,)) == Nested(((2, 2),), ((1,) * 4,), origin=(4,))
    with pytest.raises(ShapeError, match="layers are 0 to 3"):
        grid.rank_layer(4)


def test_wrong_tilings() -> None:
    with pytest.raises(ShapeError, match="sum to 3, not to the extent 5"):
        Nested.from_tiling((5,), ((1, 2),))
    with pytest.raises(ShapeError, match="do not fit in the tiles"):
        Nested.from_tiling((6,), (2,), (3,))
    with pytest.raises(ShapeError, match="got 0"):
        Nested.from_tiling((6,), (0,))
    with pytest.raises(ShapeError, match="1 tilings for the 2 modes"):
        Nested.from_tiling((6, 6), (2,))
    with pytest.raises(ShapeError, match="grid of"):
        Nested.from_tiling((6,), (2,)).block((3,))
    with pytest.raises(ShapeError, match="at least one layer"):
        Nested()


def test_wrong_children() -> None:
    with pytest.raises(ShapeError, match="one rank"):
        Jagged([Smooth(2), Smooth(2, 2)])
    with pytest.raises(ShapeError, match="needs a child"):
        Jagged([])
    with pytest.raises(ShapeError, match="Smooth or Jagged"):
        Jagged([Nested(((2,),))])


def test_tiles_meet_in_their_common_refinement() -> None:
    left, right = Nested.from_tiling((6, 6), (2, 6)), Nested.from_tiling((6, 4), (3, 2))
    assert (left["i,k"] * right["k,j"])["i,j"] == Nested(((2, 2, 2), (2, 2)))
    assert (left["i,k"] * Smooth(6)["k"])["i,k"] == left
    assert (left["i,k"] * right["i,j"])["i,j"] == Nested(((2, 1, 1, 2), (2, 2)))
    deep = Nested.from_tiling((8,), (4,), (2,))
    assert (deep["i"] * Nested.from_tiling((8,), (8,))["i"])["i"] == deep


def test_jagged_composition() -> None:
    assert (TRIANGLE["i,j"] * TRIANGLE["i,j"])["i,j"] == TRIANGLE
    assert (TRIANGLE["i,j"] * TRIANGLE["i,j"])["i"] == Smooth(3)
    assert (TRIANGLE["i,j"] * Smooth(2)["k"])["i,j,k"] == Jagged(Smooth(n, 2) for n in (1, 2, 3))
    assert (Smooth(2)["k"] * TRIANGLE["i,j"])["k,i,j"] == Jagged([TRIANGLE, TRIANGLE])
    assert (TRIANGLE["i,j"] + TRIANGLE["i,j"])["i,j"] == TRIANGLE
    with pytest.raises(ShapeError, match="keep the modes before it"):
        TRIANGLE["i,j"]["j,i"]
    with pytest.raises(ShapeError, match="extents 1 and 3"):
        (TRIANGLE["i,j"] * Smooth(3, 3)["i,j"])["i"]
    with pytest.raises(ShapeError, match="'j' has the extents 1 and 3"):
        (TRIANGLE["i,j"] * Jagged(Smooth(n) for n in (3, 2, 1))["i,j"])["i"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=4), min_size=1, max_size=3), st.data())
def test_any_slice_of_a_nested_shape_keeps_its_cuts(tilings: list[list[int]], data: st.DataObject) -> None:
    grid = Nested(tilings)
    first = [data.draw(st.integers(0, extent)) for extent in grid.extents]
    last = [data.draw(st.integers(a, extent)) for a, extent in zip(first, grid.extents, strict=True)]
    part = grid.slice(first, last)
    owner = {i: grid.block_of(i) for i in grid.offsets()}
    inside = {owner[tuple(np.add(first, offset))] for offset in part.offsets()}
    assert inside == (set(grid.blocks_overlapping(first, last)) if part.size else set())
    for offset, other in itertools.product(list(part.offsets())[:40], repeat=2):
        same_before = owner[tuple(np.add(first, offset))] == owner[tuple(np.add(first, other))]
        assert (part.block_of(offset) == part.block_of(other)) == same_before
