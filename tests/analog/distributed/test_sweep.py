"""Sweeps on worker processes."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analog import Crossbar
from analog.config import ConstantStepDevice, SingleRPUConfig
from analog.distributed import sweep
from analog.errors import ConfigError
from backends.dask import DaskRuntime, engine
from tensorlayer.errors import OptionError, WorkerLostError

pytestmark = pytest.mark.processes


def learn(config: SingleRPUConfig, seed: int, lr: float) -> Mapping[str, Any]:
    """A weight after some updates."""
    tile = Crossbar((2, 3), config, seed=seed)
    tile.update_(np.ones((5, 3)), np.ones((5, 2)), lr)
    return {"weight": tile.weights[0, 0], "pid": os.getpid()}


def test_runs_on_workers_are_runs_here(cluster: DaskRuntime, tmp_path: Path) -> None:
    configs = {f"{dw_min}": SingleRPUConfig(device=ConstantStepDevice(dw_min=dw_min)) for dw_min in (0.001, 0.002)}
    seen = []
    table = sweep(
        learn,
        {"config": configs, "seed": range(4), "lr": [0.01, 0.1]},
        path=tmp_path / "runs",
        progress=lambda done, total: seen.append((done, total)),
    )
    assert len(table) == 16
    for row in table:
        expected = learn(configs[row["config"]], row["seed"], row["lr"])
        assert row["weight"] == expected["weight"]
    assert {row["pid"] for row in table} <= set(cluster.client.run(os.getpid).values())
    assert seen[-1] == (16, 16)
    assert seen == sorted(seen)


def count(seed: int, folder: Path) -> Mapping[str, Any]:
    (folder / f"{seed}.{time.monotonic_ns()}").touch()
    time.sleep(0.01)
    return {"double": 2 * seed}


def test_finished_runs_are_not_done_again(cluster: DaskRuntime, tmp_path: Path) -> None:
    folder = tmp_path / "calls"
    folder.mkdir()
    parameters = {"folder": {"here": folder}}
    first = sweep(count, parameters | {"seed": range(6)}, path=tmp_path / "runs")
    second = sweep(count, parameters | {"seed": range(10)}, path=tmp_path / "runs")
    assert list(second)[:6] == list(first)
    assert [row["double"] for row in second] == list(range(0, 20, 2))
    assert len(list(folder.iterdir())) == 10


def once(seed: int) -> Mapping[str, Any]:
    return {"result": seed}


def twice(seed: int) -> Mapping[str, Any]:
    return {"result": 2 * seed}


def total(vector: np.ndarray[Any, Any]) -> Mapping[str, Any]:
    return {"result": vector.sum()}


def test_results_are_of_the_function_and_the_values_given(cluster: DaskRuntime, tmp_path: Path) -> None:
    for function, expected in ((once, [1, 2]), (twice, [2, 4]), (once, [1, 2])):
        table = sweep(function, {"seed": [1, 2]}, path=tmp_path / "runs")
        assert [row["result"] for row in table] == expected
    vector = np.zeros(5000)
    for place in (2500, 2501):
        vector[place] = 1.0  # where `repr` shows dots
        table = sweep(total, {"vector": {"ones": vector}}, path=tmp_path / "runs")
        assert [row["result"] for row in table] == [vector.sum()]


@pytest.fixture
def keyboard() -> Iterator[None]:
    """Ctrl-C interrupts, whatever libraries that ran before have made of it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before or signal.SIG_DFL)


@pytest.mark.usefixtures("keyboard")
def test_ctrl_c_keeps_finished_runs(cluster: DaskRuntime, tmp_path: Path) -> None:
    folder = tmp_path / "calls"
    folder.mkdir()
    parameters = {"folder": {"here": folder}, "seed": range(400)}

    def interrupt(done: int, total: int) -> None:
        if done >= 20:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        sweep(count, parameters, path=tmp_path / "runs", progress=interrupt)
    remaining: list[int] = []
    table = sweep(count, parameters, path=tmp_path / "runs", progress=lambda done, total: remaining.append(done))
    assert [row["double"] for row in table] == list(range(0, 800, 2))
    assert remaining[0] > 20


def sometimes(seed: int, flag: Path) -> Mapping[str, Any]:
    if seed == 3 and not flag.exists():
        flag.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if seed == 4:
        raise ArithmeticError("no such device")
    return {"seed squared": seed**2}


def test_runs_that_fail_and_workers_that_die(cluster: DaskRuntime, tmp_path: Path) -> None:
    parameters = {"seed": range(8), "flag": {"file": tmp_path / "dead"}}
    table = sweep(sometimes, parameters, path=tmp_path / "runs")
    assert (tmp_path / "dead").exists()
    assert [row.get("seed squared") for row in table] == [0, 1, 4, 9, None, 25, 36, 49]
    assert table.failed[0]["error"] == "ArithmeticError: no such device"
    repaired = sweep(lambda seed, flag: {"seed squared": seed**2}, parameters, path=tmp_path / "runs")
    assert len(repaired.failed) == 0


def wait(seconds: float) -> Mapping[str, Any]:
    time.sleep(seconds)
    return {}


def test_a_straggler_holds_up_nobody(cluster: DaskRuntime, tmp_path: Path) -> None:
    cluster.client.wait_for_workers(3, timeout=30)
    finished: list[float] = []
    start = time.monotonic()
    sweep(
        wait,
        {"seconds": [3.0, *np.linspace(0.01, 0.02, 60).tolist()]},
        path=tmp_path / "runs",
        progress=lambda done, total: finished.append(time.monotonic() - start),
    )
    # What was sent ahead to its worker, a task or two, may wait until dask gives it to another one.
    assert sum(seconds < 3.0 for seconds in finished) >= len(finished) - 3
    assert finished[-1] >= 3.0


def test_bad_sweeps_are_refused(cluster: DaskRuntime, tmp_path: Path) -> None:
    lock = threading.Lock()
    with pytest.raises(ConfigError, match="the function cannot be sent"):
        sweep(lambda seed: {"lock": lock}, {"seed": [1]}, path=tmp_path / "runs")
    with pytest.raises(ConfigError, match="a parameter cannot be sent"):
        sweep(once, {"seed": {"lock": lock}}, path=tmp_path / "runs")
    with pytest.raises(ConfigError, match=r"does not take the parameters seeds: .*'seed'.*function\(seed: "):
        sweep(once, {"seeds": [1]}, path=tmp_path / "runs")
    with pytest.raises(ConfigError, match="the function is 3"):
        sweep(3, {"seed": [1]}, path=tmp_path / "runs")
    with pytest.raises(OptionError, match="in_flight is 0"):
        sweep(once, {"seed": [1]}, path=tmp_path / "runs", in_flight=0)
    assert not (tmp_path / "runs").exists()


def test_the_cluster_is_lost(tmp_path: Path) -> None:
    with engine.start(1) as runtime:

        def close(done: int, total: int) -> None:
            runtime.client.cluster.close()

        with pytest.raises(WorkerLostError):
            sweep(wait, {"seconds": np.linspace(0.1, 0.2, 50).tolist()}, path=tmp_path / "runs", progress=close)
