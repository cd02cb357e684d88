"""Runs of pulses in closed form against the same pulses one by one."""

from __future__ import annotations

import numpy as np
import pytest

from analog.cell import CellState, Site, Storage
from analog.devices import ExpStepDevice, LinearStepDevice, PulsedDevice, SoftBoundsDevice
from analog.parameters import UpdateParameters
from analog.pulses import apply, make_trains
from analog.random import RandomKey
from tensorlayer.backend import get_backend

LINEAR = LinearStepDevice(dw_min=0.002, gamma_up=0.6, gamma_down=0.9, up_down=0.1, w_max=1.0, w_min=-1.0)
LONG = UpdateParameters(desired_bl=200)


def pulsed(device: PulsedDevice, one_by_one: bool, shape=(40, 60), batch=6) -> tuple[np.ndarray, CellState]:
    """Weights after trains of up to 200 slots."""
    site = Site(shape, Storage(get_backend("numpy").allocator()), RandomKey(1))
    random = np.random.default_rng(0)
    x = random.uniform(-1, 1, (batch, shape[1])).astype(np.float32)
    d = random.uniform(-1, 1, (batch, shape[0])).astype(np.float32)
    state = device.create(site)
    pulses = make_trains(x, d, 0.2, device.granularity, LONG, site, 0)
    assert pulses.parts > pulses.vectors
    law = device.law
    apply(law._replace(run=None) if one_by_one else law, state, site, pulses)
    return state.arrays["weights"], state


@pytest.mark.parametrize("mult_noise", [True, False])
@pytest.mark.parametrize("device", [LINEAR, SoftBoundsDevice(dw_min=0.002), LINEAR.replace(reverse_up=True)])
def test_without_noise_they_are_the_same(device, mult_noise):
    quiet = device.replace(dw_min_std=0.0, mult_noise=mult_noise)
    runs, single = (pulsed(quiet, one_by_one)[0] for one_by_one in (False, True))
    np.testing.assert_allclose(runs, single, atol=2e-5)  # a hundredth of a pulse
    assert abs(runs).max() > 0.15


@pytest.mark.parametrize("mult_noise", [True, False])
def test_noise_has_the_same_moments(mult_noise):
    """Equal devices far from bounds, 24,000 of them: mean and deviation within five standard errors."""
    device = LINEAR.replace(
        mult_noise=mult_noise, dw_min_dtod=0.0, w_max_dtod=0.0, w_min_dtod=0.0, gamma_up_dtod=0.0, gamma_down_dtod=0.0
    )
    shape = (120, 200)
    exact, _ = pulsed(device.replace(dw_min_std=0.0), True, shape)
    noises = [pulsed(device, one_by_one, shape)[0] - exact for one_by_one in (False, True)]
    count = exact.size
    for noise in noises:
        assert noise.std() > 0.001
    deviation = noises[1].std()
    assert abs(noises[0].mean() - noises[1].mean()) < 5 * deviation * np.sqrt(2 / count)
    assert abs(noises[0].std() / deviation - 1) < 5 / np.sqrt(count) * 1.5  # tails are a little heavier than normal


def test_bounds_hold():
    device = LINEAR.replace(w_max=0.02, w_min=-0.02, w_max_dtod=0.0, w_min_dtod=0.0, gamma_up=0.0, gamma_down=0.0)
    device = device.replace(gamma_up_dtod=0.0, gamma_down_dtod=0.0)
    assert device.law.run is not None
    weights, _ = pulsed(device, False)
    assert weights.max() == np.float32(0.02)
    assert weights.min() == np.float32(-0.02)


def test_only_where_the_closed_form_is_exact():
    assert LINEAR.law.run is not None
    assert LINEAR.replace(dw_min_std=0.5).law.run is None
    assert LINEAR.replace(dw_min=0.1).law.run is None
    assert SoftBoundsDevice(dw_min=0.1).law.run is None
    assert ExpStepDevice().law.run is None


def test_on_cuda(simulator):
    for device in (LINEAR, LINEAR.replace(mult_noise=False)):
        here, there = pulsed(device, False, (2, 6), 2)[0], simulator(pulsed, device, False, (2, 6), 2)[0]
        np.testing.assert_allclose(there, here, rtol=1e-6, atol=1e-7)
