"""All training rules learn through layers, and what is random about it has the moments that it should have."""

from __future__ import annotations

import pytest
import torch

from analog.config import (
    ConstantStepDevice,
    FloatingPointRPUConfig,
    IOParameters,
    LRTTTransferCompound,
    MappingParameter,
    OneSidedUnitCell,
    RPUConfig,
    SingleRPUConfig,
    SoftBoundsDevice,
    UnitCellRPUConfig,
    build_config,
)
from analog.nn import AnalogLinear
from analog.optim import AnalogSGD
from tests.analog.nn.configs import PERFECT

DEVICE = SoftBoundsDevice(dw_min=0.01)
CONFIGS: dict[str, RPUConfig] = {
    "floating point": FloatingPointRPUConfig(),
    "constant step": SingleRPUConfig(device=ConstantStepDevice()),
    "several devices": build_config("sgd", ConstantStepDevice(), n_devices=2),
    "one-sided": UnitCellRPUConfig(device=OneSidedUnitCell((DEVICE, DEVICE), refresh_every=5)),
    "Tiki-Taka": build_config("ttv1", DEVICE, transfer_every=1.0),
    "chopped": build_config("ttv3", DEVICE, transfer_every=1.0),
    "AGAD": build_config("agad", DEVICE, transfer_every=1.0),
    "mixed precision": build_config("mp", ConstantStepDevice()),
    "low rank": UnitCellRPUConfig(device=LRTTTransferCompound((DEVICE, DEVICE, DEVICE), rank=2)),
}


@pytest.mark.parametrize("config", CONFIGS)
def test_losses_fall(config: str) -> None:
    torch.manual_seed(1)
    layer = AnalogLinear(4, 3, rpu_config=CONFIGS[config].replace(**{"mapping.max_input_size": 3}))
    optimizer = AnalogSGD(layer.parameters(), lr=0.5)
    x, target = torch.randn(10, 4) / 2, torch.randn(10, 3) / 2
    losses = []
    for _ in range(100):
        optimizer.zero_grad()
        loss = (layer(x) - target).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert sum(losses[-20:]) < 0.95 * sum(losses[:20])


def test_updates_have_the_mean_and_the_spread_of_their_pulses() -> None:
    # With one vector and 31 slots at most, the weight changes by 0.1 * 0.5 * 0.5 = 25 pulses of 0.001 on average.
    device = ConstantStepDevice(
        dw_min=0.001, dw_min_dtod=0.0, dw_min_std=0.0, up_down_dtod=0.0, w_max_dtod=0.0, w_min_dtod=0.0
    )
    config = SingleRPUConfig(
        device=device, forward=PERFECT, backward=PERFECT, mapping=MappingParameter(max_input_size=0)
    )
    layer = AnalogLinear(4000, 5, bias=False, rpu_config=config, seed=3)
    layer.set_weights(torch.zeros(5, 4000))
    x = torch.full((1, 4000), 0.5)
    layer(x).backward(torch.full((1, 5), 0.5))
    AnalogSGD(layer.parameters(), lr=0.1).step()
    changes = layer.get_weights()[0]
    # 25 slots in which both lines fire with certainty: probabilities are 1.
    torch.testing.assert_close(changes, torch.full_like(changes, -0.025), rtol=1e-4, atol=1e-6)
    layer.set_weights(torch.zeros(5, 4000))
    x[:, ::2] = 0.25
    layer(x).backward(torch.full((1, 5), 0.5))
    AnalogSGD(layer.parameters(), lr=0.1).step()
    slow = layer.get_weights()[0][:, ::2]
    # 25 slots of probability 1/2: mean 12.5 pulses, variance 6.25; lines of inputs are independent, 2000 of them, and
    # all outputs fire always, so that they see the same pulses. Bounds are beyond 4 standard errors.
    assert torch.equal(slow[0], slow[4])
    assert abs(float(slow[0].mean()) / -0.001 - 12.5) < 4 * 2.5 / 2000**0.5
    assert abs(float(slow[0].var()) / 1e-6 - 6.25) < 4 * 6.25 * (2 / 2000) ** 0.5


def test_gradients_of_inputs_have_the_noise_of_the_backward_direction() -> None:
    noise = IOParameters(inp_res=-1, out_res=-1, out_noise=0.1, noise_management="NONE", bound_management="NONE")
    config = SingleRPUConfig(device=ConstantStepDevice(), forward=PERFECT, backward=noise)
    layer = AnalogLinear(6, 3, bias=False, rpu_config=config, seed=3)
    x = torch.zeros(5000, 6, requires_grad=True)
    layer(x).backward(torch.full((5000, 3), 0.5))
    wanted = 0.5 * layer.get_weights()[0].sum(0)
    errors = x.grad - wanted
    # 30000 normal numbers: standard errors are 0.1 / 173 and 0.1 / 245; four of them.
    assert abs(float(errors.mean())) < 4 * 0.1 / 173
    assert abs(float(errors.std()) - 0.1) < 4 * 0.1 / 245
