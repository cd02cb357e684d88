"""Workers, schedulers and disks that fail: the bits are right, or the error is clear."""

from __future__ import annotations

import logging
import os
import re
import resource
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from distributed import Client, LocalCluster

from analog.compound import TransferCompound
from analog.crossbar import Crossbar
from analog.distributed import DistributedGrid
from analog.grid import CrossbarGrid
from backends.dask import DaskRuntime, engine
from tensorlayer.errors import FileAccessError, WorkerLostError
from tests.analog.distributed.configs import SEED, SHAPE, SINGLE, TRANSFER, D, X, die_in, same_states, train

pytestmark = pytest.mark.processes

#: Where a worker dies: in the call of that number of a method there.
DEATHS = {
    "forward": (Crossbar, "mvm", 2),
    "backward": (Crossbar, "mvm_transposed", 3),
    "update": (Crossbar, "update_", 2),
    "transfer": (TransferCompound, "deliver", 2),
}


@pytest.mark.parametrize("during", DEATHS)
def test_a_worker_is_killed_during(during: str, cluster: DaskRuntime, tmp_path: Path) -> None:
    grid, local = DistributedGrid(SHAPE, TRANSFER, seed=SEED), CrossbarGrid(SHAPE, TRANSFER, seed=SEED)
    assert train(grid, range(2)) == train(local, range(2))
    victim = grid.placement[0, 0]
    cluster.client.run(die_in, *DEATHS[during], tmp_path / "dead", workers=[victim])
    assert train(grid, range(2, 5)) == train(local, range(2, 5))
    assert (tmp_path / "dead").exists()
    assert victim not in grid.placement.values()
    assert same_states(grid, local)


def test_a_worker_that_was_replaced_takes_part_again(cluster: DaskRuntime) -> None:
    cluster.client.wait_for_workers(3, timeout=30)
    grid, local = DistributedGrid(SHAPE, SINGLE, seed=SEED), CrossbarGrid(SHAPE, SINGLE, seed=SEED)
    before = set(cluster.workers)
    os.kill(cluster.client.run(os.getpid)[grid.placement[1, 1]], signal.SIGKILL)
    assert train(grid, range(2)) == train(local, range(2))
    assert len(set(grid.placement.values())) == 2
    while len(cluster.workers) < 3 or set(cluster.workers) == before:
        time.sleep(0.1)
    grid.place_()
    assert len(set(grid.placement.values())) == 3
    assert train(grid, range(2)) == train(local, range(2))


def test_a_full_journal_makes_a_checkpoint(cluster: DaskRuntime, tmp_path: Path) -> None:
    local = CrossbarGrid(SHAPE, SINGLE, seed=SEED)
    grids = [DistributedGrid(SHAPE, SINGLE, seed=SEED, checkpoints=folder, journal=1000) for folder in (None, tmp_path)]
    expected = train(local, range(3))
    assert [train(grid, range(3)) for grid in grids] == [expected, expected]
    assert (tmp_path / "grid.json").exists()
    assert all(grid._parts.journal.nbytes <= 1000 for grid in (*grids, grids[0].copy()))
    os.kill(min(cluster.client.run(os.getpid).values()), signal.SIGKILL)
    expected = train(local, range(3))
    assert [train(grid, range(3)) for grid in grids] == [expected, expected]


def test_ctrl_c_in_a_step_takes_it_back(cluster: DaskRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    grid, local = DistributedGrid(SHAPE, SINGLE, seed=SEED), CrossbarGrid(SHAPE, SINGLE, seed=SEED)
    train(grid, range(1)), train(local, range(1))

    def interrupted(*arguments: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("analog.distributed.line.Line.answer", interrupted)
        for step in (lambda: grid.mvm(X), lambda: grid.update_(X, D, 0.1)):
            with pytest.raises(KeyboardInterrupt):
                step()
    assert train(grid, range(2)) == train(local, range(2))
    assert same_states(grid, local)


def fill_disk(full: bool) -> None:
    """Run in a worker: the system takes so much of a file and no more, or all again."""
    most = 1000 if full else resource.RLIM_INFINITY
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


def test_a_full_disk_leaves_the_old_checkpoint(cluster: DaskRuntime, tmp_path: Path) -> None:
    cluster.client.wait_for_workers(3, timeout=30)
    grid, local = DistributedGrid(SHAPE, SINGLE, seed=SEED), CrossbarGrid(SHAPE, SINGLE, seed=SEED)
    train(grid, range(1)), train(local, range(1))
    grid.save(tmp_path)
    before = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*"))
    train(grid, range(1))
    cluster.client.run(fill_disk, True, workers=[grid.placement[2, 2]])
    with pytest.raises(FileAccessError, match=r"could not be written .*File too large"):
        grid.save(tmp_path)
    cluster.client.run(fill_disk, False, workers=[grid.placement[2, 2]])
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*")) == before
    assert same_states(DistributedGrid.load(tmp_path), local)
    train(local, range(1))
    assert same_states(grid, local)


def test_a_manifest_that_cannot_be_written_leaves_the_old_checkpoint(
    cluster: DaskRuntime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = DistributedGrid(SHAPE, SINGLE, seed=SEED)
    grid.save(tmp_path)
    weights = grid.weights
    train(grid, range(1))

    def failing(*arguments: Any) -> Any:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("analog.distributed.folder.replacing", failing)
        with pytest.raises(FileAccessError, match=r"No space left on device.*holds what it held"):
            grid.save(tmp_path)
    np.testing.assert_array_equal(DistributedGrid.load(tmp_path).weights, weights)
    assert len(list(tmp_path.iterdir())) == 2


def swallow(tile: Crossbar, megabytes: int, flag: Path, once: bool) -> Crossbar:
    """Takes so much memory for a while; only the first time if `once`."""
    if not (once and flag.exists()):
        flag.touch()
        taken = np.ones(megabytes << 17)
        time.sleep(2)
        del taken
    return tile


def test_a_worker_runs_out_of_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analog.distributed.parts.ATTEMPTS", 1)
    options: dict[str, Any] = {"dashboard_address": None, "scheduler_kwargs": {"dashboard_address": "127.0.0.1:0"}}
    with (
        LocalCluster(
            1, threads_per_worker=1, memory_limit="700 MB", silence_logs=logging.CRITICAL, host="127.0.0.1", **options
        ) as processes,
        Client(processes) as client,
    ):
        grid, local = DistributedGrid((4, 5), SINGLE, seed=SEED, client=client), CrossbarGrid((4, 5), SINGLE, seed=SEED)
        flag = tmp_path / "swallowed"
        grid.update_(X[:, :5], D[:, :4], 0.1)
        first = grid.placement[0, 0]
        grid.each_(lambda tile: swallow(tile, 900, flag, once=True))
        assert grid.placement[0, 0] != first
        np.testing.assert_array_equal(grid.weights, local.update_(X[:, :5], D[:, :4], 0.1).weights)
        with pytest.raises(WorkerLostError, match="may have run out of memory"):
            grid.each_(lambda tile: swallow(tile, 900, flag, once=False))
        np.testing.assert_array_equal(grid.weights, local.weights)


def test_the_scheduler_is_lost_and_training_goes_on_from_the_checkpoint(cluster: DaskRuntime, tmp_path: Path) -> None:
    local = CrossbarGrid(SHAPE, TRANSFER, seed=SEED)
    with engine.start(1) as first:
        grid = DistributedGrid(SHAPE, TRANSFER, seed=SEED, client=first)
        train(grid, range(2))
        grid.save(tmp_path)
        train(grid, range(1))
        address = re.escape(first.client.cluster.scheduler_address)
        first.client.cluster.close()
        while first.client.status == "running":
            time.sleep(0.05)
        with pytest.raises(WorkerLostError, match=rf"the scheduler at {address} is gone.*DistributedGrid\.load"):
            grid.mvm(X)
        with pytest.raises(WorkerLostError, match=rf"the connection to the scheduler at {address} is closed"):
            first.workers  # noqa: B018
    train(local, range(2))
    later = DistributedGrid.load(tmp_path, client=cluster)
    assert train(later, range(3)) == train(local, range(3))
