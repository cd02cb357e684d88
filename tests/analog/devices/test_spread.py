"""What differs between crosspoints and from pulse to pulse: moments, at five standard errors unless told otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from analog.devices import (
    ConstantStepDevice,
    ExpStepDevice,
    LinearStepDevice,
    PowStepDevice,
    PowStepReferenceDevice,
    SoftBoundsDevice,
    SoftBoundsReferenceDevice,
)
from tests.analog.devices.sites import QUIET, made, site

SHAPE = (200, 200)
COUNT = 40_000
MEAN = 5 / np.sqrt(COUNT)
DEVIATION = 5 / np.sqrt(2 * COUNT)


def hidden(device, shape=SHAPE, seed=1):
    place = site(shape, seed)
    values = device.hidden(device.create(place), place)
    return {name: np.asarray(values[name]).astype(float) for name in values}


def test_spreads_of_bounds_and_steps():
    values = hidden(ConstantStepDevice(w_max_dtod=0.1, w_min_dtod=0.2, dw_min_dtod=0.15, up_down_dtod=0.05))
    for name, mean, spread in (("max_bound", 0.6, 0.06), ("min_bound", -0.6, 0.12)):
        assert values[name].mean() == pytest.approx(mean, abs=MEAN * spread)
        assert values[name].std() == pytest.approx(spread, rel=DEVIATION)
    common = (values["dwmin_up"] + values["dwmin_down"]) / 2
    difference = (values["dwmin_up"] - values["dwmin_down"]) / 2
    assert common.mean() == pytest.approx(0.001, abs=MEAN * 0.00015)
    assert common.std() == pytest.approx(0.00015, rel=DEVIATION)
    assert difference.std() == pytest.approx(0.00005, rel=DEVIATION)
    assert abs(np.corrcoef(common.ravel(), difference.ravel())[0, 1]) < MEAN
    assert abs(np.corrcoef(values["max_bound"].ravel(), values["min_bound"].ravel())[0, 1]) < MEAN


def test_log_normal_gain():
    gain = hidden(ConstantStepDevice(dw_min_dtod_log_normal=True, up_down_dtod=0.0))["dwmin_up"] / 0.001
    assert np.log(gain).std() == pytest.approx(0.3, rel=DEVIATION)
    assert gain.mean() == pytest.approx(np.exp(0.045), abs=MEAN * 0.33)


def test_consistency():
    wild = {"w_max_dtod": 2.0, "w_min_dtod": 2.0, "dw_min_dtod": 2.0}
    values = hidden(ConstantStepDevice(**wild))
    assert values["max_bound"].min() >= 0 >= values["min_bound"].max()
    assert min(values["dwmin_up"].min(), values["dwmin_down"].min()) >= 0
    values = hidden(ConstantStepDevice(**wild, enforce_consistency=False))
    assert values["dwmin_up"].min() < 0
    assert values["max_bound"].min() < 0
    assert np.all(values["min_bound"] <= values["max_bound"])


def test_corrupt_devices_are_stuck():
    device = SoftBoundsDevice(corrupt_devices_prob=0.1)
    values = hidden(device)
    stuck = values["dwmin_up"] == 0
    assert stuck.mean() == pytest.approx(0.1, abs=5 * np.sqrt(0.09 / COUNT))
    assert np.all(values["dwmin_down"][stuck] == 0)
    at = values["max_bound"][stuck]
    np.testing.assert_array_equal(at, values["min_bound"][stuck])
    assert np.abs(at).max() <= 0.1
    assert at.std() == pytest.approx(0.2 / np.sqrt(12), rel=0.05)
    state, place = made(device, (20, 20))
    before = state.arrays["weights"].copy()
    device.write(state, place, np.full(place.shape, 50, np.int32))
    np.testing.assert_array_equal(
        state.arrays["weights"] == before, device.hidden(state, place)["dwmin_up"] == 0, strict=True
    )


@pytest.mark.parametrize(
    "device", [ExpStepDevice, PowStepDevice, PowStepReferenceDevice, SoftBoundsReferenceDevice, LinearStepDevice]
)
def test_corrupt_devices_stay_numbers(device):
    device = device(corrupt_devices_prob=0.5, corrupt_devices_range=0.0)
    state, place = made(device, (8, 8))
    device.write(state, place, np.full(place.shape, 20, np.int32))
    assert np.isfinite(state.arrays["weights"]).all()
    assert all(np.isfinite(value).all() for value in state.arrays.values())


def test_perfect_bias():
    values = hidden(ConstantStepDevice(perfect_bias=True, corrupt_devices_prob=0.5), (30, 4))
    for name, expected in (("dwmin_up", 0.001), ("dwmin_down", 0.001), ("max_bound", 60), ("min_bound", -60)):
        np.testing.assert_allclose(values[name][:, -1], expected, rtol=1e-6)
        assert not np.allclose(values[name][:, :-1], expected)


def test_slopes_of_linear_steps():
    device = LinearStepDevice(**QUIET, gamma_up=0.3, gamma_up_dtod=0.05, gamma_down=0.0, gamma_down_dtod=0.1)
    values = hidden(device)
    gamma_up = -values["slope_up"] * 0.6 / 0.001
    gamma_down = values["slope_down"] * 0.6 / 0.001
    assert gamma_up.mean() == pytest.approx(0.3, abs=MEAN * 0.05)
    assert gamma_up.std() == pytest.approx(0.05, rel=DEVIATION)
    assert gamma_down.min() >= 0
    assert hidden(device.replace(allow_increasing=True))["slope_down"].min() < 0


@pytest.mark.parametrize(
    ("fields", "slope_up", "slope_down"),
    [
        ({"reverse_up": True}, 0.00163934426, 0.0016666667),
        ({"reverse_down": True}, -0.0016666667, -0.00163934426),
    ],
)
def test_reversed_slopes(fields, slope_up, slope_down):
    values = hidden(SoftBoundsDevice(**QUIET, **fields), (1, 1))
    assert values["slope_up"][0, 0] == pytest.approx(slope_up, rel=1e-6)
    assert values["slope_down"][0, 0] == pytest.approx(slope_down, rel=1e-6)


def test_exponents_of_powers():
    values = hidden(PowStepDevice(pow_gamma=1.5, pow_gamma_dtod=0.1, pow_up_down=0.2, pow_up_down_dtod=0.05))
    assert values["gamma_up"].mean() == pytest.approx(1.5, abs=MEAN * 0.17)
    assert values["gamma_down"].mean() == pytest.approx(1.2, abs=MEAN * 0.17)
    assert (values["gamma_up"] - values["gamma_down"]).std() == pytest.approx(2 * 1.5 * 0.05, rel=DEVIATION)


def test_reference_and_symmetry_points():
    """Reset to 0, a device is at its symmetry point: pulses up and down are equally large there."""
    for kind in (SoftBoundsReferenceDevice, PowStepReferenceDevice):
        device = kind(subtract_symmetry_point=True, dw_min_std=0.0, up_down=0.2, reset_std=0.0)
        state, place = made(device, (10, 10), weight=0.3)
        device.reset_columns(state, place)
        ups, downs = state.copy(), state.copy()
        device.write(ups, place, np.full(place.shape, 1, np.int32))
        device.write(downs, place, np.full(place.shape, -1, np.int32))
        np.testing.assert_allclose(ups.arrays["weights"], -downs.arrays["weights"], atol=2e-8)
    values = hidden(SoftBoundsReferenceDevice(**QUIET, reference_mean=0.1, reference_std=0.05))
    assert values["reference"].mean() == pytest.approx(0.1, abs=MEAN * 0.05)
    assert values["reference"].std() == pytest.approx(0.05, rel=DEVIATION)
    np.testing.assert_allclose(values["max_bound"] + values["reference"], 0.6, rtol=1e-6)


def test_the_symmetry_point_by_pulses_comes_to_the_exact_one():
    device = PowStepReferenceDevice(pow_gamma=1.5, subtract_symmetry_point=True, dw_min=0.01, dw_min_dtod=0.1)
    by_pulses = hidden(device.replace(n_estimation_steps=1500), (5, 5))
    np.testing.assert_allclose(by_pulses["reference"], hidden(device, (5, 5))["reference"], atol=1e-5)


def test_pairs_of_pulses_on_the_way_to_the_symmetry_point():
    """Numbers of another implementation, computed once."""
    device = PowStepReferenceDevice(
        **QUIET, dw_min=0.01, w_max=0.8, w_min=-0.4, pow_gamma=1.5, pow_gamma_dtod=0.0, subtract_symmetry_point=True
    )
    for count, expected in {1: 0.0035188, 2: 0.0069763, 11: 0.0355001, 100: 0.166314}.items():
        reference = hidden(device.replace(n_estimation_steps=count), (1, 1))["reference"]
        np.testing.assert_allclose(reference, expected, atol=2e-7)


def test_slope_spread_moves_the_bounds():
    values = hidden(SoftBoundsReferenceDevice(**QUIET, slope_up_dtod=0.1))
    assert (0.6 / values["max_bound"]).std() == pytest.approx(0.1, rel=DEVIATION)
    np.testing.assert_allclose(values["slope_up"] * values["max_bound"], 0.001, rtol=1e-5)
    np.testing.assert_allclose(values["min_bound"], -0.6, rtol=1e-6)


def test_noise_of_pulses():
    device = ConstantStepDevice(**QUIET | {"dw_min_std": 0.5})
    state, place = made(device, SHAPE)
    device.write(state, place, np.full(SHAPE, 16, np.int32))
    change = state.arrays["weights"].astype(float) / 0.001
    assert change.mean() == pytest.approx(16, abs=MEAN * 2)
    assert change.std() == pytest.approx(0.5 * 4, rel=DEVIATION)


def test_noise_of_exponential_steps_with_its_additions():
    fields = {"dw_min_std": 0.5, "dw_min_std_add": 0.0004, "dw_min_std_slope": 0.01}
    device = ExpStepDevice(**QUIET | fields, A_up=0.0)
    state, place = made(device, SHAPE, weight=0.3)
    device.write(state, place, np.ones(SHAPE, np.int32))
    change = state.arrays["weights"].astype(float) - float(np.float32(0.3))
    assert change.mean() == pytest.approx(0.001, abs=MEAN * 0.0025)
    assert change.std() == pytest.approx(0.5 * (0.001 + 0.0004 + 0.003), rel=DEVIATION)


def test_write_noise():
    device = SoftBoundsDevice(**QUIET, write_noise_std=5.0)
    state, place = made(device, SHAPE, weight=0.2)
    visible = state.arrays["weights"].copy()
    kept = device.hidden(state, place)["persistent_weights"]
    np.testing.assert_array_equal(kept, np.float32(0.2))
    assert visible.mean() == pytest.approx(0.2, abs=MEAN * 0.005)
    assert visible.std() == pytest.approx(0.005, rel=DEVIATION)
    counts = np.zeros(SHAPE, np.int32)
    counts[:, :100] = 1
    device.write(state, place, counts)
    now = state.arrays["weights"]
    np.testing.assert_array_equal(now[:, 100:], visible[:, 100:])
    assert (now - state.arrays["persistent_weights"])[:, :100].std() == pytest.approx(0.005, rel=2 * DEVIATION)
    assert abs(np.corrcoef(now[:, :100].ravel(), visible[:, :100].ravel())[0, 1]) < 2 * MEAN


def test_weights_can_be_set_without_write_noise():
    device = SoftBoundsDevice(**QUIET, write_noise_std=5.0, apply_write_noise_on_set=False)
    state, _ = made(device, (4, 4), weight=0.2)
    assert np.all(state.arrays["weights"] == np.float32(0.2))


def test_a_seed_of_construction_fixes_devices_but_not_weights():
    device = PowStepDevice(construction_seed=10)
    first, second = (device.create(site((6, 5), seed)) for seed in (1, 2))
    assert not np.array_equal(first.arrays["weights"], second.arrays["weights"])
    for name, values in first.arrays.items():
        if name != "weights":
            np.testing.assert_array_equal(values, second.arrays[name])
    other = device.replace(construction_seed=11).create(site((6, 5), 1))
    np.testing.assert_array_equal(other.arrays["weights"], first.arrays["weights"])
    assert not np.array_equal(other.arrays["max_bound"], first.arrays["max_bound"])


def test_without_it_everything_depends_on_the_seed_and_the_tile():
    device = PowStepDevice()
    first, again, seed, tile = (
        device.create(place) for place in (site((6, 5)), site((6, 5)), site((6, 5), 2), site((6, 5), 1, 1))
    )
    for name, values in first.arrays.items():
        np.testing.assert_array_equal(values, again.arrays[name])
        assert not np.array_equal(values, seed.arrays[name])
        assert not np.array_equal(values, tile.arrays[name])


def test_new_weights_are_small_and_uniform():
    weights = ConstantStepDevice(**QUIET).create(site(SHAPE)).arrays["weights"]
    assert np.abs(weights).max() < 0.1
    assert weights.std() == pytest.approx(0.2 / np.sqrt(12), rel=DEVIATION)


def test_memory():
    """Of constant steps: weights and twice as much."""
    arrays = ConstantStepDevice().create(site((7, 5))).arrays
    assert sum(array.nbytes for array in arrays.values()) == 35 * (4 + 2 * 4)


def test_small_steps_are_not_kept_in_half_precision():
    values = hidden(ConstantStepDevice(dw_min=1e-6, up_down_dtod=0.0))
    assert values["dwmin_up"].mean() == pytest.approx(1e-6, abs=MEAN * 3e-7)
    assert ConstantStepDevice(dw_min=1e-6).create(site()).arrays["dwmin_up"].dtype == np.float32


def test_what_has_no_spread_takes_no_memory():
    arrays = ConstantStepDevice(**QUIET).create(site((7, 5))).arrays
    assert set(arrays) == {"weights", "max_bound", "min_bound"}
    assert set(ConstantStepDevice().create(site((7, 5))).arrays) == {*arrays, "dwmin_up", "dwmin_down"}
