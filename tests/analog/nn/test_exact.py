"""Crossbars that are exact: torch computes on their memory, and everything else is as of all others."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest
import torch

from analog.config import ConstantStepDevice, IdealDevice, IOParameters, SingleRPUConfig
from analog.crossbar import Crossbar
from analog.errors import NotFiniteError
from analog.nn import AnalogConv2d, AnalogLinear
from analog.optim import AnalogSGD
from tensorlayer.errors import UnsupportedOperationError
from tests.analog.nn.configs import MAPPINGS, PERFECT, exact, lossless

#: Exact in all, in products only, in updates only.
CONFIGS = {
    "all": exact(MAPPINGS["grid"]),
    "products": SingleRPUConfig(device=ConstantStepDevice(), forward=PERFECT, backward=PERFECT),
    "updates": SingleRPUConfig(device=IdealDevice(), forward=IOParameters(), backward=IOParameters()),
}


def counters(layer: torch.nn.Module) -> list[dict[str, int]]:
    tiles = [tile for matrix in layer.matrices for tile in matrix.grid.crossbars.values()]
    return [{name: value for name, value in tile.state.items() if isinstance(value, int)} for tile in tiles]


@pytest.mark.parametrize("config", CONFIGS)
def test_vectors_are_counted_as_by_crossbars_that_multiply_themselves(config: str) -> None:
    layer = AnalogConv2d(2, 3, 3, rpu_config=CONFIGS[config], seed=1)
    for _ in range(2):
        layer(torch.randn(4, 2, 5, 6, requires_grad=True)).sum().backward()
        layer(torch.randn(4, 2, 5, 6)).sum().backward()
        AnalogSGD(layer.parameters(), lr=0.01).step()
    for tile in counters(layer):
        # 4 images with 3 x 4 positions, 4 passes forward, of which 2 go back to the input.
        assert tile["forward/weights/vectors"] == 4 * 48
        assert tile["backward/weights/vectors"] == 2 * 48


def test_an_exact_layer_is_one_whose_converters_do_nothing() -> None:
    """Several passes before a backward, accumulated gradients, a frozen layer in between."""
    results = {}
    for name, config in {"exact": exact(MAPPINGS["all"]), "lossless": lossless(MAPPINGS["all"])}.items():
        torch.manual_seed(3)
        first, second = (AnalogLinear(*extents, rpu_config=config, seed=1) for extents in ((5, 4), (4, 4)))
        second.matrix.analog.requires_grad_(False)
        model = torch.nn.Sequential(first, torch.nn.Tanh(), second, first_again := torch.nn.Linear(4, 5), first)
        optimizer = AnalogSGD(model.parameters(), lr=0.1)
        for _ in range(5):
            x = torch.randn(3, 2, 5)
            (model(x).square().sum() + model(2 * x).sum()).backward()
            model(-x).sum().backward()
            for gradient in (parameter.grad for parameter in model.parameters() if parameter.grad is not None):
                gradient.mul_(0.5)
            optimizer.step()
            optimizer.zero_grad()
        results[name] = [*first.get_weights(), *second.get_weights(), first_again.weight.detach()]
    torch.testing.assert_close(results["exact"], results["lossless"], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("config", ["all", "products"])
def test_automatic_casts_do_not_reach_crossbars(config: str) -> None:
    layer = AnalogLinear(64, 4, rpu_config=CONFIGS[config], seed=1)
    x = torch.randn(8, 64, requires_grad=True)
    expected = layer(x)
    (gradient,) = torch.autograd.grad(expected.sum(), x)
    with torch.autocast("cpu", torch.bfloat16):
        y = layer(x)
    (cast,) = torch.autograd.grad(y.sum(), x)
    assert y.dtype == torch.float32
    assert torch.equal(y, expected)
    assert torch.equal(cast, gradient)


@pytest.mark.parametrize("frozen", [False, True])
def test_errors_that_are_no_numbers_leave_nothing(frozen: bool) -> None:
    layer = AnalogConv2d(2, 3, 3, padding=1, rpu_config=exact(), seed=1)
    layer.matrices[0].analog.requires_grad_(not frozen)
    y = layer(torch.zeros(2, 2, 5, 5, requires_grad=True))
    d = torch.ones_like(y)
    d[1, 2, 0, 0] = torch.inf
    with pytest.raises(NotFiniteError, match="no update is made"):
        y.backward(d)
    assert not len(layer.matrices[0].analog.pending)


def test_sums_too_large_for_float32_are_no_reason_to_refuse() -> None:
    layer = AnalogLinear(2, 2, bias=False, rpu_config=exact(), seed=1)
    layer.set_weights(torch.eye(2))
    x = torch.full((1, 2), 3e38)
    assert torch.equal(layer(x), x)


def test_gradients_made_infinite_by_hand_reach_no_weight() -> None:
    layer = AnalogLinear(3, 2, rpu_config=exact(), seed=1)
    before = layer.get_weights()[0]
    layer(torch.ones(1, 3)).sum().backward()
    layer.matrix.analog.grad.mul_(torch.inf)
    with pytest.raises(NotFiniteError):
        AnalogSGD([layer.matrix.analog], lr=0.1).step()
    assert torch.equal(layer.get_weights()[0], before)


def test_crossbars_of_a_grid_are_the_matrix_whoever_writes_to_them() -> None:
    """Products are those of the present weights after writing, copying, loading and learning; copies are apart."""
    layer = AnalogLinear(7, 5, rpu_config=CONFIGS["all"], seed=1)
    x = torch.randn(4, 7)

    def is_its_weights(layer: AnalogLinear) -> bool:
        weights, bias = layer.get_weights()
        return torch.allclose(layer(x), x @ weights.T + bias, atol=1e-6)

    layer(x)
    layer.matrix.grid.crossbars[1, 2].set_weights(torch.full((2, 2), 3.0))
    assert layer.get_weights()[0][2:4, 5:].eq(3.0).all()
    assert is_its_weights(layer)
    other, before = copy.deepcopy(layer), layer.get_weights()[0]
    other(x).square().sum().backward()
    AnalogSGD(other.parameters(), lr=0.1).step()
    assert torch.equal(layer.get_weights()[0], before)
    assert not torch.equal(other.get_weights()[0], before)
    assert is_its_weights(layer)
    assert is_its_weights(other)
    layer.load_state_dict(other.state_dict())
    assert torch.equal(layer.get_weights()[0], other.get_weights()[0])
    assert is_its_weights(layer)
    layer.matrix.grid.each_(lambda tile: tile.with_weights(-tile.weights))
    assert torch.equal(layer.get_weights()[0], -other.get_weights()[0])
    assert is_its_weights(layer)


def test_a_crossbar_of_a_grid_is_saved_and_pickled_without_its_neighbours(tmp_path: Path) -> None:
    grid = AnalogLinear(7, 5, rpu_config=CONFIGS["all"], seed=1).matrix.grid
    tile = grid.crossbars[0, 1]
    tile.save(tmp_path / "tile")
    for again in (Crossbar.load(tmp_path / "tile"), pickle.loads(pickle.dumps(tile))):
        assert again.state == tile.state
        assert again.weights.shape == tile.shape


def test_accumulated_passes_are_one_sum() -> None:
    """Vectors of the first pass wait, further ones are added; inputs may not be written to before."""
    layer = AnalogLinear(40, 30, bias=False, rpu_config=exact(), seed=1)
    before, parts = layer.get_weights()[0], torch.randn(3, 2, 40)
    for part in parts:
        layer(part).square().sum().backward()
    expected = before - 0.1 * sum(2 * (part @ before.T).T @ part for part in parts)
    AnalogSGD(layer.parameters(), lr=0.1).step()
    torch.testing.assert_close(layer.get_weights()[0], expected, rtol=1e-5, atol=1e-5)
    layer(parts[0]).sum().backward()
    parts[0].zero_()
    with pytest.raises(UnsupportedOperationError, match="written to in place"):
        layer(parts[1]).sum().backward()


def test_a_layer_that_was_first_called_in_inference_mode_learns() -> None:
    layers = [AnalogLinear(4, 3, rpu_config=exact(), seed=1) for _ in range(2)]
    layers[1].set_weights(*layers[0].get_weights())
    x = torch.randn(2, 4)
    with torch.inference_mode():
        layers[0](x)
    for layer in layers:
        layer(x).square().sum().backward()
        AnalogSGD(layer.parameters(), lr=0.1).step()
    assert torch.equal(layers[0].get_weights()[0], layers[1].get_weights()[0])
