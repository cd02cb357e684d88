"""Presets have the published numbers, are classes like any other, and train."""

from __future__ import annotations

import dataclasses
import pickle
import re
from typing import Any

import numpy as np
import pytest
import torch

import analog.presets
from analog import Crossbar
from analog.config import (
    InferenceRPUConfig,
    SingleRPUConfig,
)
from analog.devices import PulsedDevice
from analog.nn import AnalogLinear, drift_analog_weights
from tests.analog.devices.sites import made

PRESETS = {name: getattr(analog.presets, name) for name in analog.presets.__all__}
TRAINING = {name: cls for name, cls in PRESETS.items() if issubclass(cls, SingleRPUConfig)}
INFERENCE = {name: cls for name, cls in PRESETS.items() if issubclass(cls, InferenceRPUConfig)}

# Weights after 1, 10, 100, 200 pulses up and then as many down, without spread and noise.
TRACES = {
    "ReRamES": [0.001481, 0.014791, 0.146008, 0.28868, 0.28564, 0.258949, 0.039296, -0.147556],
    "ReRamSB": [0.002, 0.019857, 0.184957, 0.342546, 0.339633, 0.313759, 0.086514, -0.109518],
    "Capacitor": [0.005, 0.049944, 0.493863, 0.97553, 0.970286, 0.92315, 0.457579, -0.047583],
    "EcRam": [0.002, 0.019982, 0.198065, 0.392272, 0.38979, 0.367589, 0.158577, -0.048079],
    "EcRamMO": [0.000282, 0.00282, 0.028075, 0.05587, 0.055574, 0.052912, 0.026623, -0.001902],
    "Idealized": [0.0002, 0.002, 0.02, 0.04, 0.0398, 0.038, 0.02, 0],
    "GokmenVlasov": [0.0016, 0.016, 0.16, 0.32, 0.3184, 0.304, 0.16, 0],
    "PCM": [0.28235, 0.924401, 2, 2, 0, 0, 0, 0],
}


def device(name: str) -> PulsedDevice:
    return PRESETS[f"{name}PresetDevice"]()


def quiet(named: PulsedDevice) -> PulsedDevice:
    """Without spread, noise and decay."""
    fields = [field.name for field in dataclasses.fields(named) if field.init]
    noises = [name for name in fields if name.endswith(("_dtod", "_std"))]
    return named.replace(**dict.fromkeys(noises, 0), lifetime=0)


@pytest.mark.parametrize("name", TRACES)
def test_devices_answer_pulses_as_published(name: str) -> None:
    plain = quiet(device(name))
    state, place = made(plain)
    trace = []
    for count in (1, 9, 90, 100, -1, -9, -90, -100):
        plain.write(state, place, np.full((1, 1), count, np.int32))
        trace.append(float(state.arrays["weights"][0, 0]))
    np.testing.assert_allclose(trace, TRACES[name], rtol=0, atol=1.1e-6)


def test_all_are_there() -> None:
    assert len(TRAINING) == 8 + 2 * 6 + 4 * 6 + 8
    assert len(INFERENCE) == 4
    assert len([cls for cls in PRESETS.values() if issubclass(cls, PulsedDevice)]) == 10


@pytest.mark.parametrize("name", PRESETS)
def test_they_are_classes_like_any_other(name: str) -> None:
    cls = PRESETS[name]
    assert cls.__name__ == name
    assert re.search(r"\(20\d\d\)|as in aihwkit", cls.__doc__), "no source"
    one = cls()
    assert repr(one) == f"{name}()"
    assert pickle.loads(pickle.dumps(one)) == one
    assert cls.from_dict(one.to_dict()) == cls.from_json(one.to_json(defaults=False)) == one


def written(tile: Crossbar) -> Any:
    """The weights without the noise of writing, which is larger than what a few updates change."""
    hidden = tile.hidden_parameters
    persistent = [name for name in hidden if name.startswith("persistent_weights")]
    return np.asarray(hidden[persistent[-1]] if persistent else tile.weights)


@pytest.mark.parametrize("name", TRAINING)
def test_every_configuration_trains(name: str) -> None:
    """Weights follow a constant gradient, by more than five standard errors of their mean over 200 crosspoints."""
    tile = Crossbar((100, 2), TRAINING[name](), seed=1).set_weights(np.zeros((100, 2)))
    x, d = np.ones((100, 2)), np.full((100, 100), -0.5)
    assert np.isfinite(tile.mvm(x)).all()
    before = written(tile)
    # AGAD writes nothing before its first 200 sweeps over all lines.
    for _ in range(6):
        tile.update_(x, d, lr=0.1).post_update_()
    change = written(tile) - before
    assert change.mean() > 5 * change.std() / np.sqrt(change.size)


@pytest.mark.parametrize("name", INFERENCE)
def test_every_inference_configuration_computes_and_ages(name: str) -> None:
    """The errors of a layer grow by the noise of programming, and once more in ten years."""
    torch.manual_seed(1)
    model, x = torch.nn.Linear(50, 40), torch.rand(200, 50)
    layer = AnalogLinear.from_digital(model, INFERENCE[name](), seed=1).eval()
    errors = []
    with torch.no_grad():
        for duration in (None, 0.0, 3e8):
            if duration is not None:
                drift_analog_weights(layer, duration)
            errors.append(float((layer(x) - model(x)).std() / model(x).std()))
    assert errors == sorted(errors)
    assert errors[0] < 0.5
    assert errors[2] > 0.1
