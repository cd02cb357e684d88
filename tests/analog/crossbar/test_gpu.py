"""Crossbars in the memory of a GPU: the same integers as on the CPU, floats to rounding, files in both directions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analog import Crossbar
from analog.config import ConstantStepDevice, RPUConfig, SingleRPUConfig, SoftBoundsDevice, build_config
from tensorlayer.backend import get_backend
from tensorlayer.buffer import Allocator

RNG = np.random.default_rng(3)
X = RNG.uniform(-1, 1, (10, 8, 40)).astype(np.float32)
D = RNG.normal(0, 0.1, (10, 8, 30)).astype(np.float32)

GPUS = [
    pytest.param("cupy", marks=pytest.mark.gpu("cupy")),
    pytest.param("torch", marks=pytest.mark.gpu("torch")),
]
CONFIGS: dict[str, RPUConfig] = {
    "constant step": SingleRPUConfig(device=ConstantStepDevice()),
    "soft bounds": SingleRPUConfig(device=SoftBoundsDevice(write_noise_std=0.5)),
    "agad": build_config("agad", SoftBoundsDevice(dw_min=0.01)),
}


def on_gpu(library: str) -> Allocator:
    backend = get_backend(library)
    return backend.allocator(device=next(device for device in backend.devices if device.startswith("cuda")))


def train(tile: Crossbar, first: int, last: int) -> Crossbar:
    for x, d in zip(X[first:last], D[first:last], strict=True):
        tile.mvm(x)
        tile.update_(x, d, 0.1)
        tile.mvm_transposed(d)
    return tile


def near(one: Crossbar, other: Crossbar) -> None:
    here, there = one.state.to_numpy(), other.state.to_numpy()
    assert here.keys() == there.keys()
    for name, value in here.items():
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            np.testing.assert_allclose(there[name], value, rtol=1e-5, atol=1e-6, err_msg=name)
        else:
            np.testing.assert_array_equal(there[name], value, err_msg=name)


@pytest.mark.parametrize("library", GPUS)
@pytest.mark.parametrize("name", CONFIGS)
def test_a_gpu_does_what_the_cpu_does(name: str, library: str) -> None:
    here = Crossbar((30, 40), CONFIGS[name], seed=1)
    there = Crossbar((30, 40), CONFIGS[name], seed=1, allocator=on_gpu(library))
    near(here, there)
    np.testing.assert_allclose(there.mvm(X[0]), here.mvm(X[0]), rtol=1e-4, atol=1e-4)
    near(train(here, 0, 5), train(there, 0, 5))


@pytest.mark.parametrize("library", GPUS)
def test_files_go_from_one_to_the_other_and_back(library: str, tmp_path: Path) -> None:
    tile = train(Crossbar((30, 40), CONFIGS["agad"], seed=1), 0, 5)
    tile.save(tmp_path / "a")
    there = Crossbar.load(tmp_path / "a", allocator=on_gpu(library))
    assert there.state == tile.state
    near(train(tile, 5, 10), train(there, 5, 10))
    there.save(tmp_path / "b")
    assert Crossbar.load(tmp_path / "b").state == there.state


@pytest.mark.parametrize("library", GPUS)
def test_vectors_come_from_anywhere_and_results_go_back(library: str) -> None:
    backend = get_backend(library)
    there = Crossbar((30, 40), SingleRPUConfig(), seed=1, allocator=on_gpu(library))
    here = Crossbar((30, 40), SingleRPUConfig(), seed=1)
    native: Any = backend.from_numpy(X[0], on_gpu(library).device)
    assert isinstance(there.mvm(X[0]), np.ndarray)
    assert type(there.mvm(native)) is type(native)
    assert backend.device_of(here.mvm(native)) == backend.device_of(native)
    np.testing.assert_allclose(
        backend.to_numpy(there.mvm(native, step=0)), here.mvm(X[0], step=0), rtol=1e-4, atol=1e-4
    )
