"""Batches that nobody holds: every compound goes through them portion by portion, and nobody can tell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analog import Crossbar
from analog.cell import Cell, CellState
from analog.compound import (
    BufferedTransferCompound,
    ChoppedTransferCompound,
    DynamicTransferCompound,
    LRTTTransferCompound,
    MixedPrecisionCompound,
    OneSidedUnitCell,
    ReferenceUnitCell,
    TransferCompound,
    VectorUnitCell,
)
from analog.config import MappingParameter, SingleRPUConfig, UnitCellRPUConfig
from analog.devices import ConstantStepDevice, ExpStepDevice, LinearStepDevice, SoftBoundsDevice
from analog.errors import NotFiniteError
from analog.grid import CrossbarGrid
from analog.parameters import UpdateParameters
from analog.parameters.io import IOParameters
from tensorlayer.errors import ShapeError
from tests.analog.compound.lazy import Lazy
from tests.analog.compound.places import CERTAIN, CONSTANT, PERFECT, SOFT, site, vectors

SHAPE, LR, TRAINS = (5, 7), 0.05, UpdateParameters(desired_bl=10)
#: Vectors of a portion, when there is room for no more than crosspoints; and of the batches.
FEW, BATCHES = 5, (31, 9, 23)
NOISY, LINEAR, CONSTANT_NOISY = ExpStepDevice(dw_min=0.004), LinearStepDevice(dw_min=0.004), ConstantStepDevice()
READ = IOParameters(out_noise=0.05, inp_res=1 / 126, out_res=1 / 510, out_bound=0.4)
#: Without noise of resets, which is numbered by updates.
EVEN = SOFT.replace(reset_std=0.0)
FAST = {"transfer_lr": 20.0, "fast_lr": 0.1, "transfer_forward": READ}


def cells(one: Cell, other: Cell, forward: IOParameters = READ) -> dict[str, Cell]:
    """Compounds of these devices, whose rules count batches."""
    two, fast = (one, other), FAST | {"transfer_forward": forward}
    return {
        "transfer": TransferCompound(two, transfer_every=0.4, gamma=0.1, transfer_forward=forward),
        "three": TransferCompound((one, other, one), transfer_every=2, transfer_forward=forward),
        "rows": TransferCompound(two, transfer_every=2, transfer_columns=False, transfer_forward=forward),
        "buffered": BufferedTransferCompound(two, transfer_every=0.2, n_reads_per_transfer=2, transfer_forward=forward),
        "chopped": ChoppedTransferCompound(two, in_chop_prob=0.3, auto_scale=True, **fast),
        "chopped rarely": ChoppedTransferCompound(
            two, in_chop_prob=0.3, transfer_every=0.5, units_in_mbatch=True, **fast
        ),
        "both sides": ChoppedTransferCompound(two, in_chop_prob=0.3, out_chop_prob=0.4, auto_scale=True, **fast),
        "agad": DynamicTransferCompound(two, in_chop_prob=0.5, auto_scale=True, **fast),
        "mixed": MixedPrecisionCompound(one, transfer_every=2, n_rows_per_transfer=3, n_x_bins=9, n_d_bins=7),
        "low rank": LRTTTransferCompound((one, one, one), rank=2, transfer_every=2, transfer_forward=forward),
        "one-sided": OneSidedUnitCell((EVEN,), refresh_every=2, refresh_upper_thres=0.1, refresh_lower_thres=0.01),
        "nested": TransferCompound(
            (OneSidedUnitCell((EVEN,), refresh_every=1, refresh_lower_thres=0.01), other),
            transfer_every=2,
            transfer_forward=forward,
        ),
        **{
            f"vector {policy}": TransferCompound(
                (VectorUnitCell(two, update_policy=policy), other), transfer_every=2, transfer_forward=forward
            )
            for policy in ("ALL", "SINGLE_FIXED", "SINGLE_SEQUENTIAL", "SINGLE_RANDOM")
        },
        "reference": TransferCompound((ReferenceUnitCell(two), other), transfer_every=2, transfer_forward=forward),
    }


NAMES = list(cells(NOISY, NOISY))
#: Crosspoints go through a batch by themselves.
ALONE = ("chopped", "agad", "buffered")


def learnt(cell: Cell, how: UpdateParameters, lazy: list[Lazy] | None = None) -> dict[str, Any]:
    place = site(SHAPE)
    state: CellState = cell.create(place)
    for number, batch in enumerate(BATCHES):
        x, d = vectors(SHAPE, batch, number)
        if lazy is not None:
            lazy += [Lazy(x), Lazy(d)]
            x, d = lazy[-2:]
        cell.update(state, place, x, d, LR, how)
    return dict(state.items())


def require_equal(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Portions of as many elements as there are crosspoints."""
    monkeypatch.setattr("analog.cell.vectors.PORTION", 1)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("how", [TRAINS, CERTAIN], ids=["trains", "counts"])
@pytest.mark.parametrize("name", NAMES)
def test_the_bits_of_a_batch_that_nobody_holds(name, how):
    """With all kinds of noise; and no more than a portion is asked for at a time."""
    cell = cells(NOISY, CONSTANT_NOISY)[name]
    lazy: list[Lazy] = []
    require_equal(learnt(cell, how, lazy), learnt(cell, how))
    assert cell.counts_batches
    assert max(max(each.asked) for each in lazy) <= FEW


@pytest.mark.parametrize("name", NAMES)
def test_portions_are_no_batches(name, monkeypatch):
    """Without noise, many of them do what one does: to rounding, of sums of products."""
    cell = cells(CONSTANT, SOFT, PERFECT)[name]
    whole = learnt(cell, CERTAIN)
    monkeypatch.setattr("analog.cell.vectors.PORTION", 1)
    for key, value in learnt(cell, CERTAIN).items():
        # To a cell inside, portions are updates; portions that change none of its lines are left out.
        if not key.endswith(("updates", "0/vectors")):
            np.testing.assert_allclose(value, whole[key], rtol=1e-5, atol=1e-6, err_msg=key)


@pytest.mark.parametrize("pulses", ["STOCHASTIC", "STOCHASTIC_COMPRESSED", "DETERMINISTIC_IMPLICIT"])
@pytest.mark.parametrize("slots", [10, 100])
@pytest.mark.parametrize(
    "fast", [NOISY, LINEAR, ConstantStepDevice(dw_min_std=0.1)], ids=lambda one: type(one).__name__
)
@pytest.mark.parametrize("name", ALONE)
def test_crosspoints_that_go_alone_are_the_same_however_long_portions_are(name, fast, slots, pulses, monkeypatch):
    cell, how = cells(fast, NOISY)[name], UpdateParameters(desired_bl=slots, pulse_type=pulses)
    whole = learnt(cell, how)
    assert whole["0/updates"] == len(BATCHES)
    monkeypatch.setattr("analog.cell.vectors.PORTION", 1)
    require_equal(learnt(cell, how), whole)


def test_crosspoints_of_rows_too(monkeypatch):
    for fast in (NOISY, LINEAR):
        cell = cells(fast, NOISY)["chopped"].replace(transfer_columns=False)
        monkeypatch.undo()
        whole = learnt(cell, UpdateParameters(desired_bl=100))
        monkeypatch.setattr("analog.cell.vectors.PORTION", 1)
        require_equal(learnt(cell, UpdateParameters(desired_bl=100)), whole)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize(
    "config",
    [UnitCellRPUConfig(device=cells(NOISY, LINEAR)["chopped"]), SingleRPUConfig(device=SoftBoundsDevice())],
    ids=["compound", "device"],
)
@pytest.mark.parametrize("size", [0, 4], ids=["one crossbar", "grid"])
def test_crossbars_and_grids(config, size):
    """A device does not count batches, so its batch is one array, of one update."""
    mapping = MappingParameter(max_input_size=size, max_output_size=size)
    whole = CrossbarGrid(SHAPE, config.replace(mapping=mapping), seed=1)
    parts = whole.copy()
    for number, batch in enumerate(BATCHES):
        x, d = vectors(SHAPE, batch, number)
        whole.update_(x, d, LR)
        parts.update_(Lazy(x), Lazy(d), LR)
    for place, crossbar in whole.crossbars.items():
        assert parts.crossbars[place].state == crossbar.state


def test_what_is_refused_changes_nothing():
    crossbar = Crossbar(SHAPE, UnitCellRPUConfig(device=cells(NOISY, NOISY)["chopped"]), seed=1)
    before, (x, d) = crossbar.state.copy(), vectors(SHAPE, 9)
    wrong = d.copy()
    wrong[-1, -1] = np.nan
    with pytest.raises(NotFiniteError, match="d has NaN"):
        crossbar.update_(Lazy(x), Lazy(wrong), LR)
    with pytest.raises(ShapeError, match=r"x is \[9, 5\]: its last axis must have 7"):
        crossbar.update_(Lazy(d), Lazy(d), LR)
    with pytest.raises(ShapeError, match=r"leading axes \[9\], d \[8\]"):
        crossbar.update_(Lazy(x), Lazy(d[1:]), LR)
    assert crossbar.state == before
    assert crossbar.update_(Lazy(x[:0]), Lazy(d[:0]), LR).state == before
