"""Low-rank transfer: its identities, and one update after the other in float64."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from analog import Crossbar
from analog.compound import LRTTTransferCompound, TransferCompound
from analog.config import UnitCellRPUConfig
from analog.devices import ConstantStepDevice, IdealDevice
from analog.errors import ConfigError
from analog.parameters import UpdateParameters
from analog.parameters.io import IOParameters
from tests.analog.compound.places import PERFECT, site, vectors

SHAPE = (5, 7)
LR = 0.05
IDEAL = (IdealDevice(),) * 3
STEPS = ConstantStepDevice(
    dw_min=0.001,
    dw_min_dtod=0.0,
    dw_min_std=0.0,
    up_down_dtod=0.0,
    w_max=4.0,
    w_min=-4.0,
    w_max_dtod=0.0,
    w_min_dtod=0.0,
)


def ideal(**options):
    return LRTTTransferCompound(
        **{"unit_cell_devices": IDEAL, "rank": 3, "reinit_gain": 1.0, "transfer_forward": PERFECT, **options}
    )


def parts(cell, state, place):
    return [np.array(cell.part_weights(number, state, place), np.float64) for number in range(3)]


@pytest.mark.parametrize("scale", ["none", "1/sqrt(r)", "sqrt(r)"])
@pytest.mark.parametrize("projection", ["analog", "digital"])
@pytest.mark.parametrize(("read", "chunk"), [("exact", None), ("one_hot", 2), ("random", 1)])
def test_updates_and_transfers(scale, projection, read, chunk):
    cell = ideal(
        transfer_every=3,
        lora_alpha=0.5,
        transfer_lr=0.8,
        gradient_scale=scale,
        projection=projection,
        read=read,
        rank_chunk=chunk,
    )
    place = site(SHAPE)
    state = cell.create(place)
    rate = LR * 0.5 * {"none": 1.0, "1/sqrt(r)": 3**-0.5, "sqrt(r)": 3**0.5}[scale]
    for number in range(1, 8):
        a, b, c = parts(cell, state, place)
        x, d = vectors(SHAPE, 4, number)
        cell.update(state, place, x, d, LR, UpdateParameters())
        a, b = a - rate * d.T @ (x @ b.T), b - rate * (d @ a).T @ x
        if number % 3 == 0:
            c = c + 0.8 * a @ b
            a, b = np.zeros_like(a), parts(cell, state, place)[1]
        for found, expected in zip(parts(cell, state, place), (a, b, c), strict=True):
            np.testing.assert_allclose(found, expected, atol=1e-6)


def test_after_a_transfer_the_weight_is_c_and_b_waits():
    cell = ideal(transfer_every=2)
    place = site(SHAPE)
    state = cell.create(place)
    for number in range(2):
        cell.update(state, place, *vectors(SHAPE, 4, number), LR, UpdateParameters())
    _, b, c = parts(cell, state, place)
    np.testing.assert_array_equal(cell.weights(state, place), c)
    cell.update(state, place, *vectors(SHAPE, 4, 9), LR, UpdateParameters())
    np.testing.assert_array_equal(parts(cell, state, place)[1], b)
    assert parts(cell, state, place)[0].any()


@pytest.mark.parametrize("transfer_lr", [None, 0.7, 0.4])
def test_continuous_if_and_only_if_the_rates_agree(transfer_lr):
    cell = ideal(lora_alpha=0.7, transfer_lr=transfer_lr, transfer_every=0)
    place = site(SHAPE)
    state = cell.create(place)
    for number in range(3):
        cell.update(state, place, *vectors(SHAPE, 4, number), LR, UpdateParameters())
    before = np.array(cell.weights(state, place))
    a, b, _ = parts(cell, state, place)
    cell.transfer(state, place)
    jump = abs(cell.weights(state, place) - before)
    if transfer_lr == 0.4:
        np.testing.assert_allclose(jump, abs(0.3 * a @ b), atol=1e-6)
        assert jump.max() > 0.01
    else:
        assert jump.max() < 1e-6


def test_exact_writes_miss_half_a_pulse_at_most():
    cell = ideal(unit_cell_devices=(STEPS,) * 3, exact_write=True, transfer_every=0)
    place = site(SHAPE)
    state = cell.create(place)
    for number in range(6):
        cell.update(state, place, *vectors(SHAPE, 4, number), LR, UpdateParameters())
    before = np.array(cell.weights(state, place))
    a, b, _ = parts(cell, state, place)
    assert abs(a @ b).max() > 0.02
    cell.transfer(state, place)
    assert abs(cell.weights(state, place) - before).max() < 0.501 * STEPS.dw_min


def test_pulsed_transfers_are_right_on_average():
    """Over 400 crossbars' worth of rows; five standard errors, a chance of 6e-7 to fail."""
    cell = ideal(unit_cell_devices=(IdealDevice(), IdealDevice(), STEPS), transfer_every=0, rank=1)
    shape = (400, 50)
    place = site(shape)
    state = cell.create(place)
    cell.write_part(0, state, place, np.full((400, 1), 0.1, np.float32))
    cell.write_part(1, state, place, np.linspace(0.01, 0.15, 50, dtype=np.float32)[np.newaxis])
    before = parts(cell, state, place)
    cell.transfer(state, place)
    missed = (parts(cell, state, place)[2] - before[2] - before[0] @ before[1]) / STEPS.dw_min
    assert abs(missed.mean()) < 5 * missed.std() / np.sqrt(400)  # rows are independent, elements of a row are not
    assert missed.std() > 0.1


@pytest.mark.parametrize("composition", ["visible", "single_adc", "separate_adc"])
def test_products(composition):
    cell = ideal(composition=composition, lora_alpha=0.6, transfer_every=0)
    tile = Crossbar(SHAPE, UnitCellRPUConfig(device=cell, forward=PERFECT, backward=PERFECT), seed=2)
    x, d = vectors(SHAPE, 4)
    for _ in range(4):
        tile.update_(x, d, LR)
    hidden = tile.hidden_parameters
    a, b, c = (np.array(hidden[f"hidden_weights_{number}"], np.float64) for number in range(3))
    assert abs(a @ b).max() > 0.005
    weights = c if composition == "visible" else c + 0.6 * a @ b
    np.testing.assert_allclose(tile.weights, weights, atol=1e-6)
    np.testing.assert_allclose(tile.mvm(x), x @ weights.T, atol=1e-5)
    np.testing.assert_allclose(tile.mvm_transposed(d), d @ weights, atol=1e-5)


@pytest.mark.parametrize(("composition", "converters"), [("visible", 1), ("single_adc", 1), ("separate_adc", 2)])
def test_converters_have_noise_of_their_own(composition, converters):
    """With A zero, B and A read nothing but noise; variance of 40,000 outputs within 5 % (14 standard errors)."""
    noisy = IOParameters(inp_res=-1, out_res=-1, out_bound=0.0, out_noise=0.1, noise_management="NONE")
    cell = ideal(composition=composition, transfer_every=0)
    config = UnitCellRPUConfig(device=cell, forward=noisy, backward=PERFECT)
    tile = Crossbar(SHAPE, config, seed=2)
    x, _ = vectors(SHAPE, 8000)
    noise = tile.mvm(x) - x @ np.asarray(tile.weights).T
    assert noise.var() == pytest.approx(converters * 0.1**2, rel=0.05)


def test_full_rank_with_a_fixed_identity_is_tiki_taka_with_full_read_out():
    """A takes the gradient as a fast cell does, and a transfer adds all its columns."""
    inputs = SHAPE[1]
    low = ideal(rank=5, reinit="identity", lora_alpha=1.0, transfer_every=2, transfer_lr=0.3)
    square = (5, 5)
    full = TransferCompound(
        unit_cell_devices=IDEAL[:2],
        transfer_every=2,
        n_reads_per_transfer=5,
        transfer_forward=PERFECT,
        transfer_lr=0.3,
        scale_transfer_lr=False,
        with_reset_prob=0.0,
    )
    place = site(square)
    states = low.create(place), full.create(place)
    start = 0 * np.array(full.weights(states[1], place))
    full.set_weights(states[1], place, start)
    low.set_weights(states[0], place, start)
    for number in range(2):
        x, d = vectors(square, 3, number)
        low.update(states[0], place, x, d, LR, UpdateParameters())
        full.update(states[1], place, x, d, LR, UpdateParameters())
    np.testing.assert_allclose(low.weights(states[0], place), full.weights(states[1], place), atol=1e-6)
    assert abs(full.weights(states[1], place)).max() > 0.001
    assert inputs == 7


def test_a_fixed_orthonormal_b():
    cell = ideal(reinit="orthonormal", transfer_every=2)
    place = site(SHAPE)
    state = cell.create(place)
    seen = []
    for number in range(4):
        seen.append(parts(cell, state, place)[1])
        np.testing.assert_allclose(seen[-1] @ seen[-1].T, np.eye(3), atol=1e-5)
        cell.update(state, place, *vectors(SHAPE, 2, number), LR, UpdateParameters())
    assert [bool((one != other).any()) for one, other in pairwise(seen)] == [False, True, False]


def test_a_new_b_has_the_deviation_asked_for():
    """30,000 normal numbers: the deviation within 3 % (7 standard errors)."""
    cell = ideal(rank=100, reinit_gain=0.1)
    place = site((100, 300))
    b = parts(cell, cell.create(place), place)[1]
    assert b.std() == pytest.approx(0.1 * np.sqrt(2 / 300), rel=0.03)


@pytest.mark.parametrize(("unit", "transfers"), [("steps", 3), ("samples", 6)])
def test_units(unit, transfers):
    cell = ideal(transfer_every=2, transfer_unit=unit)
    place = site(SHAPE)
    state = cell.create(place)
    for number in range(6):
        cell.update(state, place, *vectors(SHAPE, 5, number), LR, UpdateParameters())
    assert state.numbers["transfers"] == transfers


def test_rank_is_checked_when_a_crossbar_is_made():
    cell = ideal(rank=6)
    with pytest.raises(ConfigError, match=r"rank is 6; a crossbar of 5 outputs and 7 inputs takes at most 5"):
        Crossbar(SHAPE, UnitCellRPUConfig(device=cell))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rank": 0}, "rank"),
        ({"unit_cell_devices": IDEAL[:2]}, "devices of A, B and C"),
        ({"exact_write": True}, "counts pulses"),
        ({"read": "rows"}, "read is one of"),
        ({"composition": "lora"}, "composition is one of"),
        ({"lora_alfa": 1.0}, "did you mean 'lora_alpha'"),
    ],
)
def test_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        ideal(**options)
