"""What a tensor on crossbars keeps of how it was made."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import tensorlayer as tl
from analog.backend import expected_noise
from analog.config import FloatingPointRPUConfig, IdealDevice, IOParameters, MappingParameter, SingleRPUConfig
from tensorlayer.backend import get_backend
from tensorlayer.errors import UnsupportedOperationError
from tensorlayer.layout import PhysicalLayout
from tensorlayer.shape import Nested

#: The largest element is a weight of 0.5.
SCALED = FloatingPointRPUConfig(mapping=MappingParameter(weight_scaling_omega=0.5))


@pytest.fixture
def elements():
    return np.random.default_rng(0).uniform(-3, 3, (5, 4))


def test_a_tiling_is_that_of_the_crossbars():
    tiles = Nested.from_tiling((5, 4), (3, 4))
    buffer = get_backend("analog").allocator().construct(PhysicalLayout((5, 4), np.float32, tiling=tiles), 1.5)
    assert buffer.layout.tiling == tiles
    assert {place: tile.shape for place, tile in buffer.grid.crossbars.items()} == {(0, 0): (3, 4), (1, 0): (2, 4)}


def test_the_digital_factor_is_kept(elements):
    W = tl.tensor(elements, backend="analog", config=SCALED, seed=1)
    assert np.abs(W.buffer.grid.weights).max() == 0.5
    np.testing.assert_allclose(pickle.loads(pickle.dumps(W)).numpy(), elements, rtol=1e-6)
    np.testing.assert_allclose(W.buffer.read_weights(), elements, atol=1e-5)


def test_one_digital_factor_is_refused_for_columns(elements):
    config = SCALED.replace(**{"mapping.weight_scaling_columnwise": True})
    with pytest.raises(UnsupportedOperationError, match="has one digital factor"):
        tl.tensor(elements, backend="analog", config=config)


def test_elements_of_another_machine_are_native(elements):
    W = tl.tensor(elements.astype(">f8"), backend="analog")
    assert W.dtype == np.dtype(float)
    np.testing.assert_allclose(W.numpy(), elements, rtol=1e-6)


def test_tensors_of_an_experiment_have_numbers_of_their_own(elements):
    """The same seed, and the number of the first crossbar: noise differs by it alone."""
    X = tl.tensor(np.ones((2, 4)))
    results = []
    for tile in (0, 7, 7):
        W = tl.tensor(elements, backend="analog", config=SingleRPUConfig(), seed=1, tile=tile)
        results.append((X["b,i"] * W["o,i"])["b,o"].numpy())
    assert not np.array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[1], results[2])


@pytest.mark.parametrize("management", ["NONE", "ABS_MAX"])
def test_expected_noise_of_outputs_has_all_factors(elements, management):
    """Noise in front of the converter, and the rounding of a step; times what is digital."""
    io = IOParameters(out_noise=0.1, inp_res=-1, out_res=0.05, out_scale=2.0, noise_management=management)
    config = SingleRPUConfig(device=IdealDevice(), forward=io, mapping=MappingParameter(weight_scaling_omega=0.5))
    W, x = tl.tensor(elements, backend="analog", config=config), np.array([0.2, -0.7, 0.1, 0.4])
    largest = 0.7 if management == "ABS_MAX" else 1.0
    factor = 2.0 * largest * np.abs(elements).max() / 0.5
    expected = factor * np.sqrt(0.1**2 + io.out_step**2 / 12)
    np.testing.assert_allclose(expected_noise(W, x), np.full(5, expected), rtol=1e-6)
    limited = config.replace(forward=io.replace(noise_management="ABS_MAX", nm_thres=0.5))
    W = tl.tensor(elements, backend="analog", config=limited)
    with pytest.raises(UnsupportedOperationError, match="threshold"):
        expected_noise(W, x)
