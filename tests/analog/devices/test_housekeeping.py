"""Decay, diffusion, reset, drift and clipping, against their formulas."""

from __future__ import annotations

import numpy as np
import pytest

from analog.devices import ConstantStepDevice, FloatingPointDevice, IdealDevice, SoftBoundsDevice
from analog.errors import ConfigError
from analog.parameters.drift import DriftParameter, SimpleDriftParameter
from tests.analog.devices.sites import QUIET, made

SHAPE = (100, 122)


def weights(device, state, place):
    return np.array(device.weights(state, place))


@pytest.mark.parametrize(
    "device", [ConstantStepDevice(**QUIET, lifetime=10), IdealDevice(lifetime=10), FloatingPointDevice(lifetime=10)]
)
def test_decay(device):
    state, place = made(device, (3, 4), weight=0.5)
    device.decay_weights(state, place)
    np.testing.assert_allclose(weights(device, state, place), 0.45, rtol=1e-6)
    device.decay_weights(state, place, alpha=0.5)
    np.testing.assert_allclose(weights(device, state, place), 0.45 * 0.95, rtol=1e-6)


def test_decay_goes_to_the_reset_bias():
    device = ConstantStepDevice(**QUIET, lifetime=4, reset=0.2)
    state, place = made(device, weight=0.6)
    device.decay_weights(state, place)
    np.testing.assert_allclose(weights(device, state, place), 0.2 + 0.4 * 0.75, rtol=1e-6)


def test_lifetimes_of_crosspoints():
    device = ConstantStepDevice(lifetime=10, lifetime_dtod=0.1)
    state, place = made(device, (200, 200))
    lifetimes = 1 / (1 - device.hidden(state, place)["decay_scales"].astype(float))
    assert lifetimes.mean() == pytest.approx(10, abs=5 * 1.0 / 200)
    assert lifetimes.std() == pytest.approx(1, rel=5 / np.sqrt(2 * 200**2))


@pytest.mark.parametrize(
    "device",
    [ConstantStepDevice(**QUIET, diffusion=0.1), IdealDevice(diffusion=0.1), FloatingPointDevice(diffusion=0.1)],
)
def test_diffusion(device):
    state, place = made(device, SHAPE)
    device.diffuse_weights(state, place)
    first = weights(device, state, place)
    assert first.std() == pytest.approx(0.1, rel=0.04)  # six standard errors
    assert abs(first.mean()) < 6 * 0.1 / np.sqrt(first.size)
    device.diffuse_weights(state, place)
    assert abs(np.corrcoef(first.ravel(), (weights(device, state, place) - first).ravel())[0, 1]) < 6 / np.sqrt(
        first.size
    )


def test_after_an_optimizer_step_weights_diffuse_then_decay():
    device = ConstantStepDevice(**QUIET, diffusion=0.01, lifetime=2)
    state, place = made(device, (3, 4), weight=0.3)
    other = state.copy()
    device.post_update(state, place)
    device.diffuse_weights(other, place)
    device.decay_weights(other, place)
    np.testing.assert_array_equal(state.arrays["weights"], other.arrays["weights"])
    assert np.all(state.arrays["weights"] < 0.2)


def test_reset_of_columns_wraps_around():
    device = ConstantStepDevice(**QUIET, reset=0.1, reset_std=0.0)
    state, place = made(device, (2, 5), weight=0.4)
    device.reset_columns(state, place, first=4, count=2)
    np.testing.assert_allclose(weights(device, state, place)[0], [0.1, 0.4, 0.4, 0.4, 0.1], rtol=1e-6)


def test_reset_with_a_probability_and_its_spreads():
    device = ConstantStepDevice(**QUIET, reset=0.1, reset_dtod=0.02, reset_std=0.01)
    state, place = made(device, SHAPE, weight=0.6)
    device.reset_columns(state, place, probability=0.3)
    now = weights(device, state, place)
    chosen = now < 0.5
    assert chosen.mean() == pytest.approx(0.3, abs=5 * np.sqrt(0.21 / now.size))
    bias = device.hidden(state, place)["reset_bias"]
    noise = (now - bias)[chosen]
    assert bias.std() == pytest.approx(0.02, rel=0.05)
    assert noise.std() == pytest.approx(0.01, rel=0.08)
    assert abs(noise.mean()) < 5 * 0.01 / np.sqrt(noise.size)


@pytest.mark.parametrize("device", [ConstantStepDevice(**QUIET), IdealDevice(reset_std=0.0), FloatingPointDevice()])
def test_nothing_else_happens(device):
    state, place = made(device, (3, 4), weight=0.25)
    for transition in (device.decay_weights, device.diffuse_weights, device.post_update, device.clip_weights):
        transition(state, place)
    device.drift_weights(state, place, 1000.0)
    assert np.all(weights(device, state, place) == np.float32(0.25))
    device.reset_columns(state, place)
    assert np.abs(weights(device, state, place)).max() < 0.06


@pytest.mark.parametrize(
    "device",
    [
        ConstantStepDevice(**QUIET, drift=DriftParameter(nu=0.1)),
        FloatingPointDevice(drift=SimpleDriftParameter(nu=0.1)),
    ],
)
def test_drift(device):
    state, place = made(device, weight=0.5)
    device.drift_weights(state, place, 2.0)
    assert weights(device, state, place)[0, 0] == pytest.approx(0.5 * 2**-0.1, rel=1e-6)
    device.drift_weights(state, place, 3.0)
    assert weights(device, state, place)[0, 0] == pytest.approx(0.5 * 5**-0.1, rel=1e-6)


def test_drift_starts_anew_where_a_weight_is_written():
    device = ConstantStepDevice(**QUIET, drift=DriftParameter(nu=0.1, t_0=2.0))
    state, place = made(device, (1, 2), weight=0.5)
    device.drift_weights(state, place, 8.0)
    device.write(state, place, np.array([[100, 0]], np.int32))
    written = weights(device, state, place)[0, 0]
    device.drift_weights(state, place, 8.0)
    assert weights(device, state, place)[0, 0] == written
    device.drift_weights(state, place, 8.0)
    np.testing.assert_allclose(weights(device, state, place), [[written * 4**-0.1, 0.5 * 12**-0.1]], rtol=1e-6)


def test_drift_by_conductance_and_its_offset():
    """Numbers by hand: exponent 0.1 - 0.05 * (log(0.5) - 0.3), offset 0.35."""
    drift = DriftParameter(nu=0.1, nu_k=0.05, log_g0=0.3, g_offset=0.2, wg_ratio=1.5, w_offset=0.05)
    device = ConstantStepDevice(**QUIET, drift=drift)
    state, place = made(device, weight=0.5)
    device.drift_weights(state, place, 2.0)
    assert weights(device, state, place)[0, 0] == pytest.approx(0.416245, abs=2e-6)
    device.drift_weights(state, place, 3.0)
    scale = 5 ** -(0.1 - 0.05 * (np.log(0.5) - 0.3))
    assert weights(device, state, place)[0, 0] == pytest.approx(0.5 * scale + 0.35 * (scale - 1), abs=2e-6)


def test_spreads_of_drift():
    drift = DriftParameter(nu=0.1, nu_dtod=0.2, nu_std=0.1, w_noise_std=0.001)
    device = ConstantStepDevice(**QUIET, drift=drift)
    state, place = made(device, SHAPE, weight=0.5)
    exponents = device.hidden(state, place)["drift_nu"]
    assert exponents.std() == pytest.approx(0.02, rel=0.04)
    device.drift_weights(state, place, 10.0)
    drifted = weights(device, state, place)
    expected = 0.5 * 10.0 ** -exponents.astype(float)
    # What is left is noise of the exponent, 0.5 * log(10) * 10**-nu * nu * 0.1, and of the weight.
    noise = np.sqrt((expected * np.log(10) * exponents * 0.1) ** 2 + 0.001**2)
    assert ((drifted - expected) / noise).std() == pytest.approx(1, rel=0.04)


def test_bounds_hold_after_all_of_it():
    device = SoftBoundsDevice(diffusion=0.5, reset=0.7, write_noise_std=0.0)
    state, place = made(device, (20, 20), weight=5.0)
    bounds = device.hidden(state, place)
    high, low = bounds["max_bound"], bounds["min_bound"]
    np.testing.assert_array_equal(weights(device, state, place), high)
    for transition in (device.diffuse_weights, device.reset_columns):
        transition(state, place)
        now = weights(device, state, place)
        assert np.all((low <= now) & (now <= high))


def test_drift_needs_a_unit_of_time():
    with pytest.raises(ConfigError, match="t_0"):
        DriftParameter(t_0=0.0)
