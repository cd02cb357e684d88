"""Sparsities against masks of arrays."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensorlayer.errors import LayoutError, ShapeError
from tensorlayer.shape import Nested
from tensorlayer.sparsity import Dense, ElementSparsity, Sparsity, TileSparsity

GRID = Nested.from_tiling((5, 4), (2, (1, 3)))


def random_array(seed: int, shape: tuple[int, ...] = (5, 4), filled: float = 0.3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape) * (rng.random(shape) < filled)


def possible(sparsity: Sparsity, shape: tuple[int, ...]) -> np.ndarray:
    """Where an element may be non-zero, asked one by one."""
    mask = np.zeros(shape, dtype=bool)
    for index in np.ndindex(shape):
        mask[index] = not sparsity.is_zero(index)
    return mask


def tile_mask(array: np.ndarray, grid: Nested) -> np.ndarray:
    mask = np.zeros(array.shape, dtype=bool)
    for _, block in grid.blocks():
        mask[block] = array[block].any()
    return mask


ARRAY, OTHER = random_array(1), random_array(2)
SPARSITIES: list[Sparsity] = [
    Dense(2),
    ElementSparsity.from_array(ARRAY),
    ElementSparsity((5, 4)),
    TileSparsity.from_array(ARRAY, GRID),
    TileSparsity(GRID, [(0, 1), (2, 0)]),
    TileSparsity(Nested.from_tiling((5, 4), (5, 2)), [(0, 1)]),
]


def test_elements_of_an_array() -> None:
    sparsity = ElementSparsity.from_array(ARRAY)
    assert np.array_equal(possible(sparsity, ARRAY.shape), ARRAY != 0)
    assert np.array_equal(sparsity.coordinates, np.argwhere(ARRAY))
    assert list(sparsity) == [tuple(map(int, index)) for index in np.argwhere(ARRAY)]
    assert sparsity.zero_fraction == pytest.approx((ARRAY == 0).mean())
    assert np.array_equal(possible(ElementSparsity.from_array(ARRAY, 0.5), ARRAY.shape), np.abs(ARRAY) > 0.5)
    assert ElementSparsity((2, 2), [(1, 1), (0, 1), (1, 1)]) == ElementSparsity((2, 2), np.array([[0, 1], [1, 1]]))


def test_tiles_of_an_array() -> None:
    sparsity = TileSparsity.from_array(ARRAY, GRID)
    assert np.array_equal(possible(sparsity, ARRAY.shape), tile_mask(ARRAY, GRID))
    assert sparsity.zero_fraction == pytest.approx(1 - tile_mask(ARRAY, GRID).mean())
    for tile, block in GRID.blocks():
        assert sparsity.norm(tile) == pytest.approx(np.linalg.norm(ARRAY[block]))
        assert (tile in set(sparsity.non_zero_tiles())) == ARRAY[block].any()
    assert list(sparsity.non_zero_blocks()) == [(t, GRID.block(t)) for t in sparsity.non_zero_tiles()]


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e-300, 1e300, 5e-324])
def test_values_that_squares_lose_are_not_zero(value: float) -> None:
    array = np.zeros((5, 4))
    array[0, 0] = array[0, 1] = value
    assert list(TileSparsity.from_array(array, GRID).non_zero_tiles()) == [(0, 0), (0, 1)]
    assert len(ElementSparsity.from_array(array)) == 2
    assert not TileSparsity.from_array(array, GRID).scaled(1e-30).is_zero((0, 0))


@pytest.mark.parametrize("sparsity", SPARSITIES, ids=repr)
def test_boxes(sparsity: Sparsity) -> None:
    mask = possible(sparsity, (5, 4))
    for a, b, c, d in [(0, 5, 0, 4), (0, 2, 0, 1), (1, 4, 1, 2), (2, 2, 0, 4), (4, 5, 3, 4)]:
        assert sparsity.is_zero((slice(a, b), slice(c, d))) == (
            not mask[a:b, c:d].any() and sparsity.extents is not None
        )
    for _, block in GRID.blocks():
        assert sparsity.is_zero(block) == (not mask[block].any())
    assert np.array_equal(
        sparsity.non_zero_mask(GRID), np.array([mask[b].any() for _, b in GRID.blocks()]).reshape(3, 2)
    )


@pytest.mark.parametrize("sparsity", SPARSITIES, ids=repr)
def test_slices_and_chips(sparsity: Sparsity) -> None:
    mask = possible(sparsity, (5, 4))
    assert np.array_equal(possible(sparsity.slice((1, 1), (5, 3)), (4, 2)), mask[1:5, 1:3])
    assert np.array_equal(possible(sparsity.chip({0: 2}), (4,)), mask[2])
    assert np.array_equal(possible(sparsity.chip({1: 3}), (5,)), mask[:, 3])
    assert possible(sparsity.chip({0: 4, 1: 0}), ()) == mask[4, 0]
    assert sparsity.slice((2, 2), (2, 4)).zero_fraction == 0


@pytest.mark.parametrize("right", SPARSITIES, ids=repr)
@pytest.mark.parametrize("left", SPARSITIES, ids=repr)
def test_union_and_intersection(left: Sparsity, right: Sparsity) -> None:
    one, other = possible(left, (5, 4)), possible(right, (5, 4))
    union, both = left.union(right), left.intersection(right)
    if type(left) is type(right):
        assert np.array_equal(possible(union, (5, 4)), one | other)
    assert (possible(union, (5, 4)) >= (one | other)).all()
    assert np.array_equal(possible(both, (5, 4)), one & other)
    assert np.array_equal(possible(right.union(left), (5, 4)), possible(union, (5, 4)))


def test_norms_of_sums_and_multiples() -> None:
    one, other = (TileSparsity.from_array(a, GRID) for a in (ARRAY, OTHER))
    total = (2 * one["i,j"] - other["i,j"])["i,j"]
    assert isinstance(total, TileSparsity)
    for tile, block in GRID.blocks():
        assert np.linalg.norm(2 * ARRAY[block] - OTHER[block]) <= total.norm(tile) * (1 + 1e-14)
    np.testing.assert_allclose(total.norms, 2 * one.norms + other.norms)


def test_a_threshold_makes_small_tiles_zero() -> None:
    norms = np.array([[0.1, 1.0], [0.0, np.inf], [2.0, 0.5]])
    sparsity = TileSparsity.from_norms(GRID, norms, threshold=0.5)
    assert list(sparsity.non_zero_tiles()) == [(0, 1), (1, 1), (2, 0)]
    assert TileSparsity.from_norms(GRID, norms).mask.sum() == 5
    assert TileSparsity.from_array(ARRAY, GRID, threshold=100).zero_fraction == 1


@pytest.mark.parametrize("sparsity", SPARSITIES, ids=repr)
def test_values(sparsity: Sparsity) -> None:
    again = pickle.loads(pickle.dumps(sparsity))
    assert again == sparsity
    assert hash(again) == hash(sparsity)
    assert sum(sparsity == other for other in SPARSITIES) == 1
    with pytest.raises(AttributeError):
        sparsity.rank = 3  # type: ignore[misc]
    if isinstance(sparsity, TileSparsity):
        with pytest.raises(ValueError, match="read-only"):
            sparsity.norms[0, 0] = 1


def test_building_from_norms_copies() -> None:
    norms = np.ones((3, 2))
    sparsity = TileSparsity.from_norms(GRID, norms)
    norms[:] = 0
    assert sparsity.zero_fraction == 0


def test_scalars_and_empty_tensors() -> None:
    assert ElementSparsity((), [()]).is_zero(()) is False
    assert ElementSparsity(()).is_zero(()) is True
    assert ElementSparsity((0, 3)).zero_fraction == 0
    assert TileSparsity(Nested.from_tiling((), ()), [()]).is_zero(()) is False
    assert TileSparsity(Nested.from_tiling((0,), (2,))).zero_fraction == 0


def test_wrong_input() -> None:
    with pytest.raises(LayoutError, match="outside the extents"):
        ElementSparsity((2, 2), [(0, 2)])
    with pytest.raises(LayoutError, match=r"shape \(n, 2\)"):
        ElementSparsity((2, 2), [(0, 1, 1)])
    with pytest.raises(LayoutError, match="coordinates are integers"):
        ElementSparsity((2, 2), np.array([[0.0, 1.0]]))
    with pytest.raises(ShapeError):
        ElementSparsity((2, -1))
    with pytest.raises(LayoutError, match=r"tile \(3, 0\) of a grid"):
        TileSparsity(GRID, [(3, 0)])
    with pytest.raises(LayoutError, match="negative or NaN"):
        TileSparsity.from_norms(GRID, np.full((3, 2), np.nan))
    with pytest.raises(LayoutError, match="threshold"):
        TileSparsity.from_norms(GRID, np.ones((3, 2)), float("nan"))
    with pytest.raises(LayoutError, match="for a grid of"):
        TileSparsity.from_norms(GRID, np.ones((2, 3)))
    with pytest.raises(LayoutError, match="has a step"):
        ElementSparsity((4,)).is_zero((slice(0, 4, 2),))
    with pytest.raises(LayoutError, match="position 4"):
        ElementSparsity((4,)).is_zero((4,))
    for sparsity in SPARSITIES:
        with pytest.raises(LayoutError, match="3 entries"):
            sparsity.is_zero((0, 0, 0))
    with pytest.raises(LayoutError, match="is for the extents"):
        ElementSparsity((2, 2)).union(ElementSparsity((2, 3)))
    with pytest.raises(LayoutError, match="rank 2"):
        Dense(2).union(Dense(3))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.tuples(st.integers(1, 3), st.integers(1, 3)), st.data())
def test_tiles_survive_refinement(seed: int, tile: tuple[int, int], data: st.DataObject) -> None:
    array = random_array(seed, (6, 5))
    grid = Nested.from_tiling(array.shape, tile)
    fine = Nested.from_tiling(array.shape, (1, 1))
    sparsity = TileSparsity.from_array(array, grid)
    assert np.array_equal(possible(sparsity.refined(fine), array.shape), tile_mask(array, grid))
    first = data.draw(st.tuples(st.integers(0, 6), st.integers(0, 5)))
    part = sparsity.slice(first, (6, 5))
    assert (possible(part, part.extents) >= (array[first[0] :, first[1] :] != 0)).all()
