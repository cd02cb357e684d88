"""Future buffers: nothing waits before a result is asked for; errors, timeouts and cancellations come out there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest

from tensorlayer.backend import Backend, get_backend
from tensorlayer.buffer import FutureBuffer, Generator, IndexFunction, LocalBuffer, Region
from tensorlayer.errors import (
    AllocationError,
    FutureCancelledError,
    FutureTimeoutError,
    GeneratorError,
    UnsupportedOperationError,
)
from tensorlayer.graph import Convert, Einsum, Input, OpGraph, Slice
from tensorlayer.layout import PhysicalLayout
from tensorlayer.options import current_options, options
from tensorlayer.runtime import Runtime

LAYOUT = PhysicalLayout((3, 3), "float64")
WAIT = 30.0


class Gated(Generator):
    """Makes ones, once its gate is open."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.begun = threading.Event()

    def generate(self, region: Region) -> np.ndarray:
        self.begun.set()
        assert self.gate.wait(WAIT)
        return np.ones([len(range(*bounds)) for bounds in region])


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    with Runtime.local() as runtime:
        yield runtime


@pytest.fixture
def gated(runtime: Runtime) -> Iterator[Gated]:
    # After `runtime`, so that the gate is open before the threads are joined.
    gated = Gated()
    yield gated
    gated.gate.set()


def elements(buffer: Any) -> np.ndarray:
    return buffer.backend.to_numpy(buffer.unwrap())


def begun(source: Any, runtime: Runtime, backend: str = "numpy") -> FutureBuffer:
    return get_backend(backend).allocator("future", runtime=runtime).construct(LAYOUT, source)


def product() -> OpGraph:
    x, y = (Input.of(i, (3, 3), "float64") for i in (0, 1))
    return OpGraph([Einsum.of([x, y], [(0, 1), (1, 2)], (0, 2)), Slice.of(x, (0, (0, 3, 1)))])


def test_the_layout_is_known_and_nothing_waits(gated: Gated, runtime: Runtime) -> None:
    future = begun(gated, runtime)
    matrix, row = future.compute(product(), future)
    part = matrix.slice((1, 0), (2, 2)).chip({0: 0})
    shown = [(x.layout.extents, x.layout.dtype, x.done(), x.nbytes) for x in (future, matrix, row, part)]
    assert shown == [(shape, "float64", False, 0) for shape in ((3, 3), (3, 3), (3,), (2,))]
    gated.gate.set()
    np.testing.assert_array_equal(elements(part), [3.0, 3.0])
    np.testing.assert_array_equal(elements(row), np.ones(3))
    assert (matrix.done(), matrix.nbytes, matrix.exception()) == (True, 72, None)


def test_the_result_is_local(backend: Backend) -> None:
    source = backend.allocator().construct(LAYOUT, IndexFunction(np.add))
    future = backend.allocator("future").construct(source)
    result = future.result(WAIT)
    assert isinstance(result, LocalBuffer)
    assert result.unwrap() is source.unwrap()
    (squared, _) = source.compute(product(), future)
    assert isinstance(squared, FutureBuffer)
    expected = np.add.outer(np.arange(3.0), np.arange(3.0))
    np.testing.assert_allclose(elements(squared), expected @ expected)


def test_wrapping_is_done_at_once() -> None:
    array = np.ones(3)
    future = get_backend("numpy").allocator("future").wrap(array)
    assert future.done()
    assert future.unwrap() is array


def test_independent_work_overtakes_what_waits(gated: Gated, runtime: Runtime) -> None:
    waiting = begun(gated, runtime)
    for _ in range(2 * runtime.threads):
        (waiting, _) = waiting.compute(product(), waiting)
    free = begun(2.0, runtime)
    np.testing.assert_array_equal(free.result(WAIT).unwrap(), np.full((3, 3), 2.0))
    assert not waiting.done()


def test_two_pieces_of_work_run_at_the_same_time(runtime: Runtime) -> None:
    if runtime.threads < 2:
        pytest.skip("needs two threads")
    both = threading.Barrier(2)

    def meet(_place: object, _buffer: object) -> None:
        both.wait(WAIT)

    results = [begun(meet, runtime) for _ in range(2)]
    assert [elements(result).sum() for result in results] == [0.0, 0.0]


# -- what goes wrong -------------------------------------------------------------------------------------------


def test_an_error_is_raised_where_the_elements_are_asked_for(runtime: Runtime) -> None:
    future = begun(lambda place, buffer: 1 / 0, runtime)
    (matrix, _) = future.compute(product(), future)
    for late in (future, matrix, matrix.slice((0, 0), (1, 1))):
        with pytest.raises(GeneratorError, match=r"ZeroDivisionError"):
            late.result(WAIT)
        assert isinstance(late.exception(), GeneratorError)
        assert late.nbytes == 0


def test_too_much_memory_is_told_late(runtime: Runtime) -> None:
    allocator = get_backend("numpy").allocator("future", runtime=runtime)
    future = allocator.allocate(PhysicalLayout((2**30, 2**30), "float64"))
    with pytest.raises(AllocationError, match=r"8.0 EiB|8192.0 PiB"):
        future.result(WAIT)


def test_a_graph_that_cannot_be_run_is_refused_at_once(gated: Gated, runtime: Runtime) -> None:
    future = begun(gated, runtime)
    with pytest.raises(UnsupportedOperationError, match=r"does not run Convert"):
        future.compute(OpGraph([Convert.of(Input.of(0, (3, 3), "float64"), ("torch", "cpu"))]))


def test_a_timeout_says_what_and_how_long(gated: Gated, runtime: Runtime) -> None:
    future = begun(gated, runtime)
    with pytest.raises(FutureTimeoutError, match=r"future buffer of numpy, float64\[3, 3\].* not there after 0.01 s"):
        future.result(0.01)
    with pytest.raises(TimeoutError):
        future.exception(0.01)
    gated.gate.set()
    np.testing.assert_array_equal(elements(future), np.ones((3, 3)))


def test_a_timeout_of_the_work_itself_is_not_ours() -> None:
    failed: Future[Any] = Future()
    failed.set_exception(TimeoutError("the database is slow"))
    buffer = FutureBuffer(LAYOUT, get_backend("numpy").allocator("future"), failed)
    with pytest.raises(TimeoutError, match=r"^the database is slow"):
        buffer.result(WAIT)


def test_cancelled_work_has_no_result(gated: Gated, runtime: Runtime) -> None:
    first = begun(gated, runtime)
    (matrix, row) = first.compute(product(), first)
    late = matrix.slice((0, 0), (1, 1))
    assert matrix.cancel()
    gated.gate.set()
    first.result(WAIT)
    for buffer in (matrix, row, late):
        with pytest.raises(FutureCancelledError, match=r"was cancelled: record and compute the statement again"):
            buffer.result(WAIT)


def test_work_that_has_begun_is_not_cancelled(gated: Gated, runtime: Runtime) -> None:
    future = begun(gated, runtime)
    assert gated.begun.wait(WAIT)
    assert not future.cancel()
    gated.gate.set()
    future.result(WAIT)
    assert not future.cancel()


def test_closing_the_runtime_cancels_what_has_not_begun(gated: Gated) -> None:
    runtime = Runtime.local()
    running = [begun(gated, runtime) for _ in range(runtime.threads)]
    assert gated.begun.wait(WAIT)
    queued = begun(1.0, runtime)
    (chained, _) = running[0].compute(product(), running[0])
    threading.Timer(0.05, gated.gate.set).start()
    runtime.close()
    assert elements(running[0]).sum() == 9.0
    with pytest.raises(FutureCancelledError):
        queued.result(WAIT)
    assert "closed" in str(chained.exception(WAIT))


# -- around them -----------------------------------------------------------------------------------------------


def test_the_options_of_the_place_where_it_was_asked_for_hold(runtime: Runtime) -> None:
    seen = []

    def look(_place: object, _buffer: object) -> None:
        seen.append(current_options().memory)

    with options(memory="3 MiB"):
        future = begun(look, runtime)
    future.result(WAIT)
    assert seen == [3 * 2**20]


def test_a_future_can_be_awaited(runtime: Runtime) -> None:
    async def wait() -> Any:
        return await begun(2.0, runtime)

    np.testing.assert_array_equal(asyncio.run(wait()).unwrap(), np.full((3, 3), 2.0))


def test_conversion_to_another_backend_does_not_wait(gated: Gated, runtime: Runtime) -> None:
    future = begun(gated, runtime)
    there = get_backend("torch").allocator("future", runtime=runtime).construct(future)
    assert not there.done()
    gated.gate.set()
    assert there.result(WAIT).backend.name == "torch"
    np.testing.assert_array_equal(elements(there), np.ones((3, 3)))
