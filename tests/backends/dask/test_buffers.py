"""Buffers of worker processes: where the blocks are, what moves, and what is refused."""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np
import pytest

import tensorlayer as tl
from backends.dask import DaskRuntime
from tensorlayer.backend import get_backend
from tensorlayer.buffer import Buffer, DistributedBuffer, FutureBuffer, IndexFunction, RemoteBuffer, ReplicatedBuffer
from tensorlayer.errors import (
    AllocationError,
    DtypeError,
    FutureCancelledError,
    FutureTimeoutError,
    GeneratorError,
    LayoutError,
    ShapeError,
)
from tensorlayer.graph import Einsum, Generate, Input, Map, OpGraph
from tensorlayer.layout import PhysicalLayout
from tensorlayer.runtime import Runtime
from tensorlayer.scalar import argument, call
from tensorlayer.shape import Nested, Smooth
from tensorlayer.symmetry import Symmetry

pytestmark = pytest.mark.processes
DASK = get_backend("dask")
TILED = PhysicalLayout((4, 6), "float64", tiling=Nested.from_tiling((4, 6), (2, 3)))
ELEMENTS = np.arange(24.0).reshape(4, 6)


def by_block(block: tuple[slice, ...], local: Any) -> None:
    i, j = np.meshgrid(*(np.arange(s.start, s.stop) for s in block), indexing="ij")
    local.unwrap()[...] = 6 * i + j


def elements(buffer: Any) -> np.ndarray[Any, Any]:
    return DASK.to_numpy(buffer.unwrap())


def product(*shapes: tuple[int, ...]) -> OpGraph:
    x, y = (Input.of(i, shape, float) for i, shape in enumerate(shapes))
    return OpGraph([Einsum.of([x, y], [[0, 1], [2, 1]], [0, 2])])


@pytest.mark.parametrize("kind", ["distributed", "remote", "replicated"])
def test_without_workers_there_is_no_such_kind(kind: str) -> None:
    with pytest.raises(AllocationError, match=r"need worker processes.*Runtime.local\(processes=2\)"):
        DASK.allocator(kind)


@pytest.mark.usefixtures("workers")
class TestDistributed:
    @pytest.fixture
    def buffer(self) -> DistributedBuffer:
        return DASK.allocator("distributed").construct(TILED, by_block)

    def test_the_layout_is_nested(self, buffer: DistributedBuffer) -> None:
        assert buffer.grid.outer == Smooth(2, 2)
        assert buffer.layout.extents == (4, 6)
        np.testing.assert_array_equal(elements(buffer), ELEMENTS)

    def test_every_block_has_an_owner(self, buffer: DistributedBuffer, workers: DaskRuntime) -> None:
        buffer.local_buffer()
        assert set(buffer.owners) == {(0, 0), (0, 1), (1, 0), (1, 1)}
        assert {owner for owners in buffer.owners.values() for owner in owners} <= set(workers.workers)
        assert all(buffer.owners.values())

    def test_blocks_are_filled_where_they_are(self, workers: DaskRuntime) -> None:
        def process(block: tuple[slice, ...], local: Any) -> None:
            local.unwrap()[...] = os.getpid()

        found = elements(DASK.allocator("distributed").construct(TILED, process))
        assert set(found.ravel()) <= set(workers.client.run(os.getpid).values())

    def test_one_block_is_pulled(self, buffer: DistributedBuffer) -> None:
        block = buffer.local_buffer((1, 0))
        assert block.kind == "local"
        np.testing.assert_array_equal(elements(block), ELEMENTS[2:, :3])
        with pytest.raises(ShapeError, match=r"block \(2, 0\) of a grid of \(2, 2\) blocks"):
            buffer.local_buffer((2, 0))

    def test_a_slice_is_remote_and_pulled_when_asked(self, buffer: DistributedBuffer) -> None:
        part = buffer.slice((1, 2), (4, 5))
        assert isinstance(part, RemoteBuffer)
        assert part.layout.extents == (3, 3)
        np.testing.assert_array_equal(elements(part.local_buffer()), ELEMENTS[1:4, 2:5])
        np.testing.assert_array_equal(elements(part.slice((0, 0), (1, 2)).chip({0: 0})), ELEMENTS[1, 2:4])

    def test_a_slice_outside_is_refused(self, buffer: DistributedBuffer) -> None:
        with pytest.raises(ShapeError):
            buffer.slice((0, 0), (5, 6))

    def test_graphs_run_where_the_blocks_are(self, buffer: DistributedBuffer) -> None:
        (square,) = buffer.compute(product((4, 6), (4, 6)), buffer)
        assert isinstance(square, DistributedBuffer)
        np.testing.assert_allclose(elements(square), ELEMENTS @ ELEMENTS.T)

    def test_a_remote_operand_is_not_pulled(self, buffer: DistributedBuffer, monkeypatch: pytest.MonkeyPatch) -> None:
        part = buffer.slice((0, 0), (2, 6))
        monkeypatch.setattr(type(part), "unwrap", lambda self: pytest.fail("pulled"))
        (found,) = buffer.compute(product((4, 6), (2, 6)), part)
        np.testing.assert_allclose(elements(found), ELEMENTS @ ELEMENTS[:2].T)

    def test_numbers_and_generators(self) -> None:
        allocator = DASK.allocator("distributed")
        np.testing.assert_array_equal(elements(allocator.construct(TILED, 2)), np.full((4, 6), 2.0))
        np.testing.assert_array_equal(elements(allocator.allocate(TILED)), np.zeros((4, 6)))
        generated = allocator.construct(TILED, IndexFunction(lambda i, j: 6 * i + j))
        np.testing.assert_array_equal(elements(generated), ELEMENTS)
        with pytest.raises(DtypeError, match="is no int64"):
            allocator.construct(PhysicalLayout((2,), "int64"), 1.5)

    def test_other_backends_come_in_and_keep_what_is_known(self) -> None:
        symmetric = PhysicalLayout((3, 3), "float64")
        local = get_backend("numpy").allocator().construct(symmetric, 1.0)
        buffer = DASK.allocator("distributed").construct(local)
        np.testing.assert_array_equal(elements(buffer), np.ones((3, 3)))
        known = TILED.replace(logical=(4, 6))
        assert DASK.allocator("distributed").construct(known, 0).layout.logical == known.logical
        assert Symmetry.none(2) == buffer.layout.symmetry

    def test_zero_extents(self) -> None:
        empty = PhysicalLayout((0, 3), "float64", tiling=Nested.from_tiling((0, 3), (2, 2)))
        buffer = DASK.allocator("distributed").construct(empty, 1)
        assert elements(buffer).shape == (0, 3)


@pytest.mark.usefixtures("workers")
class TestReplicated:
    @pytest.fixture
    def buffer(self) -> Buffer:
        return DASK.allocator("distributed").construct(TILED, by_block).rebind(ReplicatedBuffer)

    def test_every_process_has_every_block(self, buffer: ReplicatedBuffer, workers: DaskRuntime) -> None:
        assert isinstance(buffer, ReplicatedBuffer)
        name = buffer.array.name
        held = workers.client.run(lambda dask_worker: {key[1:] for key in dask_worker.data if key[0] == name})
        assert list(held.values()) == [{(0, 0), (0, 1), (1, 0), (1, 1)}] * 2
        assert buffer.nbytes == 2 * 24 * 8
        buffer.check()

    def test_copies_stay(self, buffer: ReplicatedBuffer) -> None:
        time.sleep(2.5)  # dask's active memory manager would have taken copies away by now
        buffer.check()

    def test_the_elements_and_graphs(self, buffer: ReplicatedBuffer) -> None:
        np.testing.assert_array_equal(elements(buffer.local_buffer()), ELEMENTS)
        (square,) = buffer.compute(product((4, 6), (4, 6)), buffer)
        assert isinstance(square, ReplicatedBuffer)
        np.testing.assert_allclose(elements(square), ELEMENTS @ ELEMENTS.T)

    def test_copies_that_differ_are_refused(self, buffer: ReplicatedBuffer, workers: DaskRuntime) -> None:
        key = (buffer.array.name, 1, 1)

        def change(dask_worker: Any) -> None:
            dask_worker.data[key] = dask_worker.data[key] + 1e-16 + 1

        changed = workers.workers[0]
        workers.client.run(change, workers=[changed])
        with pytest.raises(LayoutError, match=f"copies .* differ .*{changed}"):
            buffer.check()

    def test_a_copy_that_is_missing_is_named(self, buffer: ReplicatedBuffer, workers: DaskRuntime) -> None:
        key = (buffer.array.name, 0, 1)
        robbed = workers.workers[1]

        def rob(dask_worker: Any) -> None:
            del dask_worker.data[key]

        workers.client.run(rob, workers=[robbed])
        with pytest.raises(LayoutError, match=f"no copy in the process {robbed}"):
            buffer.check()


@pytest.mark.usefixtures("workers")
class TestFuture:
    def slow(self, seconds: float) -> FutureBuffer:
        def function(i: Any) -> Any:
            time.sleep(seconds)
            return i * 1.0

        return DASK.allocator("future").construct(PhysicalLayout((3,), "float64"), IndexFunction(function))

    def test_results_come_later(self) -> None:
        buffer = self.slow(0.5)
        assert not buffer.done()
        with pytest.raises(FutureTimeoutError):
            buffer.result(timeout=0.05)
        np.testing.assert_array_equal(elements(buffer.result(timeout=20)), [0, 1, 2])
        assert buffer.done()
        assert buffer.exception() is None

    def test_further_work_does_not_wait(self) -> None:
        x = Input.of(0, (3,), float)
        doubled = OpGraph([Map.of([x], [(0,)], (3,), call("add", argument(0), argument(0)))])
        started = time.monotonic()
        (later,) = self.slow(1.0).compute(doubled)
        assert time.monotonic() - started < 0.5
        assert not later.done()
        np.testing.assert_array_equal(elements(later.result(timeout=20)), [0, 2, 4])

    def test_independent_work_overlaps(self) -> None:
        started = time.monotonic()
        buffers = [self.slow(1.0) for _ in range(2)]
        for buffer in buffers:
            buffer.result(timeout=20)
        assert time.monotonic() - started < 1.8

    def test_errors_are_delivered_at_the_result(self) -> None:
        def broken(i: Any) -> Any:
            raise ArithmeticError("no such integral")

        buffer = DASK.allocator("future").construct(PhysicalLayout((3,), "float64"), IndexFunction(broken))
        with pytest.raises(GeneratorError, match="no such integral"):
            buffer.result(timeout=20)
        assert isinstance(buffer.exception(), GeneratorError)

    def test_work_can_be_cancelled(self, workers: DaskRuntime) -> None:
        buffer = self.slow(2.0)
        assert buffer.cancel()
        with pytest.raises(FutureCancelledError):
            buffer.result(timeout=20)
        deadline = time.monotonic() + 5
        name = buffer.pending.array.name
        while any(name in str(key) for keys in workers.client.has_what().values() for key in keys):
            assert time.monotonic() < deadline

    def test_the_embedded_runtime_has_futures_too(self) -> None:
        assert isinstance(Runtime.current(), DaskRuntime)
        with Runtime.local():
            buffer = DASK.allocator("future").construct(PhysicalLayout((3,), "float64"), 2.0)
            assert not hasattr(buffer, "pending")
            np.testing.assert_array_equal(elements(buffer), [2, 2, 2])


@pytest.mark.usefixtures("workers")
def test_tensors_are_distributed_where_there_are_workers() -> None:
    C = tl.Tensor()
    A = tl.tensor(ELEMENTS, backend="dask", chunks=2)
    C["i,j"] = A["i,k"] * A["j,k"]
    assert isinstance(C.buffer, DistributedBuffer)
    assert "distributed on dask" in repr(C)
    np.testing.assert_allclose(C.numpy(), ELEMENTS @ ELEMENTS.T)
    with Runtime.local():
        assert tl.tensor(ELEMENTS, backend="dask").buffer.kind == "local"


def test_the_runtime_that_was_entered_decides(workers: DaskRuntime) -> None:
    def process(i: Any) -> Any:
        return np.full(i.shape, os.getpid())

    node = Generate.of(IndexFunction(process), ((0, 2, 1),), np.int64)
    with Runtime.local():
        (here,) = DASK.finish([DASK.kernel(node)()])
        assert set(DASK.to_numpy(here)) == {os.getpid()}
    (there,) = DASK.finish([DASK.kernel(node)()])
    assert set(DASK.to_numpy(there)) <= set(workers.client.run(os.getpid).values())
