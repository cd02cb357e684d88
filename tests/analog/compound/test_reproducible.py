"""Equal seeds give equal bits, however many threads, in place or not, through a file or not."""

from __future__ import annotations

import numpy as np
import pytest

from analog import Crossbar
from analog.compound import (
    BufferedTransferCompound,
    ChoppedTransferCompound,
    DynamicTransferCompound,
    LRTTTransferCompound,
    MixedPrecisionCompound,
    OneSidedUnitCell,
    TransferCompound,
    VectorUnitCell,
)
from analog.config import SingleRPUConfig
from analog.devices import ConstantStepDevice, LinearStepDevice, SoftBoundsDevice
from tests.analog.compound.places import vectors

SHAPE = (24, 30)
PAIR = (LinearStepDevice(), SoftBoundsDevice())
CELLS = {
    "random device": VectorUnitCell(unit_cell_devices=PAIR, update_policy="SINGLE_RANDOM"),
    "one-sided": OneSidedUnitCell(
        unit_cell_devices=(ConstantStepDevice(),), refresh_every=1, refresh_upper_thres=0.1, refresh_lower_thres=0.02
    ),
    "transfer": TransferCompound(unit_cell_devices=PAIR, units_in_mbatch=False, random_selection=True),
    "buffered": BufferedTransferCompound(unit_cell_devices=PAIR, units_in_mbatch=False, transfer_lr=20.0),
    "chopped": ChoppedTransferCompound(unit_cell_devices=PAIR, out_chop_prob=0.5, auto_scale=True, gamma=0.1),
    "agad": DynamicTransferCompound(unit_cell_devices=PAIR, in_chop_prob=0.5, in_chop_random=True, fast_lr=0.1),
    "batches at once": ChoppedTransferCompound(
        unit_cell_devices=(ConstantStepDevice(), SoftBoundsDevice()), in_chop_prob=0.3, auto_scale=True
    ),
    "mixed precision": MixedPrecisionCompound(
        device=ConstantStepDevice(), n_x_bins=8, n_d_bins=8, n_rows_per_transfer=5, random_row=True
    ),
    "low rank": LRTTTransferCompound(
        unit_cell_devices=(*PAIR, SoftBoundsDevice()), transfer_every=2, rank=3, read="random"
    ),
    "nested": TransferCompound(
        unit_cell_devices=(
            VectorUnitCell(unit_cell_devices=PAIR, update_policy="SINGLE_RANDOM"),
            OneSidedUnitCell(unit_cell_devices=(ConstantStepDevice(),)),
        ),
        units_in_mbatch=False,
    ),
}


def made(name: str, seed: int = 1) -> Crossbar:
    return Crossbar(SHAPE, SingleRPUConfig(device=CELLS[name]), seed=seed)


def arrays(tile: Crossbar) -> dict[str, np.ndarray]:
    return {name: np.array(value) for name, value in tile.hidden_parameters.items()} | {"weights": tile.weights}


def assert_same(one: Crossbar, other: Crossbar) -> None:
    right = arrays(other)
    for name, value in arrays(one).items():
        np.testing.assert_array_equal(value, right[name], err_msg=name)


@pytest.mark.parametrize("name", CELLS)
def test_in_place_and_pure_are_the_same(name):
    one, other = made(name), made(name)
    start = arrays(made(name))
    for number in range(3):
        x, d = vectors(SHAPE, 9, number)
        one.update_(x, d, lr=0.1)
        old = other
        other = other.update(x, d, lr=0.1)
        if number == 0:
            np.testing.assert_array_equal(old.weights, start["weights"])
    assert_same(one, other)
    assert any((value != start[key]).any() for key, value in arrays(one).items())


@pytest.mark.parametrize("name", CELLS)
def test_files_go_on_bit_for_bit(name, tmp_path):
    one = made(name)
    one.update_(*vectors(SHAPE, 9), lr=0.1)
    one.save(tmp_path / "tile.safetensors")
    other = Crossbar.load(tmp_path / "tile.safetensors")
    for tile in (one, other):
        tile.update_(*vectors(SHAPE, 9, 1), lr=0.1)
        tile.mvm(vectors(SHAPE, 2)[0])
    assert_same(one, other)


@pytest.mark.parametrize("name", ["agad", "low rank", "one-sided"])
def test_other_seeds_are_other_crossbars(name):
    tiles = [made(name, seed) for seed in (1, 2)]
    for tile in tiles:
        tile.set_weights(np.zeros(SHAPE, np.float32))
        tile.update_(*vectors(SHAPE, 9), lr=0.1)
    one, other = (arrays(tile) for tile in tiles)
    assert (one["hidden_weights_0"] != other["hidden_weights_0"]).any()


@pytest.mark.parametrize("name", ["agad", "batches at once"])
def test_threads_change_nothing(name, monkeypatch):
    import analog.kernels.kernel as kernel

    results = []
    for threads in (1, 2):
        monkeypatch.setattr(kernel, "thread_count", lambda threads=threads: threads)
        tile = Crossbar((200, 300), SingleRPUConfig(device=CELLS[name]), seed=1)
        for number in range(3):
            tile.update_(*vectors((200, 300), 20, number), lr=0.1)
        results.append(tile)
    assert_same(*results)
