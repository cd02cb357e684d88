"""Crosspoints that go through a batch by themselves: the bits of span after span, and of devices that nobody reads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analog.cell import CellState
from analog.compound import BufferedTransferCompound, ChoppedTransferCompound, DynamicTransferCompound, passage
from analog.compound.buffering import BufferingCompound
from analog.compound.passage_kernels import by_runs
from analog.devices import ConstantStepDevice, ExpStepDevice, LinearStepDevice, PowStepDevice, SoftBoundsDevice
from analog.kernels import Kernel
from analog.parameters import UpdateParameters
from analog.parameters.io import IOParameters
from tests.analog.compound.places import CERTAIN, PERFECT, site, vectors

SHAPE, LR, RANDOM = (5, 7), 0.05, UpdateParameters(desired_bl=10)
#: Neither closed forms nor noise: spans give the same bits.
STEPPED = ExpStepDevice(dw_min=0.004, dw_min_std=0.0)
NOISY = ExpStepDevice(dw_min=0.004, dw_min_std=0.3)
READ = IOParameters(out_noise=0.05, inp_res=1 / 126, out_res=1 / 510, out_bound=0.4)

CASES: dict[str, tuple[type[BufferingCompound], dict[str, Any]]] = {
    "buffered": (BufferedTransferCompound, {"units_in_mbatch": False, "momentum": 0.2}),
    "chopped": (ChoppedTransferCompound, {"in_chop_prob": 0.3, "gamma": 0.2}),
    "automatic scale": (
        ChoppedTransferCompound,
        {"auto_scale": True, "auto_momentum": 0.5, "correct_gradient_magnitudes": True, "transfer_lr": 1.0},
    ),
    "rows": (ChoppedTransferCompound, {"in_chop_prob": 0.3, "transfer_columns": False}),
    "several lines": (ChoppedTransferCompound, {"in_chop_prob": 0.3, "n_reads_per_transfer": 3, "transfer_every": 2}),
    "random lines": (ChoppedTransferCompound, {"in_chop_prob": 0.3, "random_selection": True}),
    "several pulses": (ChoppedTransferCompound, {"step": 2.4, "transfer_update": UpdateParameters(desired_bl=3)}),
    "other converters": (
        ChoppedTransferCompound,
        {
            "transfer_forward": IOParameters(
                noise_management="NONE", inp_bound=0.8, inp_res=0.3, out_res=0.01, out_bound=0.3, out_scale=1.7
            )
        },
    ),
    "agad": (DynamicTransferCompound, {"in_chop_prob": 0.5, "experimental_correct_accumulation": True}),
    "agad by chance": (DynamicTransferCompound, {"in_chop_prob": 0.3, "in_chop_random": True, "no_buffer": True}),
}


def made(name: str, **options: Any) -> BufferingCompound:
    kind, own = CASES[name]
    fast = {} if kind is BufferedTransferCompound else {"fast_lr": 0.1}
    standard = {"unit_cell_devices": (STEPPED, STEPPED), "transfer_lr": 20.0, "transfer_forward": READ}
    return kind(**(standard | fast | own | options))


def by_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BufferingCompound, "_is_local", lambda *_: False)


def learnt(cell: BufferingCompound, how: UpdateParameters, batches: tuple[int, ...] = (31, 8, 40)) -> CellState:
    place = site(SHAPE)
    state = cell.create(place)
    for number, batch in enumerate(batches):
        cell.update(state, place, *vectors(SHAPE, batch, number), LR, how)
    return state


@pytest.mark.parametrize("how", [RANDOM, CERTAIN], ids=["trains", "counts"])
@pytest.mark.parametrize("name", CASES)
def test_bits_are_those_of_spans(name, how, monkeypatch):
    """Also of reads with noise, which is drawn at the same addresses."""
    alone = dict(learnt(made(name), how).items())
    by_spans(monkeypatch)
    spans = dict(learnt(made(name), how).items())
    for key, value in spans.items():
        if not key.endswith("updates"):
            np.testing.assert_array_equal(alone[key], value, err_msg=key)
    assert alone["0/updates"] == 3, "one update of the fast device per batch: crosspoints went by themselves"
    assert spans["0/updates"] > 3
    start = made(name).create(site(SHAPE))
    assert (alone["1/weights"] != start.cells["1"].arrays["weights"]).mean() > 0.5, "next to nothing was written"


@pytest.mark.parametrize("columns", [True, False])
@pytest.mark.parametrize(
    ("device", "slots"), [(NOISY, 10), (LinearStepDevice(dw_min=0.004), 100), (SoftBoundsDevice(dw_min=0.004), 100)]
)
def test_reading_changes_nothing(device, slots, columns):
    """The fast device is, bit for bit and with noise, what it is by itself."""
    cell = made("buffered", unit_cell_devices=(device, STEPPED), transfer_columns=columns)
    how, place = UpdateParameters(desired_bl=slots, update_bl_management=False), site(SHAPE)
    state = cell.create(place)
    alone = state.cells["0"].copy()
    for number in range(2):
        x, d = vectors(SHAPE, 40, number)
        cell.update(state, place, x, d, LR, how)
        device.update(alone, place.child(0), x, d, LR, how)
    assert state.cells["0"].numbers["updates"] == 2
    np.testing.assert_array_equal(state.cells["0"].arrays["weights"], alone.arrays["weights"])


@pytest.mark.parametrize("columns", [True, False])
def test_rows_go_like_crosspoints(columns, monkeypatch):
    """A closed law, with noise: loops over whole rows against what a thread of a GPU does."""
    device = LinearStepDevice(dw_min=0.004)
    cell = made("chopped", unit_cell_devices=(device, STEPPED), transfer_columns=columns)
    rows = dict(learnt(cell, UpdateParameters(desired_bl=100)).items())
    kernels = []

    def by_elements(*law: Any) -> Kernel:
        kernels.append(Kernel(by_runs(*law).cuda))
        return kernels[-1]

    monkeypatch.setattr(passage, "by_runs", by_elements)
    elements = dict(learnt(cell, UpdateParameters(desired_bl=100)).items())
    assert len(kernels) == 3
    for key, value in rows.items():
        np.testing.assert_array_equal(elements[key], value, err_msg=key)


def test_constant_steps_add_up():
    """Noise of several pulses is one normal number of their variance. Off with a probability below 2e-6."""
    shape, noise = (50, 60), 0.3
    place, (x, d) = site(shape), map(np.abs, vectors(shape, 5))
    weights = []
    for std in (0.0, noise):
        device = ConstantStepDevice(dw_min=0.002, dw_min_std=std, w_max=10, w_min=-10, dw_min_dtod=0, up_down_dtod=0)
        cell = made("chopped", unit_cell_devices=(device, STEPPED), in_chop_prob=0.0)
        state = cell.create(place)
        cell.update(state, place, x, d, LR, RANDOM)
        weights.append(state.cells["0"].arrays["weights"].astype(float))
        assert state.cells["0"].numbers["updates"] == 1
    pulses = -weights[0] / 0.002
    some = pulses > 0.5
    deviations = (weights[1] - weights[0])[some] / (0.002 * noise * np.sqrt(pulses[some]))
    assert some.sum() > 1000
    assert pulses.max() > 4
    assert abs(deviations.mean()) < 4.9 / np.sqrt(some.sum())
    assert abs(deviations.var() - 1) < 4.9 * np.sqrt(2 / some.sum())


def test_slow_devices_number_their_pulses_through_a_batch():
    """With noise: as many pulses at once, written by one write, give the same bits."""
    counter = ConstantStepDevice(
        dw_min=0.004, dw_min_std=0, dw_min_dtod=0, up_down_dtod=0, w_max=1, w_min=-1, w_max_dtod=0, w_min_dtod=0
    )
    place, (x, d) = site(SHAPE), map(np.abs, vectors(SHAPE, 40))
    found = []
    for slow in (counter, NOISY):
        cell = made("chopped", unit_cell_devices=(STEPPED, slow), in_chop_prob=0.0, transfer_forward=PERFECT)
        state = cell.create(place)
        before = state.cells["1"].copy()
        cell.update(state, place, x, d, LR, RANDOM)
        found.append((before, state.cells["1"]))
    (first, last), (expected, written) = found
    # All go down: gradients have one sign.
    counts = np.rint((last.arrays["weights"] - first.arrays["weights"]) / 0.004).astype(np.int32)
    assert counts.max() <= 0
    assert counts.min() < -3
    NOISY.write(expected, place.child(1), counts)
    np.testing.assert_array_equal(written.arrays["weights"], expected.arrays["weights"])


def test_nothing_is_read_yet():
    """Long trains, and no transfer falls due in the batch."""
    device = LinearStepDevice()
    cell = made("chopped", unit_cell_devices=(device, device), transfer_every=50)
    state = learnt(cell, UpdateParameters(desired_bl=100), batches=(20,))
    assert state.numbers["read_0"] == 0
    assert state.cells["0"].arrays["weights"].any()


@pytest.mark.parametrize(
    "options",
    [
        {"out_chop_prob": 0.5},
        {"exact_write": False},
        {"unit_cell_devices": (PowStepDevice(write_noise_std=0.1), STEPPED)},
        {"unit_cell_devices": (STEPPED, PowStepDevice(write_noise_std=0.1))},
        {"unit_cell_devices": (STEPPED, STEPPED.replace(count_pulses=True))},
    ],
    ids=str,
)
def test_what_goes_by_spans(options):
    """Options that crosspoints share, or devices that hold more than a weight: one update of the fast one per span."""
    state = learnt(made("chopped", **options), RANDOM)
    assert state.cells["0"].numbers["updates"] > 3


@pytest.mark.parametrize(
    "options",
    [
        {"inp_noise": 0.1},
        {"inp_sto_round": True},
        {"out_sto_round": True},
        {"out_noise_std": 0.1},
        {"out_asymmetry": 0.1},
        {"out_nonlinearity": 0.1},
        {"out_nonlinearity": 0.1, "slope_calibration": 0.5},
        {"w_noise": 0.1, "w_noise_type": "ADDITIVE_CONSTANT"},
        {"ir_drop": 1.0},
        {"v_offset_std": 0.1},
        {"mv_type": "POS_NEG_SEPARATE"},
        {"mv_type": "IDEAL"},
    ],
    ids=str,
)
def test_reads_that_depend_on_more_than_a_weight_go_by_spans(options):
    state = learnt(made("chopped", transfer_forward=READ.replace(**options)), RANDOM)
    assert state.cells["0"].numbers["updates"] > 3


def test_vectors_without_pulses_come_last():
    """In closed form, where vectors are found by their pulses."""
    device = LinearStepDevice(dw_min=0.004)
    cell, place, (x, d) = made("chopped", unit_cell_devices=(device, STEPPED)), site(SHAPE), vectors(SHAPE, 9)
    states = [cell.create(place) for _ in range(2)]
    cell.update(states[0], place, x, d * (np.arange(9) < 5)[:, None], LR, UpdateParameters(desired_bl=100))
    cell.update(states[1], place, x[:5], d[:5], LR, UpdateParameters(desired_bl=100))
    np.testing.assert_array_equal(*(state.cells["0"].arrays["weights"] for state in states))
    assert states[0].numbers["read_0"] == 9


@pytest.mark.parametrize(
    ("device", "closed"),
    [
        (LinearStepDevice(dw_min=0.004), True),
        (ConstantStepDevice(dw_min_std=1 / 3), True),
        (ConstantStepDevice(dw_min_std=0.34), False),
        (ExpStepDevice(), False),
    ],
)
def test_which_devices_have_a_closed_form(device, closed):
    place = site(SHAPE)
    assert passage.has_closed_form((device, device.create(place), place)) is closed
