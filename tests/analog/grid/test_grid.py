"""A grid of crossbars against one crossbar and against dense products."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analog import Crossbar
from analog.config import ConstantStepDevice, FloatingPointRPUConfig, MappingParameter, SingleRPUConfig
from analog.grid import CrossbarGrid, balanced
from tensorlayer.errors import ShapeError

RNG = np.random.default_rng(7)
SMALL = MappingParameter(max_input_size=3, max_output_size=2)


@given(st.integers(1, 300), st.integers(1, 40))
def test_blocks_are_as_few_and_as_equal_as_can_be(extent: int, largest: int) -> None:
    lengths = balanced(extent, largest)
    assert sum(lengths) == extent
    assert max(lengths) <= largest
    assert max(lengths) - min(lengths) <= 1
    assert len(lengths) == -(-extent // largest)


def test_an_exact_grid_is_the_dense_product_and_the_dense_update() -> None:
    w, x, d = RNG.normal(size=(5, 7)), RNG.normal(size=(4, 7)), RNG.normal(size=(4, 5))
    grid = CrossbarGrid((5, 7), FloatingPointRPUConfig(mapping=SMALL), seed=1).set_weights(w)
    assert {tile.shape for tile in grid.crossbars.values()} == {(2, 3), (2, 2), (1, 3), (1, 2)}
    np.testing.assert_allclose(grid.mvm(x), x @ w.T, rtol=2e-6, atol=1e-6)
    np.testing.assert_allclose(grid.mvm_transposed(d), d @ w, rtol=2e-6, atol=1e-6)
    later = grid.update(x, d, lr=0.1)
    np.testing.assert_allclose(later.weights, w - 0.1 * d.T @ x, rtol=2e-6, atol=1e-6)
    np.testing.assert_allclose(grid.weights, w, rtol=1e-6)


def test_one_crossbar_is_a_crossbar_to_the_bit() -> None:
    config, x, d = SingleRPUConfig(device=ConstantStepDevice()), RNG.normal(size=(3, 4)), RNG.normal(size=(3, 2))
    grid, tile = CrossbarGrid((2, 4), config, seed=3, tile=5), Crossbar((2, 4), config, seed=3, tile=5)
    np.testing.assert_array_equal(grid.mvm(x), tile.mvm(x))
    np.testing.assert_array_equal(grid.update(x, d, 0.1).weights, tile.update(x, d, 0.1).weights)


def test_crossbars_of_a_grid_draw_independently() -> None:
    config = SingleRPUConfig(mapping=SMALL, device=ConstantStepDevice())
    grid = CrossbarGrid((4, 6), config, seed=3)
    assert [tile.tile for tile in grid.crossbars.values()] == [0, 1, 2, 3]
    bounds = [tile.hidden_parameters["max_bound"].tobytes() for tile in grid.crossbars.values()]
    assert len(set(bounds)) == len(bounds)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda grid: pickle.loads(pickle.dumps(grid))])
def test_copies_go_on_alike_and_apart(duplicate) -> None:
    grid = CrossbarGrid((4, 6), SingleRPUConfig(mapping=SMALL), seed=3)
    x, d = RNG.normal(size=(3, 6)), RNG.normal(size=(3, 4))
    twin, before = duplicate(grid), grid.weights
    twin.update_(x, d, 0.1)
    np.testing.assert_array_equal(grid.weights, before)
    np.testing.assert_array_equal(twin.weights, grid.update_(x, d, 0.1).weights)


def test_vectors_that_do_not_fit_change_nothing() -> None:
    grid = CrossbarGrid((4, 6), SingleRPUConfig(mapping=SMALL), seed=3)
    before = grid.weights
    with pytest.raises(ShapeError, match="x has the leading axes"):
        grid.update_(np.ones((3, 6)), np.ones((2, 4)), 0.1)
    with pytest.raises(ShapeError, match="6 elements"):
        grid.mvm(np.ones((3, 5)))
    np.testing.assert_array_equal(grid.weights, before)
