"""Steps that many pulses have to prepare."""

from __future__ import annotations

import numpy as np
import pytest

from analog.devices import HiddenStepDevice
from analog.parameters import UpdateParameters
from tests.analog.devices.sites import QUIET, made

HUSHED = QUIET | {"hs_dw_min_dtod": 0.0, "hs_dw_min_std": 0.0, "hs_up_down_dtod": 0.0}


def test_the_counter_by_hand():
    """With 4 hidden states the fifth pulse goes beyond 1: one step of 4 dw_min, and the counter starts again."""
    device = HiddenStepDevice(**HUSHED, hs_hidden_states=4)
    state, place = made(device)
    trace = []
    for count in (4, 1, 3, -7, -1, -1):
        device.write(state, place, np.full((1, 1), count, np.int32))
        trace.append((float(state.arrays["weights"][0, 0]), float(state.arrays["hidden_counter"][0, 0])))
    expected = [(0, 1), (0.004, 0), (0.004, 0.75), (0.004, -1), (0, 0), (0, -0.25)]
    np.testing.assert_allclose(trace, expected, atol=1e-7)


def test_updates_are_pulse_by_pulse_too():
    device = HiddenStepDevice(**HUSHED, hs_hidden_states=4)
    state, place = made(device, (2, 3))
    one = np.ones((1, 3), np.float32), np.ones((1, 2), np.float32)
    device.update(state, place, *one, -0.012, UpdateParameters(desired_bl=12))
    np.testing.assert_allclose(state.arrays["weights"], 0.008, rtol=1e-6)
    np.testing.assert_allclose(state.arrays["hidden_counter"], 0.5, rtol=1e-6)


def test_moments_with_noise():
    """Against a simulation with other random numbers; five standard errors of both."""
    device = HiddenStepDevice(**HUSHED | {"dw_min_std": 0.3, "hs_dw_min_std": 1.0}, hs_hidden_states=4)
    state, place = made(device, (100, 100))
    device.write(state, place, np.full(place.shape, 90, np.int32))
    weights = state.arrays["weights"].astype(float)
    random = np.random.default_rng(1)
    counter, expected = np.zeros(10_000), np.zeros(10_000)
    for _ in range(90):
        counter += 0.25 * (1 + random.normal(size=10_000))
        full = np.abs(counter) > 1
        counter[full] = 0
        expected += full * 0.004 * (1 + 0.3 * random.normal(size=10_000))
    error = 5 * np.sqrt(2 / 10_000) * expected.std()
    assert weights.mean() == pytest.approx(expected.mean(), abs=error)
    assert weights.std() == pytest.approx(expected.std(), abs=error)


def test_the_counter_is_a_hidden_parameter():
    device = HiddenStepDevice(**HUSHED, hs_hidden_states=4)
    state, place = made(device)
    device.hidden(state, place)["hidden_counter"] = 0.9
    device.write(state, place, np.ones((1, 1), np.int32))
    assert state.arrays["weights"][0, 0] == pytest.approx(0.004)
