"""Elements that are not there yet."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from tensorlayer.buffer.buffer import Buffer
from tensorlayer.buffer.operands import run_here
from tensorlayer.errors import FutureCancelledError, FutureTimeoutError
from tensorlayer.layout import PhysicalLayout
from tensorlayer.runtime import submit_after

if TYPE_CHECKING:
    from concurrent.futures import Future

    from tensorlayer.buffer.allocator import Allocator
    from tensorlayer.graph import Input, OpGraph

__all__ = ["FutureBuffer"]

Task = Callable[[], tuple[Buffer, ...]]


class FutureBuffer(Buffer):
    """Elements on their way; the layout is known at once, and further work can be asked for without waiting.

    Work that fails raises its error where the elements are asked for, not before.

    Parameters
    ----------
    layout : PhysicalLayout
        What will be there.
    allocator : Allocator
        What made it.
    future : concurrent.futures.Future
        Gives a tuple of buffers: several results of one graph are computed together.
    position : int, optional
        Which of them this is; the first when left out.
    """

    kind: ClassVar[str] = "future"
    precedence: ClassVar[int] = 4
    __slots__ = ("future", "position")

    def __init__(self, layout: PhysicalLayout, allocator: Allocator, future: Future[Any], position: int = 0) -> None:
        super().__init__(layout, allocator)
        self.future = future
        self.position = position

    # -- waiting ---------------------------------------------------------------------------------------------

    def done(self) -> bool:
        """Whether the elements are there, or never will be (an error, a cancellation). Never waits."""
        return self.future.done() and (self._is_lost() or self.launched().is_complete())

    def launched(self) -> Buffer:
        """The buffer whose elements the device computes or has computed. Waits for the launch only; never copies."""
        buffers: tuple[Buffer, ...] = self._waited(self.future.result, None)
        return buffers[self.position]

    def result(self, timeout: float | None = None) -> Buffer:
        """Wait for the elements. Never copies.

        Parameters
        ----------
        timeout : float, optional
            Seconds to wait at most; without end when left out.

        Raises
        ------
        FutureTimeoutError
            If they are not there in time; the work goes on.
        FutureCancelledError
            If the work was cancelled.
        Exception
            What the work raised.
        """
        limit = None if timeout is None else monotonic() + timeout
        buffers: tuple[Buffer, ...] = self._waited(self.future.result, timeout)
        buffer = buffers[self.position]
        self._waited(buffer.wait, None if limit is None else max(limit - monotonic(), 0.0))
        return buffer

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Wait, and give what the work raised, or None; times out as `result` does."""
        return self._waited(self.future.exception, timeout)  # type: ignore[no-any-return]

    def cancel(self) -> bool:
        """Give the work up, with all results of the same graph and all that was asked of them.

        Returns
        -------
        bool
            False if it has begun or is done: then it is not cancelled.
        """
        return self.future.cancel()

    def _waited(self, ask: Callable[[float | None], Any], timeout: float | None) -> Any:
        from concurrent.futures import CancelledError

        try:
            return ask(timeout)
        except CancelledError:
            raise FutureCancelledError(f"{self!r} was cancelled: record and compute the statement again") from None
        except TimeoutError:
            if self.future.done() and self._is_lost():  # the work itself raised it
                raise
            raise FutureTimeoutError(f"{self!r} was not there after {timeout} s; ask again, or cancel it") from None

    def __await__(self) -> Generator[Any, None, Buffer]:
        import asyncio

        buffers = yield from asyncio.wrap_future(self.future).__await__()
        return buffers[self.position]  # type: ignore[no-any-return]

    # -- as a buffer -----------------------------------------------------------------------------------------

    @property
    def nbytes(self) -> int:
        """Bytes of the elements; 0 until they are there."""
        return self.launched().nbytes if self.done() and not self._is_lost() else 0

    def _is_lost(self) -> bool:
        """Whether work that is done gave no elements."""
        return self.future.cancelled() or self.future.exception() is not None

    def unwrap(self) -> Any:
        """The library's own object. Waits for the launch; copies as the buffer that arrives does."""
        return self.launched().unwrap()

    def slice(self, first: Sequence[int], last: Sequence[int]) -> FutureBuffer:
        """The elements in a half-open box, in the future too. Never waits; might copy when they arrive."""
        return self._later(self.layout.slice(first, last), lambda: (self.launched().slice(first, last),))

    def chip(self, at: Mapping[int, int]) -> FutureBuffer:
        """The elements with some modes fixed, in the future too. Never waits; might copy when they arrive."""
        return self._later(self.layout.chip(at), lambda: (self.launched().chip(at),))

    def _later(self, layout: PhysicalLayout, task: Task) -> FutureBuffer:
        future = submit_after(self.runtime.submit, [self.future], self.backend.in_background(task))
        return FutureBuffer(layout.replace(order=None), self.allocator, future)

    def _compute(self, graph: OpGraph, operands: Mapping[Input, Buffer]) -> tuple[Buffer, ...]:
        awaited = {buffer.future: None for buffer in operands.values() if isinstance(buffer, FutureBuffer)}
        stored = self.allocator.rebind("local")

        def task() -> tuple[Buffer, ...]:
            ready = {n: b.launched() if isinstance(b, FutureBuffer) else b for n, b in operands.items()}
            return run_here(stored, graph, ready)

        future = submit_after(self.runtime.submit, list(awaited), self.backend.in_background(task))
        layouts = [
            PhysicalLayout(sink.shape, sink.dtype, order=None, placement=stored.device) for sink in graph.sink_nodes
        ]
        return tuple(FutureBuffer(layout, self.allocator, future, i) for i, layout in enumerate(layouts))
