"""Moments of every noise. Seeds are fixed; right noise would fail each check with a probability below 1 in 10,000."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analog.mvm import Periphery
from analog.parameters import IOParameters
from tests.analog.mvm.sites import product, site

SIGNIFICANCE = 1e-4
ERRORS = 3.9
WEIGHTS = np.array([[0.3, -0.2, 0.1, 0.5], [-0.1, 0.4, 0.2, -0.3], [0.05, 0.0, 0.0, -0.6]])
VECTOR = np.array([0.5, -1.0, 0.25, 0.75])
COUNT = 20_000
BARE = IOParameters(inp_res=-1, out_res=-1, out_bound=-1, out_noise=0.0, bound_management="NONE")


def noise(io: IOParameters, scale: float = 1.0) -> np.ndarray:
    """Many noises of every output, (COUNT, outputs), for a vector whose largest element is `scale`."""
    x = np.tile(scale * VECTOR, (COUNT, 1))
    return (product(io, WEIGHTS, x) - scale * WEIGHTS @ VECTOR).astype(float)


def check_normal(sample: np.ndarray, deviation: np.ndarray | float) -> None:
    """Every column is normal with mean 0 and that standard deviation, and none knows of another."""
    columns = sample.shape[1]
    for column, sigma in zip(sample.T, np.broadcast_to(deviation, columns), strict=True):
        assert stats.kstest(column / sigma, "norm").pvalue > SIGNIFICANCE
        assert abs(column.mean()) < ERRORS * sigma / np.sqrt(COUNT)
        assert abs(column.var() / sigma**2 - 1) < ERRORS * np.sqrt(2 / COUNT)


def check_independent(sample: np.ndarray) -> None:
    correlation = np.corrcoef(sample.T) - np.eye(sample.shape[1])
    assert np.abs(correlation).max() < (ERRORS + 0.5) / np.sqrt(COUNT)
    after = np.corrcoef(sample[1:, 0], sample[:-1, 0])[0, 1]
    assert abs(after) < ERRORS / np.sqrt(COUNT)


@pytest.mark.parametrize("scale", [1.0, 8.0])
def test_output_noise_is_in_scaled_units(scale: float) -> None:
    sample = noise(BARE.replace(out_noise=0.06), scale)
    check_normal(sample, 0.06 * scale)
    check_independent(sample)


def test_input_noise_passes_through_the_weights() -> None:
    sample = noise(BARE.replace(inp_noise=0.1))
    check_normal(sample, 0.1 * np.linalg.norm(WEIGHTS, axis=1))
    np.testing.assert_allclose(np.cov(sample.T) / 0.01, WEIGHTS @ WEIGHTS.T, atol=0.015)


def test_input_noise_comes_after_the_bound() -> None:
    """So that inputs at the bound are as noisy as others."""
    inputs = product(BARE.replace(inp_noise=0.1), np.ones((1, 1)), np.ones((COUNT, 1)))
    assert stats.binomtest(int(np.sum(inputs > 1)), COUNT).pvalue > SIGNIFICANCE


def test_constant_weight_noise() -> None:
    sample = noise(BARE.replace(w_noise=0.02, w_noise_type="ADDITIVE_CONSTANT"))
    check_normal(sample, 0.02 * np.linalg.norm(VECTOR))
    check_independent(sample)


def test_read_noise_of_phase_change_memory() -> None:
    sample = noise(BARE.replace(w_noise=0.0175, w_noise_type="PCM_READ"))
    check_normal(sample, 0.0175 * np.sqrt(np.abs(WEIGHTS) @ VECTOR**2))
    check_independent(sample)


def test_weight_noise_without_a_type_is_none() -> None:
    np.testing.assert_allclose(noise(BARE.replace(w_noise=0.5)), 0, atol=1e-6)


def test_both_signs_are_noisy() -> None:
    quiet = BARE.replace(out_noise=0.06)
    check_normal(noise(quiet.replace(mv_type="POS_NEG_SEPARATE")), 0.06)
    check_normal(noise(quiet.replace(mv_type="POS_NEG_SEPARATE_DIGITAL_SUM")), 0.06 * np.sqrt(2))


def test_read_noise_of_both_signs() -> None:
    io = BARE.replace(w_noise=0.0175, w_noise_type="PCM_READ", mv_type="POS_NEG_SEPARATE")
    check_normal(noise(io), 0.0175 * np.sqrt(np.abs(WEIGHTS) @ VECTOR**2))


@pytest.mark.parametrize("side", ["inp", "out"])
def test_stochastic_rounding_has_the_right_mean(side: str) -> None:
    io = BARE.replace(out_bound=1.0, **{f"{side}_res": 0.05, f"{side}_sto_round": True})
    x = np.tile([1.0, 0.23], (COUNT, 1))
    y = product(io, np.array([[0.0, 1.0]]), x)[:, 0].astype(float)
    low, high = 0.2, 0.3
    assert np.all(np.isclose(y, low, atol=1e-6) | np.isclose(y, high, atol=1e-6))
    ups = int(np.isclose(y, high, atol=1e-6).sum())
    assert stats.binomtest(ups, COUNT, 0.3).pvalue > SIGNIFICANCE


def test_spread_of_the_output_noise_is_frozen() -> None:
    place, periphery = site((4096, 1)), Periphery(BARE.replace(out_noise=0.1, out_noise_std=0.2))
    state = periphery.create(place)
    values = state.arrays["out_noise_values"].astype(float)
    assert stats.kstest((values / 0.1 - 1) / 0.2, "norm").pvalue > SIGNIFICANCE
    x, weights = np.ones((400, 1), np.float32), np.zeros((4096, 1), np.float32)
    halves = [periphery.product(state, place, weights, x).std(axis=0) for _ in range(2)]
    for half in halves:
        np.testing.assert_allclose(half, values, rtol=4.5 / np.sqrt(2 * 400))


def test_voltage_offsets_are_the_positive_half_of_normal_numbers() -> None:
    """Not, as elsewhere, of either sign, or 0 for another draw."""
    offsets = Periphery(BARE.replace(v_offset_std=0.05)).create(site((COUNT, 1))).arrays["v_offset"]
    assert offsets.min() == 0
    assert stats.binomtest(int(np.sum(offsets > 0)), COUNT).pvalue > SIGNIFICANCE
    assert stats.kstest(offsets[offsets > 0] / 0.05, "halfnorm").pvalue > SIGNIFICANCE


def test_spread_of_the_compression() -> None:
    io = BARE.replace(out_bound=2.0, out_nonlinearity=0.3, out_nonlinearity_std=0.1, slope_calibration=0.5)
    state = Periphery(io).create(site((COUNT, 1)))
    strengths = state.arrays["out_nonlinearity"].astype(float)
    assert stats.kstest((strengths / 0.15 - 1) / 0.1, "norm").pvalue > SIGNIFICANCE
    assert state.numbers["out_nonlinearity_factor"] == pytest.approx((1 + strengths.mean() * 0.5 * 2) ** 2, rel=1e-5)


def test_negative_inputs_see_other_weights() -> None:
    io = BARE.replace(mv_type="POS_NEG_SEPARATE", w_read_asymmetry_dtod=0.1)
    place, periphery = site((160, 128)), Periphery(io)
    state = periphery.create(place)
    asymmetry = state.arrays["w_asymmetry"].astype(float)
    assert stats.kstest((asymmetry.ravel() - 1) / 0.1, "norm").pvalue > SIGNIFICANCE
    weights = np.ones((160, 128), np.float32)
    y = periphery.product(state, place, weights, np.array([[1] * 128, [-1] * 128], np.float32))
    np.testing.assert_allclose(y[0], 128, rtol=1e-5)
    np.testing.assert_allclose(-y[1], asymmetry.sum(axis=1), rtol=1e-5)


def test_without_spread_nothing_is_kept() -> None:
    assert Periphery(IOParameters()).create(site((3, 4))).arrays == {}
