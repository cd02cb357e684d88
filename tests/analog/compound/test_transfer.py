"""Transfers against what one vector pair and one transfer after the other do in float64."""

from __future__ import annotations

import numpy as np
import pytest

from analog.compound import (
    BufferedTransferCompound,
    ChoppedTransferCompound,
    DynamicTransferCompound,
    TransferCompound,
)
from analog.compound.chopper import Choppers
from analog.devices import ConstantStepDevice, IdealDevice
from analog.errors import ConfigError
from analog.parameters import UpdateParameters
from analog.parameters.io import IOParameters
from tests.analog.compound.oracle import Buffered, Chopped, Transfers
from tests.analog.compound.places import CERTAIN, CONSTANT, FINE, PERFECT, SOFT, devices, hidden, site, vectors

SHAPE = (4, 6)
LR = 0.05


def follow(cell, oracle_of, batches=(7, 1, 12, 7), lr=LR, how=CERTAIN, shape=SHAPE):
    """Update a compound and its oracle; both at the end."""
    place = site(shape)
    state = cell.create(place)
    oracle = oracle_of(devices(cell, state, place))
    for number, batch in enumerate(batches):
        x, d = vectors(shape, batch, number)
        cell.update(state, place, x, d, lr, how)
        oracle.update(x.astype(float), d.astype(float), lr)
    for number, device in enumerate(oracle.devices):
        found = cell.part_weights(number, state, place)
        np.testing.assert_allclose(found, device.w, atol=0.02 * device.g, err_msg=f"cell {number}")
        assert abs(device.w).max() > 3 * device.g, "nothing was learnt, nothing is tested"
    return state, place, oracle


@pytest.mark.parametrize("columns", [True, False])
@pytest.mark.parametrize("reads", [1, 2, 4])
@pytest.mark.parametrize("every", [1, 3])
def test_version_1_by_vector_pairs(columns, reads, every):
    cell = TransferCompound(
        unit_cell_devices=(SOFT, FINE, CONSTANT),
        gamma=0.5,
        transfer_every=every,
        units_in_mbatch=False,
        n_reads_per_transfer=reads,
        transfer_columns=columns,
        transfer_lr=8.0,
        fast_lr=2.0,
        transfer_forward=PERFECT,
        transfer_update=CERTAIN,
    )
    lines = SHAPE[1 if columns else 0]
    periods = [every, round(every * lines / reads)]

    def oracle(parts):
        return TwiceAsFast(parts, CERTAIN, periods, reads, columns, 8.0, CERTAIN)

    state, place, oracle = follow(cell, oracle, batches=(7, 1, 12, 25))
    visible = 0.25 * oracle.devices[0].w + 0.5 * oracle.devices[1].w + oracle.devices[2].w
    np.testing.assert_allclose(cell.weights(state, place), visible, atol=2e-5)


class TwiceAsFast(Transfers):
    """With ``fast_lr=2``."""

    def gradient(self, x, d, lr):
        super().gradient(x, d, 2 * lr)


def test_version_1_by_batches_reads_at_their_end():
    cell = TransferCompound(
        unit_cell_devices=(SOFT, FINE), transfer_forward=PERFECT, transfer_update=CERTAIN, transfer_lr=8.0
    )
    state, place, oracle = follow(
        cell, lambda parts: Transfers(parts, CERTAIN, [5], transfer_lr=8.0), batches=(5, 5, 5)
    )
    assert oracle.lines[0] == 3
    assert cell.weights(state, place) is state.cells["1"].arrays["weights"], "fully hidden: no copy"


def test_exact_writes_round_to_whole_pulses():
    cell = TransferCompound(
        unit_cell_devices=(SOFT, FINE),
        units_in_mbatch=False,
        transfer_forward=PERFECT,
        transfer_lr=40.0,
        scale_transfer_lr=True,
        exact_write=True,
    )
    follow(cell, lambda parts: Transfers(parts, CERTAIN, [1], transfer_lr=40.0, exact=True))


@pytest.mark.parametrize("columns", [True, False])
@pytest.mark.parametrize("forget", [True, False])
@pytest.mark.parametrize("desired_bl", [1, 3])
def test_version_2(columns, forget, desired_bl):
    how = UpdateParameters(desired_bl=desired_bl, update_bl_management=False, update_management=False)
    cell = BufferedTransferCompound(
        unit_cell_devices=(SOFT, CONSTANT, FINE),
        units_in_mbatch=False,
        transfer_columns=columns,
        transfer_forward=PERFECT,
        transfer_lr=2.0,
        thres_scale=1.3,
        momentum=0.2,
        forget_buffer=forget,
        transfer_update=how,
        transfer_every_vec=(1, 2),
    )

    def oracle(parts):
        options = {"threshold": 1.3, "momentum": 0.2, "forget": forget}
        return Buffered(parts, CERTAIN, [1, 2], 1, columns, 2.0, how, **options)

    state, place, oracle = follow(cell, oracle, batches=(7, 1, 12, 30, 30, 30))
    arrays = hidden(cell, state, place)
    for level in range(2):
        np.testing.assert_allclose(arrays[f"buffered_FP_weight_{level}"], oracle.buffers[level], atol=2e-6)


def test_version_2_scales_visible_cells():
    """With both factors set the rate of a transfer is multiplied by their ratio."""
    one, other = (
        BufferedTransferCompound(
            unit_cell_devices=(SOFT, FINE), gamma_vec=factors, transfer_lr=lr, transfer_forward=PERFECT
        )
        for factors, lr in (((0.5, 2.0), 4.0), ((0.0, 2.0), 1.0))
    )
    place, (x, d) = site(SHAPE), vectors(SHAPE, 9)
    buffers = []
    for cell in (one, other):
        state = cell.create(place)
        cell.update(state, place, x, d, LR, CERTAIN)
        buffers.append(hidden(cell, state, place)["buffered_FP_weight_0"])
    assert abs(buffers[0]).max() > 0
    np.testing.assert_array_equal(*buffers)


CHOPPED = {
    "plain": ({}, {}),
    "rows": ({"transfer_columns": False}, {"columns": False}),
    "momentum": ({"momentum": 0.3}, {"momentum": 0.3}),
    "kept": ({"forget_buffer": False, "momentum": 0.3}, {"forget": False, "momentum": 0.3}),
    "no buffer": ({"no_buffer": True, "transfer_lr": 30.0}, {"buffer": False, "transfer_lr": 30.0}),
    "several pulses": (
        {"transfer_update": UpdateParameters(desired_bl=4), "transfer_lr": 20.0},
        {"transfer_how": UpdateParameters(desired_bl=4), "transfer_lr": 20.0},
    ),
}


@pytest.mark.parametrize("kind", [ChoppedTransferCompound, DynamicTransferCompound])
@pytest.mark.parametrize("case", CHOPPED)
def test_choppers(kind, case):
    options, of_oracle = CHOPPED[case]
    agad = kind is DynamicTransferCompound
    cell = kind(
        unit_cell_devices=(SOFT, FINE),
        in_chop_prob=0.45,
        in_chop_random=False,
        transfer_forward=PERFECT,
        fast_lr=0.1,
        buffer_granularity=1.5,
        **{"transfer_lr": 3.0, **options},
    )
    given = {
        "columns": True,
        "transfer_lr": 3.0,
        "transfer_how": cell.transfer_update,
        "size": 1.5 * SOFT.granularity,
        "period": 3,
        "tail": 5.0 if agad else 0.0,
    } | of_oracle
    state, place, oracle = follow(
        cell, lambda parts: FixedRate(parts, CERTAIN, [1], **given), batches=(7, 1, 12, 30, 13, 42)
    )
    assert (oracle.line_sign < 0).any()
    signs = [np.array(state.arrays[name]) for name in ("chopper_in", "chopper_out")]
    np.testing.assert_array_equal(signs[0], oracle.line_sign)
    name = "buffered_FP_weight" if agad else "buffered_FP_weight_0"
    arrays = hidden(cell, state, place)
    turned = (lambda lines: lines.T) if cell.transfer_columns else (lambda lines: lines)
    np.testing.assert_allclose(arrays[name], turned(oracle.held), atol=2e-3)
    if agad:
        np.testing.assert_allclose(arrays["running_mean_weight"], turned(oracle.mean), atol=2e-6)
        np.testing.assert_allclose(arrays["past_mean_weight"], turned(oracle.reference), atol=2e-6)


class FixedRate(Chopped):
    """With ``fast_lr=0.1`` that is not multiplied by the learning rate."""

    def gradient(self, x, d, lr):
        super().gradient(x, d, 0.1)


@pytest.mark.parametrize("corrected", [False, True])
def test_automatic_scale(corrected):
    cell = ChoppedTransferCompound(
        unit_cell_devices=(SOFT, FINE),
        in_chop_prob=0.3,
        in_chop_random=False,
        transfer_forward=PERFECT,
        fast_lr=0.2,
        auto_scale=True,
        auto_momentum=0.5,
        auto_granularity=12.0,
        correct_gradient_magnitudes=corrected,
        transfer_lr=0.3 if corrected else 3.0,
    )
    pulses = 0.2 * CERTAIN.desired_bl * SOFT.granularity

    def oracle(parts):
        options = {
            "size": SOFT.granularity * 12 / 6,
            "period": 4,
            "auto": (pulses, 0.5 / 10, 0),
            "corrected": corrected,
        }
        return Chopped(parts, CERTAIN, [1], transfer_lr=cell.transfer_lr, transfer_how=cell.transfer_update, **options)

    follow(cell, oracle, batches=(10, 10, 10, 10, 10))


@pytest.mark.parametrize("cap", [0.0, 0.5])
def test_agad_options(cap):
    how = UpdateParameters(desired_bl=2)
    cell = DynamicTransferCompound(
        unit_cell_devices=(SOFT, FINE),
        in_chop_prob=0.5,
        transfer_forward=PERFECT,
        fast_lr=0.1,
        transfer_lr=20.0,
        tail_weightening=0.7,
        experimental_correct_accumulation=True,
        forget_buffer=False,
        buffer_cap=cap,
        transfer_update=how,
    )

    def oracle(parts):
        options = {"size": SOFT.granularity, "period": 2, "tail": 0.7, "forget": False, "cap": cap, "accumulated": True}
        return FixedRate(parts, CERTAIN, [1], transfer_lr=20.0, transfer_how=how, **options)

    follow(cell, oracle, batches=(7, 30, 30, 30))


def test_outer_choppers_flip_after_sweeps_only():
    cell = ChoppedTransferCompound(
        unit_cell_devices=(SOFT, FINE), in_chop_prob=0.0, out_chop_prob=1.0, transfer_forward=PERFECT, fast_lr=0.1
    )
    place = site(SHAPE)
    state = cell.create(place)
    for batch, sign in ((5, 1), (1, -1), (5, -1), (2, 1)):
        cell.update(state, place, *vectors(SHAPE, batch), LR, CERTAIN)
        np.testing.assert_array_equal(state.arrays["chopper_out"], np.full(4, sign))


@pytest.mark.parametrize("columns", [True, False])
def test_what_outer_choppers_flip_is_flipped_back(columns):
    cell = ChoppedTransferCompound(
        unit_cell_devices=(SOFT, FINE),
        in_chop_prob=0.3,
        in_chop_random=False,
        out_chop_prob=1.0,
        transfer_columns=columns,
        transfer_forward=PERFECT,
        fast_lr=0.1,
        transfer_lr=20.0,
    )

    def oracle(parts):
        options = {"size": SOFT.granularity, "period": 4, "columns": columns, "outer": True}
        return FixedRate(parts, CERTAIN, [1], transfer_lr=20.0, transfer_how=cell.transfer_update, **options)

    follow(cell, oracle, batches=(7, 12, 9, 12))


def test_random_choppers_flip_as_often_as_told():
    """A binomial number of flips; the bound is exceeded with a probability below 1e-6."""
    shape, probability, sweeps = (2, 500), 0.1, 20
    cell = ChoppedTransferCompound(
        unit_cell_devices=(CONSTANT, CONSTANT), in_chop_prob=probability, transfer_forward=PERFECT, fast_lr=0.1
    )
    place = site(shape)
    state = cell.create(place)
    flips = 0
    for number in range(sweeps):
        before = np.array(state.arrays["chopper_in"])
        cell.update(state, place, *vectors(shape, 500, number), LR, CERTAIN)
        flips += (before != state.arrays["chopper_in"]).sum()
    reads = 500 * sweeps
    assert abs(flips - probability * reads) < 4.9 * np.sqrt(reads * probability * (1 - probability))


@pytest.mark.parametrize("size", [1e-25, 1e25])
def test_automatic_scaling_does_not_depend_on_the_size_of_gradients(size):
    """The product of the largest elements is nothing, or infinite, in float32."""
    cell = ChoppedTransferCompound(unit_cell_devices=(CONSTANT, CONSTANT), auto_scale=True, fast_lr=0.1)
    weights = []
    for factor in (1.0, size):
        place = site(SHAPE)
        state = cell.create(place)
        x, d = vectors(SHAPE, 6)
        cell.update(state, place, np.float32(factor) * x, np.float32(factor) * d, LR, CERTAIN)
        weights.append(cell.part_weights(0, state, place))
    assert weights[0].any()
    np.testing.assert_array_equal(*weights)


@pytest.mark.parametrize("gamma", [0.0, 0.1])
def test_nested_weights(gamma):
    """The arithmetic of a transfer between differences: catalogue of reference assertions."""
    from analog.compound import ReferenceUnitCell

    pair = ReferenceUnitCell(unit_cell_devices=(CONSTANT, CONSTANT))
    cell = TransferCompound(unit_cell_devices=(pair, pair), gamma=gamma)
    place = site((1, 1))
    state = cell.create(place)
    view = cell.hidden(state, place)
    for name, value in (("0_0", 0.47), ("1_0", 0.21), ("0_1", 0.64), ("1_1", 0.12)):
        for bound in ("max_bound", "min_bound"):
            view[f"{bound}_{name}"] = np.full((1, 1), 1.0 if bound == "max_bound" else -1.0, np.float32)
        view[f"hidden_weights_{name}"] = np.full((1, 1), value, np.float32)
    np.testing.assert_allclose(cell.weights(state, place), gamma * (0.47 - 0.21) + 0.64 - 0.12, atol=1e-6)


def test_nested_transfers_learn():
    """A transfer of reference cells is a transfer of their first devices, and is read as their difference."""
    from analog.compound import ReferenceUnitCell

    plain = TransferCompound(
        unit_cell_devices=(CONSTANT, CONSTANT),
        units_in_mbatch=False,
        transfer_forward=PERFECT,
        transfer_lr=8.0,
        transfer_update=CERTAIN,
    )
    pairs = plain.replace(unit_cell_devices=tuple(ReferenceUnitCell(unit_cell_devices=(CONSTANT,)) for _ in range(2)))
    place = site(SHAPE)
    states = plain.create(place), pairs.create(place)
    views = plain.hidden(states[0], place), pairs.hidden(states[1], place)
    for name in ("dwmin_up", "dwmin_down", "max_bound", "min_bound", "hidden_weights"):
        for number in range(2):
            views[1][f"{name}_0_{number}"] = views[0][f"{name}_{number}"]
    for number in range(3):
        x, d = vectors(SHAPE, 8, number)
        plain.update(states[0], place, x, d, LR, CERTAIN)
        pairs.update(states[1], place, x, d, LR, CERTAIN)
    np.testing.assert_array_equal(plain.weights(states[0], place), pairs.weights(states[1], place))


def test_visible_fast_cell_gets_its_signs_back():
    """Not the reference's indices, which are right for one row only (its defect A17)."""
    cell = ChoppedTransferCompound(unit_cell_devices=(CONSTANT, CONSTANT), gamma=0.3)
    place = site((2, 3))
    state = cell.create(place)
    rows, columns = np.float32([1, -1]), np.float32([-1, -1, 1])
    state.arrays["chopper_in"][...], state.arrays["chopper_out"][...] = columns, rows
    fast = np.float32([[0.1, -0.2, 0.05], [0.02, 0.01, -0.1]])
    cell.hidden(state, place)["hidden_weights_0"] = fast
    slow = cell.part_weights(1, state, place)
    np.testing.assert_allclose(cell.weights(state, place), 0.3 * np.outer(rows, columns) * fast + slow, atol=1e-7)


@pytest.mark.parametrize("forward", [PERFECT, IOParameters(out_noise=0.0, inp_res=-1, out_res=-1, out_bound=0.0)])
def test_reading_through_a_quiet_periphery_is_exact(forward):
    cell = BufferedTransferCompound(
        unit_cell_devices=(SOFT, FINE), units_in_mbatch=False, transfer_forward=forward, transfer_lr=2.0
    )
    follow(cell, lambda parts: Buffered(parts, CERTAIN, [1], 1, True, 2.0, cell.transfer_update), batches=(7, 30, 30))


def test_noisy_lines_are_read_with_all_others():
    """Input noise drives every line, so that transfers cannot be taken apart: the batch goes in pieces."""
    noisy = IOParameters(inp_noise=1e-6, out_noise=0.0, inp_res=-1, out_res=-1, out_bound=0.0)
    cell = TransferCompound(
        unit_cell_devices=(SOFT, FINE),
        units_in_mbatch=False,
        transfer_forward=noisy,
        transfer_lr=8.0,
        transfer_update=CERTAIN,
    )
    follow(cell, lambda parts: Transfers(parts, CERTAIN, [1], transfer_lr=8.0))


def test_ideal_slow_cell_takes_what_is_read():
    cell = TransferCompound(unit_cell_devices=(SOFT, IdealDevice()), transfer_forward=PERFECT, transfer_lr=3.0)
    place = site(SHAPE)
    state = cell.create(place)
    before = np.array(cell.weights(state, place))
    for number in range(2):
        cell.update(state, place, *vectors(SHAPE, 8, number), LR, CERTAIN)
        fast = np.array(cell.part_weights(0, state, place))
        change = np.array(cell.weights(state, place)) - before
        np.testing.assert_allclose(change[:, number], 3.0 * LR * fast[:, number], rtol=1e-5)


def test_reset_after_reading():
    device = ConstantStepDevice(reset_std=0.0, dw_min_std=0.0, reset=0.0)
    cell = TransferCompound(
        unit_cell_devices=(device, device),
        units_in_mbatch=False,
        transfer_every=4,
        n_reads_per_transfer=2,
        with_reset_prob=1.0,
        transfer_forward=PERFECT,
    )
    place = site(SHAPE)
    state = cell.create(place)
    cell.update(state, place, *vectors(SHAPE, 4), LR, CERTAIN)
    fast = cell.part_weights(0, state, place)
    assert not fast[:, :2].any()
    assert fast[:, 2:].any(axis=0).all()


def test_random_lines_are_all_read():
    """Chance of missing one of 6 lines in 200 reads: below 1e-15."""
    cell = TransferCompound(
        unit_cell_devices=(CONSTANT, CONSTANT), units_in_mbatch=False, random_selection=True, transfer_forward=PERFECT
    )
    place = site(SHAPE)
    state = cell.create(place)
    seen = {int(cell.next_lines(state, place, 0)[0]) for _ in range(200)}
    assert seen == set(range(6))


def test_setting_weights_begins_anew():
    cell = DynamicTransferCompound(
        unit_cell_devices=(SOFT, FINE), in_chop_prob=0.5, transfer_forward=PERFECT, fast_lr=0.1, transfer_lr=20.0
    )
    place = site(SHAPE)
    state = cell.create(place)
    weights = np.array(cell.weights(state, place))
    fresh = state.copy()
    cell.update(state, place, *vectors(SHAPE, 50), LR, CERTAIN)
    cell.set_weights(state, place, weights)
    counters = {"vectors", "read_0", "chosen_0", "swept"}
    for (name, old), (_, new) in zip(fresh.items(), state.items(), strict=True):
        if name not in counters and not name.endswith("updates"):
            np.testing.assert_array_equal(old, new, err_msg=name)


def test_no_learning_rate_changes_nothing():
    cell = ChoppedTransferCompound(unit_cell_devices=(SOFT, FINE))
    place = site(SHAPE)
    state = cell.create(place)
    before = state.copy()
    cell.update(state, place, *vectors(SHAPE, 5), 0.0, CERTAIN)
    for (name, old), (_, new) in zip(before.items(), state.items(), strict=True):
        np.testing.assert_array_equal(old, new, err_msg=name)


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        (TransferCompound, {"unit_cell_devices": (SOFT,)}, "at least two cells"),
        (TransferCompound, {"gamma_vec": (1.0,)}, "gamma_vec has 1 values"),
        (TransferCompound, {"gamma_vec": (1.0, 0.0)}, "ends with 0"),
        (TransferCompound, {"transfer_every": -1.0}, "transfer_every"),
        (TransferCompound, {"transfer_columns": False, "with_reset_prob": 0.5}, "only columns are reset"),
        (TransferCompound, {"transfer_lr_vec": (1.0,) * 3}, "transfer_lr_vec has 3"),
        (TransferCompound, {"n_reads": 2}, "did you mean 'n_reads_per_transfer'"),
        (BufferedTransferCompound, {"unit_cell_devices": (SOFT, IdealDevice())}, "sends pulses"),
        (ChoppedTransferCompound, {"unit_cell_devices": (SOFT,) * 3}, "two cells"),
        (DynamicTransferCompound, {"in_chop_prob": 0.0}, "between two flips"),
        (DynamicTransferCompound, {"thres_scale": 1.0}, "thres_scale"),
    ],
)
def test_refused(kind, options, message):
    with pytest.raises(ConfigError, match=message):
        kind(**{"unit_cell_devices": (SOFT, FINE), **options})


@pytest.mark.parametrize(
    ("probability", "period"), [(0.0, 0), (1.0, 2), (0.3, 4), (1e-30, 2**31 - 1), (5e-324, 2**31 - 1)]
)
def test_the_period_that_stands_for_a_probability(probability, period):
    assert Choppers.every(probability) == period
