"""Processes that die: the result is right, or the error is clear; nobody waits for the dead."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import dask
import numpy as np
import pytest

from backends.dask import DaskRuntime, engine
from tensorlayer.backend import get_backend
from tensorlayer.buffer import IndexFunction
from tensorlayer.errors import WorkerLostError
from tensorlayer.graph import Einsum, Generate, Input, Node, OpGraph
from tensorlayer.options import Options
from tensorlayer.plan import make_plan

pytestmark = pytest.mark.processes
DASK = get_backend("dask")


def run(sink: Node, *arrays: Any) -> Any:
    graph = OpGraph([sink])
    inputs = sorted(graph.inputs, key=lambda node: int(node.key))
    return make_plan(graph, inputs, Options(backend="dask")).run(*arrays)[0]


def slow_rows(seconds: float, extent: int) -> Node:
    """A vector; each of its blocks of one element takes a while."""

    def function(i: Any) -> Any:
        time.sleep(seconds)
        return i * 1.0

    return Generate.of(IndexFunction(function), ((0, extent, 1),), float)


def kill_one(runtime: DaskRuntime) -> None:
    os.kill(min(runtime.client.run(os.getpid).values()), signal.SIGKILL)


@pytest.fixture
def small_blocks() -> Iterator[None]:
    with dask.config.set({"array.chunk-size": "8 B"}):
        yield


@pytest.mark.usefixtures("small_blocks")
def test_a_worker_dies_while_an_expression_runs(workers: DaskRuntime) -> None:
    node = slow_rows(0.1, 12)
    squared = Einsum.of([node, node], [[0], [1]], [0, 1])
    found = run(squared)
    time.sleep(0.3)
    kill_one(workers)
    np.testing.assert_array_equal(DASK.to_numpy(found), np.outer(np.arange(12), np.arange(12)))


def test_a_worker_dies_after_it_has_computed(workers: DaskRuntime) -> None:
    a = np.random.default_rng(1).normal(size=(40, 40))
    x = Input.of(0, a.shape, a.dtype)
    found = run(Einsum.of([x, x], [[0, 1], [1, 2]], [0, 2]), DASK.from_numpy(a, chunks=10))
    DASK.to_numpy(found)
    kill_one(workers)
    np.testing.assert_allclose(DASK.to_numpy(found), a @ a, rtol=1e-12)
    again = run(Einsum.of([x, x], [[0, 1], [1, 2]], [0, 2]), found)
    np.testing.assert_allclose(DASK.to_numpy(again), a @ a @ a @ a, rtol=1e-10)


def test_operands_of_another_cluster_are_refused() -> None:
    a = np.random.default_rng(1).normal(size=(4, 4))
    x = Input.of(0, a.shape, a.dtype)
    product = Einsum.of([x, x], [[0, 1], [1, 2]], [0, 2])
    held = run(product, DASK.from_numpy(a, chunks=2))
    with engine.start(1) as other:
        with pytest.raises(WorkerLostError, match=r"operands are held by the cluster at .*: bring them here"):
            run(product, held)
        elsewhere = run(product, DASK.from_numpy(a, chunks=2))
        DASK.to_numpy(elsewhere)
    with pytest.raises(WorkerLostError, match="operands are held by the cluster at"):
        run(product, elsewhere)
    with pytest.raises(WorkerLostError, match=r"the connection to the scheduler at .* is closed"):
        other.memory()
    np.testing.assert_allclose(DASK.to_numpy(run(product, held)), a @ a @ a @ a, rtol=1e-10)


def test_a_block_that_kills_every_worker_is_given_up(workers: DaskRuntime) -> None:
    def deadly(i: Any) -> Any:
        os.kill(os.getpid(), signal.SIGKILL)

    workers.client.run_on_scheduler(_allow_no_failure)
    with pytest.raises(WorkerLostError, match="died, again and again"):
        DASK.to_numpy(run(Generate.of(IndexFunction(deadly), ((0, 2, 1),), float)))


def _allow_no_failure(dask_scheduler: Any) -> None:
    dask_scheduler.allowed_failures = 0


def test_nobody_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.dask.cluster.PATIENCE", 1.0)
    with engine.start(1) as runtime:
        runtime.client.cluster.scale(0)
        started = time.monotonic()
        with pytest.raises(WorkerLostError, match="none came back within 1 s"):
            DASK.to_numpy(run(slow_rows(0.0, 3)))
        assert time.monotonic() - started < 20


def test_the_cluster_is_closed_before_results_are_read() -> None:
    with engine.start(1):
        found = run(slow_rows(0.0, 3))
        DASK.to_numpy(found)
    with pytest.raises(WorkerLostError, match="is gone"):
        DASK.to_numpy(found)
