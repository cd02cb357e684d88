"""Futures on streams: the host waits for launches only, and streams for each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
import pytest

import backends.cupy.streams as streams
import tensorlayer as tl
from backends.cupy.streams import StreamBuffer, in_background
from backends.numpy import NumpyBackend
from tensorlayer.buffer import FutureBuffer, LocalBuffer
from tensorlayer.errors import FutureTimeoutError
from tensorlayer.graph import Input, Map, OpGraph
from tensorlayer.layout import PhysicalLayout
from tensorlayer.runtime import Runtime
from tensorlayer.scalar import argument, call


class Event:
    """A mark that the test lets the device reach."""

    def __init__(self) -> None:
        self.done = False

    def synchronize(self) -> None:
        self.done = True


class Stream:
    """Notes what is done on it."""

    def __init__(self) -> None:
        self.log: list[Any] = []
        self.events: list[Event] = []

    def __enter__(self) -> None:
        self.log.append("entered")

    def __exit__(self, *_: object) -> None:
        self.log.append("left")

    def record(self) -> Event:
        self.events.append(Event())
        self.log.append("recorded")
        return self.events[-1]

    def wait_event(self, event: Event) -> None:
        self.log.append(event)


class Asynchronous(NumpyBackend):
    """NumPy with the futures of the cupy backend."""

    def in_background(self, task: Any) -> Any:
        return in_background(task)


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> Stream:
    stream = Stream()
    monkeypatch.setattr(streams, "current_stream", lambda: stream)
    monkeypatch.setattr(streams, "on_device", lambda _: nullcontext())
    return stream


@pytest.fixture
def future(stream: Stream) -> Iterator[FutureBuffer]:
    with Runtime.local() as runtime:
        allocator = Asynchronous().allocator("future", runtime=runtime)
        yield allocator.construct(PhysicalLayout((3,), "float64"), 2)


def launched(future: FutureBuffer) -> FutureBuffer:
    future.future.result(timeout=30)
    return future


def test_work_runs_on_the_stream_of_whoever_asked(future: FutureBuffer, stream: Stream) -> None:
    launched(future)
    assert stream.log == ["entered", "recorded", "left"]
    assert isinstance(future.launched(), StreamBuffer)


def test_done_means_that_the_device_is_done(future: FutureBuffer, stream: Stream) -> None:
    assert not launched(future).done()
    stream.events[0].done = True
    assert future.done()


def test_a_result_waits_for_the_device(future: FutureBuffer, stream: Stream) -> None:
    launched(future)
    with pytest.raises(FutureTimeoutError):
        future.result(timeout=0.01)
    assert not stream.events[0].done
    np.testing.assert_array_equal(future.result().unwrap(), [2, 2, 2])
    assert stream.events[0].done


def test_elements_are_used_behind_their_event_without_waiting(future: FutureBuffer, stream: Stream) -> None:
    launched(future)
    del stream.log[:]
    future.unwrap()
    assert stream.log == [stream.events[0]]
    assert not stream.events[0].done
    stream.events[0].done = True
    future.unwrap()
    assert stream.log == [stream.events[0]]


def test_an_expression_of_a_future_orders_streams_and_waits_for_nothing(future: FutureBuffer, stream: Stream) -> None:
    doubled = OpGraph([Map.of([Input.of(0, (3,), "float64")], [(0,)], (3,), call("add", argument(0), argument(0)))])
    (result,) = future.compute(doubled)
    launched(result)
    assert stream.events[0] in stream.log
    assert [event.done for event in stream.events] == [False, False]
    part = launched(future.slice((1,), (3,)))
    assert not part.done()
    np.testing.assert_array_equal(part.result().unwrap(), [2, 2])
    np.testing.assert_array_equal(result.result().unwrap(), [4, 4, 4])


def test_buffers_on_the_host_are_always_complete() -> None:
    buffer = NumpyBackend().allocator().wrap(np.ones(2))
    assert isinstance(buffer, LocalBuffer)
    assert buffer.is_complete()
    buffer.wait(0)


@contextmanager
def side_stream() -> Iterator[Any]:
    import cupy

    stream = cupy.cuda.Stream(non_blocking=True)
    with stream:
        yield stream


@pytest.mark.gpu("cupy")
def test_futures_on_a_side_stream() -> None:
    """A long product on a side stream, used on the default one before it is done."""
    a = tl.tensor(np.random.default_rng(1).standard_normal((4096, 4096)), backend="cupy")
    C, D = tl.Tensor(), tl.Tensor()
    with side_stream():
        C["i,k"] = a["i,j"] * a["j,k"]
        pending = C.submit()
    D["i,k"] = C["i,k"] - 1.0
    np.testing.assert_allclose(D.numpy(), a.numpy() @ a.numpy() - 1, rtol=1e-10, atol=1e-10)
    assert pending.done()
