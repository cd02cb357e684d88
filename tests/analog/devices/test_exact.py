"""Devices without pulses."""

from __future__ import annotations

import numpy as np
import pytest

from analog.devices import FloatingPointDevice, IdealDevice
from analog.parameters import UpdateParameters
from tests.analog.devices.sites import made


@pytest.mark.parametrize("device", [IdealDevice(), FloatingPointDevice()])
def test_updates_are_products(device):
    random = np.random.default_rng(1)
    x, d = random.normal(size=(4, 5)).astype(np.float32), random.normal(size=(4, 6)).astype(np.float32)
    state, place = made(device, (6, 5), weight=3.0)
    device.update(state, place, x, d, 0.1, UpdateParameters())
    np.testing.assert_allclose(device.weights(state, place), 3.0 - 0.1 * d.T.astype(float) @ x, rtol=1e-6)
