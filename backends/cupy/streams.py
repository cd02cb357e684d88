"""Work on CUDA streams: buffers whose elements the device is still computing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol, final

from backends.cupy.device import on_device
from tensorlayer.buffer import Allocator, Buffer, LocalBuffer
from tensorlayer.layout import PhysicalLayout

__all__ = ["StreamBuffer", "in_background"]

#: Seconds between two looks at an event that is waited for with a time limit.
PAUSE = 1e-4


class Event(Protocol):
    """A mark in a stream; CuPy's events are such."""

    @property
    def done(self) -> bool:
        """Whether the device has got there."""

    def synchronize(self) -> None:
        """Wait until it has."""


def current_stream() -> Any:
    """CuPy's current stream of this thread."""
    import cupy

    return cupy.cuda.get_current_stream()


@final
class StreamBuffer(LocalBuffer):
    """Elements in this process that the device has been told to compute.

    Parameters
    ----------
    layout : PhysicalLayout or None
        What is held.
    allocator : Allocator
        What made it.
    array : object
        The library's object.
    event : Event
        The mark in the stream after which the elements are there.
    """

    __slots__ = ("_event",)

    def __init__(self, layout: PhysicalLayout | None, allocator: Allocator, array: Any, event: Event) -> None:
        super().__init__(layout, allocator, array)
        self._event = event

    def unwrap(self) -> Any:
        """The library's object itself. Never copies; what the current stream does next waits, the host does not."""
        if not self._event.done:
            current_stream().wait_event(self._event)
        return super().unwrap()

    def is_complete(self) -> bool:
        """Whether the device has finished. Never waits."""
        return self._event.done

    def wait(self, timeout: float | None = None) -> None:
        """Wait for the device.

        Raises
        ------
        TimeoutError
            If it has not finished after `timeout` seconds.
        """
        if timeout is None:
            self._event.synchronize()
            return
        limit = time.monotonic() + timeout
        while not self._event.done:
            if time.monotonic() >= limit:
                raise TimeoutError(f"the device has not finished after {timeout} s")
            time.sleep(PAUSE)


def in_background(task: Callable[[], tuple[Buffer, ...]]) -> Callable[[], tuple[Buffer, ...]]:
    """`task`, to be called in another thread, on the stream that is current here.

    What it gives are buffers that know when the device is done; the thread only launches. On one stream
    everything happens in the order of the launches, so memory that is freed here is not used again too early.
    """
    stream = current_stream()

    def run() -> tuple[Buffer, ...]:
        with stream:
            return tuple(_marked(buffer, stream) for buffer in task())

    return run


def _marked(buffer: Buffer, stream: Any) -> Buffer:
    if not isinstance(buffer, LocalBuffer):
        return buffer
    # Every device has its own default stream.
    with on_device(buffer.layout.placement):
        event = stream.record()
    return StreamBuffer(buffer.layout, buffer.allocator, buffer.unwrap(), event)
