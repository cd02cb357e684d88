"""What devices refuse, and what follows from their parameters."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analog.devices import (
    ConstantStepDevice,
    ExpStepDevice,
    IdealDevice,
    LinearStepDevice,
    PiecewiseStepDevice,
    PowStepDevice,
    PulsedDevice,
    SoftBoundsDevice,
    SoftBoundsPmaxDevice,
)
from analog.errors import ConfigError
from analog.parameters import UpdateParameters
from tests.analog.devices.sites import made


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        (ConstantStepDevice, {"w_max": -0.1}, "w_max is -0.1: it must be at least 0"),
        (ConstantStepDevice, {"w_min": 0.1}, "w_min is 0.1: it must be at most 0"),
        (ConstantStepDevice, {"w_max": math.inf}, "w_max .* not inf"),
        (SoftBoundsDevice, {"w_min": -math.inf}, "w_min .* not -inf"),
        (ConstantStepDevice, {"dw_min": 0.0}, "dw_min.*above 0"),
        (ConstantStepDevice, {"dw_min_std": -0.1}, "dw_min_std"),
        (ConstantStepDevice, {"w_max_dtod": -1}, "w_max_dtod"),
        (ConstantStepDevice, {"corrupt_devices_prob": 1.5}, "corrupt_devices_prob"),
        (ConstantStepDevice, {"construction_seed": -1}, "construction_seed"),
        (ConstantStepDevice, {"lifetime": -2}, "lifetime"),
        (ConstantStepDevice, {"dw_mim": 0.1}, "did you mean 'dw_min'"),
        (ConstantStepDevice, {"drift": 0.1}, "drift"),
        (LinearStepDevice, {"gamma_up_dtod": -0.1}, "gamma_up_dtod"),
        (PowStepDevice, {"pow_gamma": -1}, "pow_gamma"),
        (PiecewiseStepDevice, {"piecewise_up": []}, "piecewise_up"),
        (PiecewiseStepDevice, {"piecewise_down": [1, -1]}, "piecewise_down"),
        (PiecewiseStepDevice, {"piecewise_up": [1, 0, 1]}, "pulses of size 0"),
        (ExpStepDevice, {"A_up": 10.0, "A_down": 1e9}, "pulses of size 0"),
        (PowStepDevice, {"pow_gamma": 1e4}, "pulses of size 0"),
        (SoftBoundsPmaxDevice, {"range_min": 0.5}, "range_min"),
        (SoftBoundsPmaxDevice, {"dw_min": 0.5}, "dw_min"),
        (IdealDevice, {"reset_std": -0.5}, "reset_std"),
    ],
)
def test_refused(kind, fields, message):
    with pytest.raises(ConfigError, match=message):
        kind(**fields)


@pytest.mark.parametrize(
    "device",
    [
        SoftBoundsDevice(w_min=0.0),
        SoftBoundsDevice(w_max=0.0),
        LinearStepDevice(w_min=0.0, gamma_down=1.0),
        LinearStepDevice(w_max=0.0, gamma_up=1.0),
        ConstantStepDevice(w_min=0.0, w_max=1e6),
    ],
)
def test_a_bound_may_be_zero_or_far_away(device):
    state, place = made(device, (2, 3))
    x, d = np.ones((5, 3), np.float32), np.ones((5, 2), np.float32)
    for lr in (0.05, -0.1, 0.02):
        device.update(state, place, x, d, lr, UpdateParameters())
        weights = state.arrays["weights"]
        assert (weights >= device.hidden(state, place)["min_bound"]).all()
        assert (weights <= device.hidden(state, place)["max_bound"]).all()
    assert weights.any()


def test_a_device_has_a_law():
    with pytest.raises(TypeError, match="step"):
        PulsedDevice()


def test_number_of_states():
    assert ConstantStepDevice(w_min=-0.4).num_states == pytest.approx(1000)
    assert PowStepDevice(pow_gamma=2).num_states == pytest.approx(4800)


@pytest.mark.parametrize("device", [PiecewiseStepDevice(piecewise_up=[1, 2]), SoftBoundsPmaxDevice(p_max=500)])
def test_devices_survive_being_written_down(device):
    assert type(device).from_json(device.to_json()) == device
