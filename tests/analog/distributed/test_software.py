"""Workers with other software are refused, by name."""

from __future__ import annotations

import pytest

from analog.distributed import DistributedGrid, sweep
from analog.distributed.software import require_same, software
from analog.errors import VersionMismatchError
from backends.dask import DaskRuntime
from tensorlayer.errors import BackendNotInstalledError, WorkerLostError
from tensorlayer.runtime import Runtime
from tests.analog.distributed.configs import SHAPE, SINGLE

WORKER = "tcp://10.0.0.2:4000"


def test_what_is_here_is_accepted() -> None:
    require_same(software(), {WORKER: software()})


@pytest.mark.parametrize("name", ["python", "tensorlayer-graph", "numpy", "numba", "distributed"])
def test_another_version_is_refused(name: str) -> None:
    with pytest.raises(VersionMismatchError, match=rf"worker at tcp://10\.0\.0\.2:4000 has {name} 0\.0\.1 \(here "):
        require_same(software(), {WORKER: software() | {name: "0.0.1"}})


def test_a_worker_without_numba_is_refused() -> None:
    with pytest.raises(BackendNotInstalledError, match=r"10\.0\.0\.2:4000 lacks numba.*pip install"):
        require_same(software(), {WORKER: software() | {"numba": None}})


def test_a_worker_without_this_package_is_refused() -> None:
    with pytest.raises(VersionMismatchError, match=r"does not know this package .*No module named 'analog'"):
        require_same(software(), {WORKER: ModuleNotFoundError("No module named 'analog'")})


@pytest.mark.processes
def test_workers_are_asked_before_anything_is_sent(cluster: DaskRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analog.distributed.software.platform.python_version", lambda: "3.99.0")
    with pytest.raises(VersionMismatchError, match=r"has python 3\.\d+\.\d+ \(here 3\.99\.0\)"):
        DistributedGrid(SHAPE, SINGLE)
    with pytest.raises(VersionMismatchError, match=r"\(here 3\.99\.0\)"):
        sweep(dict, {"seed": [1]}, path="never.sweep")


def test_an_address_where_nobody_answers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.dask.runtime.START_TIMEOUT", 0.2)
    with pytest.raises(WorkerLostError, match=r"no scheduler answers at 'tcp://127\.0\.0\.1:1'"):
        DistributedGrid(SHAPE, SINGLE, client=Runtime.connect("tcp://127.0.0.1:1"))
