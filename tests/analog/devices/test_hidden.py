"""The view of what is behind the weights."""

from __future__ import annotations

import numpy as np
import pytest

from analog.devices import ConstantStepDevice, FloatingPointDevice, SoftBoundsDevice
from analog.errors import ConfigError
from tensorlayer.errors import ShapeError
from tests.analog.devices.sites import QUIET, made

NAMES = "max_bound min_bound dwmin_up dwmin_down decay_scales diffusion_rates reset_bias drift_nu".split()


def test_names_in_the_field_s_order():
    assert list(ConstantStepDevice().hidden(*made(ConstantStepDevice()))) == NAMES
    device = SoftBoundsDevice(write_noise_std=1.0)
    assert list(device.hidden(*made(device))) == [*NAMES, "persistent_weights", "slope_up", "slope_down"]


def test_one_entry_can_be_set():
    device = ConstantStepDevice(**QUIET)
    state, place = made(device, (4, 5))
    hidden = device.hidden(state, place)
    bounds = hidden["max_bound"]
    np.testing.assert_array_equal(bounds, np.full((4, 5), 0.6, np.float32))
    bounds[1, 2] = 0.8
    assert device.hidden(state, place)["max_bound"][1, 2] == np.float32(0.6), "a copy"
    hidden["max_bound"] = bounds
    np.testing.assert_array_equal(device.hidden(state, place)["max_bound"], bounds)


def test_what_was_a_number_becomes_an_array_that_pulses_use():
    device = ConstantStepDevice(**QUIET)
    state, place = made(device, (2, 2))
    device.hidden(state, place)["dwmin_up"] = np.array([[0.01, 0.02], [0.03, 0.04]])
    device.write(state, place, np.ones((2, 2), np.int32))
    np.testing.assert_allclose(state.arrays["weights"], [[0.01, 0.02], [0.03, 0.04]], rtol=1e-6)


def test_weights_are_clipped_to_new_bounds():
    device = ConstantStepDevice(**QUIET)
    state, place = made(device, (2, 2), weight=0.5)
    device.hidden(state, place)["max_bound"] = 0.3
    assert np.all(state.arrays["weights"] == np.float32(0.3))


def test_persistent_weights_give_new_visible_ones():
    device = SoftBoundsDevice(**QUIET, write_noise_std=1.0)
    state, place = made(device, (30, 30))
    device.hidden(state, place)["persistent_weights"] = 0.2
    assert state.arrays["weights"].mean() == pytest.approx(0.2, abs=5 * 0.001 / 30)


def test_devices_without_bounds():
    device = FloatingPointDevice()
    state, place = made(device, (2, 2), weight=0.5)
    hidden = device.hidden(state, place)
    assert "max_bound" not in hidden
    hidden["decay_scales"] = 0.5
    device.decay_weights(state, place)
    np.testing.assert_allclose(state.arrays["weights"], 0.25)


@pytest.mark.parametrize(
    ("name", "value", "error", "message"),
    [
        ("max_bond", 0.1, ConfigError, "no parameter 'max_bond'"),
        ("max_bound", np.zeros(3), ShapeError, r"\(3,\).*\(2, 2\)"),
        ("max_bound", np.nan, ConfigError, "NaN"),
        ("max_bound", -1.0, ConfigError, "set both bounds at once"),
        ("min_bound", 1.0, ConfigError, r"above max_bound at 4 of \(2, 2\)"),
    ],
)
def test_what_cannot_be_is_refused(name, value, error, message):
    device = ConstantStepDevice(**QUIET)
    state, place = made(device, (2, 2), weight=0.1)
    before = state.copy()
    with pytest.raises(error, match=message):
        device.hidden(state, place)[name] = value
    assert state.numbers == before.numbers
    for key, array in before.arrays.items():
        np.testing.assert_array_equal(state.arrays[key], array)


def test_bounds_that_move_together_are_compared_together():
    device = ConstantStepDevice(**QUIET)
    state, place = made(device, (2, 2), weight=0.1)
    hidden = device.hidden(state, place)
    hidden.update({"max_bound": -0.7, "min_bound": -0.9})
    np.testing.assert_allclose(hidden["max_bound"], -0.7)
    np.testing.assert_allclose(state.arrays["weights"], -0.7)


def test_nothing_can_be_deleted():
    hidden = FloatingPointDevice().hidden(*made(FloatingPointDevice()))
    with pytest.raises(ConfigError, match="deleted"):
        del hidden["decay_scales"]
