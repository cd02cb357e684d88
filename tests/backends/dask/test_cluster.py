"""Plans on worker processes: the same results, computed elsewhere, and errors that come back as they were raised."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

from backends.dask import DaskRuntime
from tensorlayer.backend import get_backend
from tensorlayer.buffer import IndexFunction
from tensorlayer.errors import BackendError, GeneratorError, WorkerLostError
from tensorlayer.graph import Einsum, Generate, Input, Linalg, Map, Node, OpGraph, Reduce
from tensorlayer.options import Options
from tensorlayer.plan import make_plan
from tensorlayer.runtime import Runtime
from tensorlayer.scalar import argument, call

pytestmark = [pytest.mark.processes, pytest.mark.usefixtures("workers")]
DASK = get_backend("dask")


def run(sinks: list[Node], *arrays: Any) -> tuple[Any, ...]:
    graph = OpGraph(sinks)
    inputs = sorted(graph.inputs, key=lambda node: int(node.key))
    return make_plan(graph, inputs, Options(backend="dask")).run(*arrays)


def process_of_each_row(extent: int) -> Node:
    """A vector that holds, for each of its blocks of one element, the process that made it."""

    def process(i: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.full(i.shape, os.getpid())

    return Generate.of(IndexFunction(process), ((0, extent, 1),), np.int64)


def test_the_runtime_is_the_cluster(workers: DaskRuntime) -> None:
    current = Runtime.current()
    assert isinstance(current, DaskRuntime)
    assert (current.processes, current.workers, current.threads) == (2, workers.workers, 1)
    assert 0 < current.memory().free <= current.memory().total


def test_another_process_joins_by_the_address(workers: DaskRuntime) -> None:
    with Runtime.connect(workers.address) as joined:
        assert isinstance(joined, DaskRuntime)
        assert joined.workers == workers.workers
    assert workers.processes == 2


def test_an_address_where_nobody_answers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.dask.runtime.START_TIMEOUT", 0.2)
    with pytest.raises(WorkerLostError, match="no scheduler answers"):
        Runtime.connect("tcp://127.0.0.1:1")


def test_work_is_done_by_the_workers(workers: DaskRuntime) -> None:
    import dask

    with dask.config.set({"array.chunk-size": "8 B"}):
        (found,) = run([process_of_each_row(8)])
        assert found.numblocks == (8,)
    known = set(workers.client.run(os.getpid).values())
    assert set(DASK.to_numpy(found)) <= known
    assert os.getpid() not in known


def test_products_of_elements_of_this_process() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(1300, 1200)), rng.normal(size=(1200, 1100))  # 12 MB: more than dask likes in a graph
    x, y = Input.of(0, a.shape, a.dtype), Input.of(1, b.shape, b.dtype)
    product = Einsum.of([x, y], [[0, 1], [1, 2]], [0, 2])
    rows = Reduce.of(product, "max", (1,))
    results = run([product, rows], DASK.from_numpy(a, chunks=600), DASK.from_numpy(b, chunks=500))
    np.testing.assert_allclose(DASK.to_numpy(results[0]), a @ b, atol=1e-11)
    np.testing.assert_allclose(DASK.to_numpy(results[1]), (a @ b).max(axis=1), atol=1e-11)


def test_results_stay_on_the_workers_and_can_be_used_again() -> None:
    a = np.arange(12.0).reshape(4, 3)
    x = Input.of(0, a.shape, a.dtype)
    doubled = Map.of([x], [(0, 1)], a.shape, call("add", argument(0), argument(0)))
    (once,) = run([doubled], DASK.from_numpy(a, chunks=2))
    (twice,) = run([doubled], once)
    np.testing.assert_array_equal(DASK.to_numpy(twice), 4 * a)


def test_a_generator_that_raises_in_a_worker() -> None:
    def broken(i: Any) -> Any:
        raise ArithmeticError("no such integral")

    with pytest.raises(GeneratorError, match=r"ArithmeticError: no such integral .*\[0:3\]"):
        DASK.to_numpy(run([Generate.of(IndexFunction(broken), ((0, 3, 1),), float)])[0])


def test_a_decomposition_that_fails_in_a_worker() -> None:
    x = Input.of(0, (2, 2), np.dtype(float))
    with pytest.raises(BackendError, match="cholesky"):
        DASK.to_numpy(run([Linalg.of("cholesky", [x])], DASK.from_numpy(-np.eye(2)))[0])
