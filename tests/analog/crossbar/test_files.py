"""Files of crossbars: bit for bit, and refused before anything changes if they are not what was written."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save_file

from analog import Crossbar
from analog.config import (
    ConstantStepDevice,
    DigitalRankUpdateRPUConfig,
    DriftParameter,
    DynamicTransferCompound,
    ExpStepDevice,
    IOParameters,
    LRTTTransferCompound,
    MixedPrecisionCompound,
    OneSidedUnitCell,
    RPUConfig,
    SingleRPUConfig,
    SoftBoundsDevice,
    TransferCompound,
    UnitCellRPUConfig,
    VectorUnitCell,
)
from analog.errors import CheckpointError
from tensorlayer.backend import get_backend
from tensorlayer.errors import FileAccessError, MissingFileError
from tests.analog.crossbar.cells import Exact
from tests.analog.simulator import Simulator

RNG = np.random.default_rng(11)
X = RNG.uniform(-1, 1, (20, 6, 4)).astype(np.float32)
D = RNG.normal(0, 0.1, (20, 6, 3)).astype(np.float32)

PAIR = (ConstantStepDevice(), SoftBoundsDevice())
CONFIGS: dict[str, RPUConfig] = {
    "exact": Exact(),
    "constant step": SingleRPUConfig(),
    "exponential step, averaged inputs": SingleRPUConfig(
        device=ExpStepDevice(write_noise_std=0.5, diffusion=0.01),
        forward=IOParameters(noise_management="AVERAGE_ABS_MAX", out_noise_std=0.3, v_offset_std=0.1, inp_bound=1.0),
    ),
    "two transfers": UnitCellRPUConfig(
        device=TransferCompound(PAIR, transfer_every=2.0, units_in_mbatch=False, gamma=0.5)
    ),
    "dynamic transfer": UnitCellRPUConfig(device=DynamicTransferCompound(PAIR, in_chop_random=True, in_chop_prob=0.5)),
    "mixed precision": DigitalRankUpdateRPUConfig(device=MixedPrecisionCompound(n_rows_per_transfer=2)),
    "one-sided": UnitCellRPUConfig(device=OneSidedUnitCell(PAIR[1:], refresh_every=3)),
    "low rank": UnitCellRPUConfig(
        device=LRTTTransferCompound((*PAIR, PAIR[0]), rank=2, transfer_every=3, composition="separate_adc")
    ),
    "random choice": UnitCellRPUConfig(device=VectorUnitCell(PAIR, update_policy="SINGLE_RANDOM")),
}


def train(tile: Crossbar, first: int, last: int) -> Crossbar:
    for x, d in zip(X[first:last], D[first:last], strict=True):
        tile.mvm(x)
        tile.update_(x, d, 0.1)
        tile.mvm_transposed(d)
        tile.post_update_()
    return tile


def fresh(name: str = "constant step") -> Crossbar:
    return Crossbar((3, 4), CONFIGS[name], seed=5, tile=9)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tile.safetensors"


@pytest.mark.parametrize("name", CONFIGS)
def test_a_restart_continues_bit_for_bit(name: str, path: Path) -> None:
    train(fresh(name), 0, 10).save(path)
    straight = train(fresh(name), 0, 20)
    assert train(Crossbar.load(path), 10, 20).state == straight.state
    assert train(train(fresh(name), 3, 5).load_(path), 10, 20).state == straight.state
    elsewhere = Crossbar.load(path, allocator=get_backend("numpy").allocator())
    assert elsewhere.allocator.backend.name == "numpy"
    assert train(elsewhere, 10, 20).state == straight.state


def test_a_file_holds_everything(path: Path) -> None:
    tile = train(fresh(), 0, 3)
    tile.save(path)
    loaded = Crossbar.load(path)
    assert loaded.state == tile.state
    assert repr(loaded) == repr(tile)
    with safe_open(path, framework="numpy") as archive:
        header = json.loads(archive.metadata()["crossbar"])
    assert header["config"]["device"]["class"] == "ConstantStepDevice"
    assert (header["seed"], header["tile"], header["version"]) == (5, 9, 1)
    np.testing.assert_array_equal(load_file(path)["cell/weights"], tile.weights)


def test_hidden_parameters_that_became_arrays_are_kept(path: Path) -> None:
    tile = fresh().set_hidden_parameters({"decay_scales": np.full((3, 4), 0.5)})
    tile.save(path)
    assert Crossbar.load(path).state == tile.state
    assert fresh().load_(path).state == tile.state


NESTED = UnitCellRPUConfig(device=TransferCompound((VectorUnitCell(PAIR), *PAIR)))


@pytest.mark.parametrize("config", [*CONFIGS.values(), NESTED], ids=[*CONFIGS, "nested"])
def test_hidden_parameters_of_another_crossbar_are_taken_and_kept(config: RPUConfig, path: Path) -> None:
    other = train(Crossbar((3, 4), config, seed=6), 0, 3)
    tile = Crossbar((3, 4), config, seed=5).set_hidden_parameters(other.hidden_parameters)
    assert tile.hidden_parameters.keys() == other.hidden_parameters.keys()
    for name, array in other.hidden_parameters.items():
        np.testing.assert_allclose(tile.hidden_parameters[name], array, rtol=1e-6, atol=1e-7, err_msg=name)
    tile.save(path)
    assert train(Crossbar.load(path), 0, 3).state == train(tile, 0, 3).state


def test_a_state_that_has_grown_takes_one_that_has_not(path: Path) -> None:
    """Some parts of a state are made when they are first needed; the file may be older."""
    config = SingleRPUConfig(device=ConstantStepDevice(drift=DriftParameter(nu=0.1)))
    tile = Crossbar((3, 4), config, seed=1)
    tile.save(path)
    grown = tile.drift_weights(10.0).drift_weights_(10.0)
    assert grown.state.keys() > tile.state.keys()
    assert grown.copy().load_(path).state == tile.state
    grown.save(path)
    assert tile.copy().load_(path).state == Crossbar.load(path).state == grown.state


def refused(path: Path, message: str) -> None:
    """Neither way of reading takes it, and a crossbar that was to take it is what it was."""
    with pytest.raises(CheckpointError, match=message):
        Crossbar.load(path)
    tile = fresh()
    before = tile.state.copy()
    with pytest.raises(CheckpointError, match=message):
        tile.load_(path)
    assert tile.state == before


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.9, 0.9999])
def test_truncated_files_are_refused(path: Path, share: float) -> None:
    fresh().save(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    refused(path, "truncated, damaged, or no file of a crossbar")


def test_a_single_altered_bit_is_noticed_anywhere(path: Path) -> None:
    fresh().save(path)
    content = path.read_bytes()
    places = np.unique(np.linspace(0, len(content) - 1, 150).astype(int))
    for place in places:
        changed = bytearray(content)
        changed[place] ^= 1
        path.write_bytes(changed)
        with pytest.raises(CheckpointError):
            Crossbar.load(path)


def rewritten(path: Path, arrays: dict[str, Any] | None = None, **header: Any) -> None:
    """The file with another header and the digest that belongs to it, as another program might write it."""
    from analog.crossbar.files import _digest

    with safe_open(path, framework="numpy") as archive:
        old = json.loads(archive.metadata()["crossbar"])
    arrays = load_file(path) if arrays is None else arrays
    text = json.dumps(old | header)
    save_file(arrays, path, metadata={"crossbar": text, "digest": _digest(text, arrays)})


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({"version": 2}, r"Crossbar version 2; this program reads tensorlayer\.analog\.Crossbar version 1"),
        ({"format": "other"}, "is other version 1"),
        ({"config": {"class": "NoSuchConfig"}}, "configuration cannot be read: no class of parameters 'NoSuchConfig'"),
        ({"config": {"class": "IOParameters"}}, "RPUConfig was to be read, found IOParameters"),
        ({"config": SingleRPUConfig().to_dict() | {"devise": 1}}, "no field 'devise': did you mean 'device'"),
        ({"shape": [3]}, "header"),
        ({"shape": [0, 4]}, "header"),
        ({"seed": -1}, "header"),
        ({"seed": None}, "header"),
        ({"state": {}}, "header"),
        ({"state": {"arrays": [], "numbers": [1], "cells": {}}}, "header"),
        ({"state": {"arrays": [], "numbers": {"updates": None}, "cells": {}}}, "updates is None, which is no number"),
        ({"state": {"arrays": [], "numbers": {"updates": np.nan}, "cells": {}}}, "updates is nan, which is no number"),
    ],
    ids=range(13),
)
def test_headers_that_mean_nothing_are_refused(path: Path, header: dict[str, Any], message: str) -> None:
    fresh().save(path)
    rewritten(path, **header)
    refused(path, message)


def test_missing_and_misshapen_arrays_are_refused(path: Path) -> None:
    fresh().save(path)
    arrays = load_file(path)
    rewritten(path, {name: array for name, array in arrays.items() if name != "cell/weights"})
    refused(path, "header")
    fresh().save(path)
    rewritten(path, arrays | {"cell/weights": np.zeros((4, 4), np.float32)})
    refused(path, r"'cell/weights' should be float32\[3, 4\], found float32\[4, 4\]")


@pytest.mark.parametrize("value", [np.nan, -np.inf])
def test_weights_that_no_device_holds_are_refused(path: Path, value: float) -> None:
    fresh().save(path)
    arrays = load_file(path)
    arrays["cell/weights"][1, 2] = value
    rewritten(path, arrays)
    refused(path, "'cell/weights' has NaN or infinite elements")


def test_other_files_are_refused(path: Path) -> None:
    save_file({"a": np.zeros(3, np.float32)}, path)
    refused(path, "is no file of a crossbar")
    path.write_text("not at all")
    refused(path, "no file of a crossbar")
    path.write_bytes(struct.pack("<Q", 1 << 60) + b"{}")
    refused(path, "no file of a crossbar")
    with pytest.raises(MissingFileError):
        Crossbar.load(path.with_name("nothing"))


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (Crossbar((4, 3), SingleRPUConfig(), seed=5, tile=9), r"its shape is \(3, 4\), not \(4, 3\)"),
        (Crossbar((3, 4), SingleRPUConfig(device=ConstantStepDevice(dw_min=0.1)), seed=5, tile=9), "its config is"),
        (Crossbar((3, 4), SingleRPUConfig(), seed=6, tile=9), "its random key is"),
        (Crossbar((3, 4), SingleRPUConfig(), seed=5, tile=8), "its random key is"),
    ],
    ids=["shape", "config", "seed", "tile"],
)
def test_the_state_of_another_crossbar_is_refused(path: Path, other: Crossbar, message: str) -> None:
    fresh().save(path)
    before = other.state.copy()
    with pytest.raises(CheckpointError, match=message):
        other.load_(path)
    assert other.state == before


def test_files_are_written_whole_or_not_at_all(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tile = fresh()
    tile.save(path)
    written = path.read_bytes()

    def full(*arguments: Any, **named: Any) -> None:
        Path(arguments[1]).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("safetensors.numpy.save_file", full)
        with pytest.raises(FileAccessError, match="No space left on device"):
            train(tile, 0, 1).save(path)
    assert path.read_bytes() == written
    assert list(path.parent.iterdir()) == [path]
    with pytest.raises(MissingFileError, match="no folder"):
        tile.save(path / "x")


def test_a_folder_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis").write_text("1")
    with pytest.raises(FileAccessError, match="directory"):
        fresh().save(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis"]


def test_what_the_library_cannot_write_is_refused_in_words(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*arguments: Any, **named: Any) -> None:
        raise SafetensorError("I/O error: Read-only file system")

    monkeypatch.setattr("safetensors.numpy.save_file", refused)
    with pytest.raises(FileAccessError, match="Read-only file system"):
        fresh().save(path)


def continued(path: Path) -> dict[str, Any]:
    return train(Crossbar.load(path), 10, 12).state.to_numpy()


@pytest.mark.parametrize("name", ["constant step", "two transfers"])
def test_a_file_from_the_cpu_goes_on_in_the_cuda_simulator(name: str, path: Path, simulator: Simulator) -> None:
    train(fresh(name), 0, 10).save(path)
    here, there = continued(path), simulator(continued, path)
    assert here.keys() == there.keys()
    for part in here:
        if isinstance(here[part], np.ndarray) and here[part].dtype.kind == "f":
            np.testing.assert_allclose(there[part], here[part], rtol=1e-6, atol=1e-6)
        else:
            np.testing.assert_array_equal(there[part], here[part])
