"""Devices that are only ever pulsed upwards."""

from __future__ import annotations

import numpy as np
import pytest

from analog.compound import OneSidedUnitCell
from analog.devices import ConstantStepDevice, IdealDevice, PowStepDevice, SoftBoundsDevice
from analog.errors import ConfigError
from analog.parameters import UpdateParameters
from analog.parameters.io import IOParameters
from tests.analog.compound.oracle import pulses
from tests.analog.compound.places import CERTAIN, PERFECT, devices, site, vectors

SHAPE = (5, 4)
LR = 0.1
DEVICE = SoftBoundsDevice(dw_min=0.004, dw_min_std=0.0, up_down=0.3)


def follow(cell, how, batches):
    """Two devices of an oracle: decreases, increases."""
    place = site(SHAPE)
    state = cell.create(place)
    oracle = devices(cell, state, place)
    for number, batch in enumerate(batches):
        x, d = vectors(SHAPE, batch, number)
        cell.update(state, place, x, d, LR, how)
        for one_x, one_d in zip(x.astype(float), d.astype(float), strict=True):
            counts = pulses(one_x, one_d, LR, DEVICE.granularity, how)
            oracle[1].step(np.maximum(counts, 0))
            oracle[0].step(np.minimum(counts, 0) if cell.copy_inverted else np.maximum(-counts, 0))
    return state, place, oracle


@pytest.mark.parametrize("inverted", [False, True])
def test_pulses_go_up_only(inverted):
    cell = OneSidedUnitCell(unit_cell_devices=(DEVICE,), copy_inverted=inverted)
    state, place, oracle = follow(cell, CERTAIN, (6, 1, 9))
    for side, device in enumerate(oracle):
        np.testing.assert_allclose(cell.part_weights(side, state, place), device.w, atol=1e-5)
    sign = 1 if inverted else -1
    np.testing.assert_allclose(cell.weights(state, place), oracle[1].w + sign * oracle[0].w, atol=1e-5)


def test_random_trains_lose_no_pulse():
    """Constant steps without noise and bounds in reach: the difference is what one such device would be."""
    device = ConstantStepDevice(
        dw_min=2.0**-10, dw_min_dtod=0.0, dw_min_std=0.0, up_down_dtod=0.0, w_max_dtod=0.0, w_min_dtod=0.0, w_max=8.0
    )
    cell = OneSidedUnitCell(unit_cell_devices=(device,))
    place = site(SHAPE)
    state, alone = cell.create(place), device.create(place)
    start = np.zeros(SHAPE, np.float32)
    cell.set_weights(state, place, start)
    device.set_weights(alone, place, start)
    for number in range(3):
        x, d = vectors(SHAPE, 8, number)
        cell.update(state, place, x, 0.1 * d, LR, UpdateParameters())
        device.update(alone, place, x, 0.1 * d, LR, UpdateParameters())
    np.testing.assert_array_equal(cell.weights(state, place), device.weights(alone, place))
    assert all((cell.part_weights(side, state, place) > 0).any() for side in range(2))


@pytest.mark.parametrize("inverted", [False, True])
def test_writing_weights(inverted):
    cell = OneSidedUnitCell(unit_cell_devices=(DEVICE.replace(w_max_dtod=0.0, w_min_dtod=0.0),), copy_inverted=inverted)
    place = site(SHAPE)
    state = cell.create(place)
    weights = np.random.default_rng(0).uniform(-0.3, 0.3, SHAPE).astype(np.float32)
    cell.set_weights(state, place, weights)
    np.testing.assert_array_equal(cell.weights(state, place), weights)
    np.testing.assert_array_equal(cell.part_weights(1, state, place), np.maximum(weights, 0))
    decreases = np.minimum(weights, 0) if inverted else np.maximum(-weights, 0)
    np.testing.assert_array_equal(cell.part_weights(0, state, place), decreases)


@pytest.mark.parametrize("by_batches", [True, False])
@pytest.mark.parametrize("forward", [PERFECT, IOParameters(out_noise=0.0, inp_res=-1, out_res=-1, out_bound=0.0)])
def test_refresh(by_batches, forward):
    """Where both devices are far up, both are reset and the difference is written as pulses."""
    device = ConstantStepDevice(
        dw_min=0.001, dw_min_std=0.0, w_max=1.0, w_max_dtod=0.0, w_min_dtod=0.0, reset=0.0, reset_std=0.0
    )
    cell = OneSidedUnitCell(
        unit_cell_devices=(device,),
        refresh_every=1 if by_batches else 4,
        units_in_mbatch=by_batches,
        refresh_upper_thres=0.5,
        refresh_lower_thres=0.2,
        refresh_forward=forward,
        refresh_update=CERTAIN.replace(desired_bl=1000),
    )
    place = site((2, 3))
    state = cell.create(place)
    plus = np.float32([[0.6, 0.6, 0.3], [0.25, 0.1, 0.45]])
    minus = np.float32([[0.3, 0.1, 0.7], [0.9, 0.8, 0.4]])
    view = cell.hidden(state, place)
    view["hidden_weights_0"], view["hidden_weights_1"] = minus, plus
    up = [np.array(view[f"dwmin_up_{side}"]) for side in range(2)]
    x, d = np.zeros((4, 3), np.float32), np.zeros((4, 2), np.float32)
    if not by_batches:
        cell.update(state, place, x[:3], d[:3], LR, CERTAIN)
        np.testing.assert_array_equal(view["hidden_weights_1"], plus)
        x, d = x[:1], d[:1]
    cell.update(state, place, x, d, LR, CERTAIN)
    both = (np.maximum(plus, minus) > 0.5) & (np.minimum(plus, minus) > 0.2)
    assert both.tolist() == [[True, False, True], [True, False, False]]
    count = np.rint(abs(plus - minus) / 0.001)
    new_plus = np.where(both, np.where(plus > minus, count * up[1], 0), plus)
    new_minus = np.where(both, np.where(plus < minus, count * up[0], 0), minus)
    np.testing.assert_allclose(view["hidden_weights_1"], new_plus, atol=1e-5)
    np.testing.assert_allclose(view["hidden_weights_0"], new_minus, atol=1e-5)
    np.testing.assert_allclose(cell.weights(state, place), new_plus - new_minus, atol=1e-5)


def test_written_pulse_by_pulse():
    cell = OneSidedUnitCell(unit_cell_devices=(DEVICE,))
    place = site(SHAPE)
    state = cell.create(place)
    oracle = devices(cell, state, place)
    counts = np.int32([[3, -2], [0, 1]])
    cell.write(state, place, counts, rows=[1, 4], columns=[3, 0])
    whole = np.zeros(SHAPE, int)
    whole[np.ix_([1, 4], [3, 0])] = counts
    oracle[1].step(np.maximum(whole, 0))
    oracle[0].step(np.maximum(-whole, 0))
    np.testing.assert_allclose(cell.weights(state, place), oracle[1].w - oracle[0].w, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"unit_cell_devices": (IdealDevice(),)}, "a device that pulses change"),
        ({"unit_cell_devices": (PowStepDevice(write_noise_std=1.0),), "refresh_every": 1}, "write noise"),
        ({"refresh_upper_thres": 1.5}, "refresh_upper_thres"),
    ],
)
def test_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        OneSidedUnitCell(**{"unit_cell_devices": (DEVICE,), **options})


def test_updates_without_pulses_are_refused():
    cell = OneSidedUnitCell(unit_cell_devices=(DEVICE,))
    place = site(SHAPE)
    state = cell.create(place)
    with pytest.raises(ConfigError, match="has none"):
        cell.update(state, place, *vectors(SHAPE, 2), LR, UpdateParameters(pulse_type="NONE"))
