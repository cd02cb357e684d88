"""Work that starts when other work is done, without a thread that waits for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import copy_context
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["submit_after"]


def submit_after(
    submit: Callable[[Callable[[], None]], Future[Any]], waited: Sequence[Future[Any]], task: Callable[[], Any]
) -> Future[Any]:
    """Run `task` once all of `waited` are done, under the options in force here.

    Parameters
    ----------
    submit : callable
        Hands a function to a pool.
    waited : sequence of Future
        What must be done first. If one fails or is cancelled, so does the result, and `task` never runs.
    task : callable
        The work; it may ask `waited` for their results without blocking.

    Returns
    -------
    Future
        Cancelled work that has not started never does.
    """
    chained = _Chained(submit, len(waited), copy_context().run, task)
    if not waited:
        chained.start()
    for future in waited:
        future.add_done_callback(chained.one_done)
    return chained.promised


class _Chained:
    """A task, and the number of futures it still waits for."""

    def __init__(self, submit: Callable[..., Future[Any]], left: int, *task: Callable[..., Any]) -> None:
        from concurrent.futures import Future

        self.promised: Future[Any] = Future()
        self._submit = submit
        self._left = left
        self._task = task
        self._lock = Lock()

    def one_done(self, future: Future[Any]) -> None:
        """Count a future that is done; the last one starts the task, the first that failed fails it."""
        if future.cancelled():
            self.promised.cancel()
            return
        with self._lock:
            if (error := future.exception()) is not None:
                self._fail(error)
                return
            self._left -= 1
            last = self._left == 0
        if last:
            self.start()

    def start(self) -> None:
        """Hand the task to the pool."""
        try:
            queued = self._submit(self._run)
        except Exception as error:  # noqa: BLE001  # a pool that is closed: whoever asks for the result is told
            self._fail(error)
        else:
            queued.add_done_callback(lambda job: self.promised.cancel() if job.cancelled() else None)

    def _run(self) -> None:
        if not self.promised.set_running_or_notify_cancel():
            return
        run, task = self._task
        try:
            result = run(task)
        except BaseException as error:  # noqa: BLE001  # whatever it is, it belongs to whoever asks for the result
            self.promised.set_exception(error)
        else:
            self.promised.set_result(result)

    def _fail(self, error: BaseException) -> None:
        # Another operand may have failed first, or the result may have been cancelled.
        if not self.promised.done() and self.promised.set_running_or_notify_cancel():
            self.promised.set_exception(error)
