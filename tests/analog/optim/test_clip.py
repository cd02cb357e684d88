"""Clipping against torch's, which has the gradient as a matrix."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import torch

from analog.errors import ConfigError
from analog.nn import AnalogConv2d, AnalogLinear, convert_to_digital
from analog.optim import AnalogSGD, clip_grad_norm_
from tests.analog.nn.configs import MAPPINGS, exact, lossless


@pytest.mark.parametrize("batch", [1, 3, 40])
@pytest.mark.parametrize("mapping", MAPPINGS)
@pytest.mark.parametrize("most", [0.01, 1e6])
@pytest.mark.parametrize("config", [partial(exact, input_range=100.0), lossless], ids=["exact", "pairs"])
def test_norms_and_steps_are_torchs(mapping: str, batch: int, most: float, config: Any) -> None:
    torch.manual_seed(0)
    layer = AnalogLinear(7, 9, rpu_config=config(MAPPINGS[mapping]))
    digital = torch.nn.Linear(7, 9)
    digital.load_state_dict(dict(zip(("weight", "bias"), layer.get_weights(), strict=True)))
    x = torch.randn(2, batch, 7)
    for module in (layer, digital):
        for rows in x:
            module(rows).square().sum().backward()
    norms = clip_grad_norm_(layer.parameters(), most), torch.nn.utils.clip_grad_norm_(digital.parameters(), most)
    torch.testing.assert_close(*norms, rtol=1e-4, atol=0)
    for step in (AnalogSGD(layer.parameters(), lr=0.1), torch.optim.SGD(digital.parameters(), lr=0.1)):
        step.step()
    torch.testing.assert_close(layer.get_weights()[0], digital.weight.detach(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("config", [exact, lossless], ids=["exact", "pairs"])
def test_norms_of_convolutions_are_torchs(config: Any) -> None:
    torch.manual_seed(0)
    layers = [AnalogConv2d(*channels, 3, rpu_config=config()) for channels in ((1, 3), (3, 2))]
    analog = torch.nn.Sequential(layers[0], torch.nn.Tanh(), layers[1])
    digital = convert_to_digital(analog)
    image = torch.randn(2, 1, 8, 8)
    for model in (analog, digital):
        model(image).square().sum().backward()
    norms = clip_grad_norm_(analog.parameters(), 1.0), torch.nn.utils.clip_grad_norm_(digital.parameters(), 1.0)
    torch.testing.assert_close(*norms, rtol=1e-4, atol=0)


def test_clipping_twice_and_between_passes() -> None:
    layer, digital = AnalogLinear(3, 2, bias=False, rpu_config=exact()), torch.nn.Linear(3, 2, bias=False)
    digital.load_state_dict({"weight": layer.get_weights()[0]})
    for module, clip in ((layer, clip_grad_norm_), (digital, torch.nn.utils.clip_grad_norm_)):
        module(torch.ones(1, 3)).sum().backward()
        clip(module.parameters(), 1.0)
        module(torch.eye(1, 3)).sum().backward()
        torch.testing.assert_close(clip(module.parameters(), 0.5), torch.tensor(6 * 1 / 6 + 2 + 4 / 6**0.5).sqrt())
    AnalogSGD(layer.parameters(), lr=1.0).step()
    torch.optim.SGD(digital.parameters(), lr=1.0).step()
    torch.testing.assert_close(layer.get_weights()[0], digital.weight.detach())


def test_gradients_of_zero_stay_zero() -> None:
    layer = AnalogLinear(3, 2, bias=False, rpu_config=exact(), seed=1)
    before = layer.get_weights()[0]
    (layer(torch.ones(1, 3)) * 0).sum().backward()
    assert float(clip_grad_norm_(layer.parameters(), 1.0)) < 1e-30
    AnalogSGD(layer.parameters(), lr=1.0).step()
    assert torch.equal(layer.get_weights()[0], before)
    assert float(clip_grad_norm_(layer.parameters(), 1.0)) == 0


def test_other_norms_are_refused() -> None:
    layer = AnalogLinear(3, 2, rpu_config=exact())
    with pytest.raises(ConfigError, match="2-norm"):
        clip_grad_norm_(layer.parameters(), 1.0, norm_type=1.0)
    digital = torch.nn.Linear(3, 2)
    digital(torch.ones(3)).sum().backward()
    assert float(clip_grad_norm_(digital.weight, 1.0, norm_type=1.0)) == pytest.approx(6.0)
