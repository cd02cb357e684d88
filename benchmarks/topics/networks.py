"""Training steps of small networks at batch 64 (forward, loss, backward, update), beside aihwkit 1.2 and torch.

The perceptron is 784-256-128-10, the convolutional network LeNet-5. Ideal crossbars compete with plain torch.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.case import OURS, Call, Case

__all__ = ["CASES"]

BATCH, RATE = 64, 0.05
#: Our time over that of aihwkit, at most; by configuration.
GOALS = {"GokmenVlasovPreset": 1 / 5, "TTv2EcRamPreset": 1 / 5, "ChoppedTTv2EcRamPreset": 1 / 10}
#: Our time over that of plain torch, at most, where everything is exact.
EXACT = 1.3

#: Seconds until OpenMP's threads, which sleep beside noisy crossbars, spin again: others are not to gain by it.
REST = 0.15

Layers = Callable[..., Any]


def _perceptron(linear: Layers, convolution: Layers) -> Any:
    from torch import nn

    del convolution
    return nn.Sequential(nn.Flatten(), linear(784, 256), nn.Sigmoid(), linear(256, 128), nn.Sigmoid(), linear(128, 10))


def _lenet(linear: Layers, convolution: Layers) -> Any:
    from torch import nn

    return nn.Sequential(
        convolution(1, 6, 5, padding=2), nn.Tanh(), nn.MaxPool2d(2),
        convolution(6, 16, 5), nn.Tanh(), nn.MaxPool2d(2), nn.Flatten(),
        linear(400, 120), nn.Tanh(), linear(120, 84), nn.Tanh(), linear(84, 10),
    )  # fmt: skip


NETWORKS = {"perceptron": _perceptron, "LeNet-5": _lenet}


def _step(model: Any, optimizer: Any, batch: int = BATCH) -> Call:
    import torch

    generator = torch.Generator().manual_seed(0)
    images = torch.rand(batch, 1, 28, 28, generator=generator)
    labels = torch.randint(10, (batch,), generator=generator)

    def step() -> float:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    return step


def _ours(network: str, config: Any, batch: int = BATCH) -> Call:
    from analog.nn import AnalogConv2d, AnalogLinear
    from analog.optim import AnalogSGD

    model = NETWORKS[network](partial(AnalogLinear, rpu_config=config), partial(AnalogConv2d, rpu_config=config))
    return _step(model, AnalogSGD(model.parameters(), lr=RATE), batch)


def _aihwkit(network: str, config: Any, batch: int = BATCH) -> Call:
    layers = importlib.import_module("aihwkit.nn")
    linear, convolution = (partial(layer, rpu_config=config) for layer in (layers.AnalogLinear, layers.AnalogConv2d))
    model = NETWORKS[network](linear, convolution)
    optimizer = importlib.import_module("aihwkit.optim").AnalogSGD(model.parameters(), lr=RATE)
    optimizer.regroup_param_groups(model)
    return _step(model, optimizer, batch)


def _torch(network: str) -> Call:
    import torch

    model = NETWORKS[network](torch.nn.Linear, torch.nn.Conv2d)
    return _step(model, torch.optim.SGD(model.parameters(), lr=RATE))


def _against_aihwkit(network: str, preset: str) -> dict[str, Call]:
    configs = (importlib.import_module(name) for name in ("analog.presets", "aihwkit.simulator.presets"))
    ours, theirs = (getattr(module, preset)() for module in configs)
    return {OURS: _ours(network, ours), "aihwkit": _aihwkit(network, theirs)}


def _against_torch(network: str) -> dict[str, Call]:
    from analog.config import FloatingPointRPUConfig

    return {OURS: _ours(network, FloatingPointRPUConfig()), "torch": _torch(network)}


ANALOG = tuple(
    Case(
        f"step of the {network}, {preset}",
        partial(_against_aihwkit, network, preset),
        limit=limit,
        check=False,
        rest=REST,
    )
    for network in NETWORKS
    for preset, limit in GOALS.items()
    if importlib.util.find_spec("aihwkit") is not None
)
IDEAL = tuple(
    Case(f"step of the {network}, exact", partial(_against_torch, network), limit=EXACT, check=False, rest=REST)
    for network in NETWORKS
    if importlib.util.find_spec("torch") is not None
)
CASES = ANALOG + IDEAL
