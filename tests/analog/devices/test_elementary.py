"""Exponential, logarithm and power of float32, against float64."""

from __future__ import annotations

import numpy as np
import pytest

from analog.devices.elementary import exponential, logarithm, power


def values(function, *arguments) -> np.ndarray:
    return np.array([function(*numbers) for numbers in zip(*arguments, strict=True)], float)


def test_exponential():
    x = np.random.default_rng(1).uniform(-87, 88, 5000).astype(np.float32)
    np.testing.assert_allclose(values(exponential, x), np.exp(x.astype(float)), rtol=2e-7)
    assert exponential(np.float32(0)) == 1
    assert exponential(np.float32(-500)) == pytest.approx(np.exp(-87), rel=1e-6)
    assert np.isfinite(exponential(np.float32(500)))


def test_logarithm():
    x = np.exp(np.random.default_rng(1).uniform(-87, 88, 5000)).astype(np.float32)
    np.testing.assert_allclose(values(logarithm, x), np.log(x.astype(float)), rtol=2e-7)
    assert logarithm(np.float32(1)) == 0


def test_power():
    random = np.random.default_rng(1)
    base, exponent = random.uniform(0, 1, 5000).astype(np.float32), random.uniform(0.1, 4, 5000).astype(np.float32)
    np.testing.assert_allclose(values(power, base, exponent), base.astype(float) ** exponent, rtol=3e-6)
    assert power(np.float32(0), np.float32(0.1)) == 0
    assert power(np.float32(1), np.float32(2.5)) == 1
