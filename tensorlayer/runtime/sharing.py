"""The threads that share out the tasks of a compiled kernel.

They are Python's, and sleep between kernels; a kernel holds no interpreter lock. Unlike the layers that compilers
bring they may be used by several threads at once, survive a fork, and take no cores from other libraries by spinning.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Lock, Thread
from typing import final

from tensorlayer.runtime.pools import ThreadPool, waits_in
from tensorlayer.runtime.processors import current_processor, keep_off

__all__ = ["LOOPS", "together"]

#: These threads need no sending to rest, but those of other libraries do before a kernel starts.
LOOPS = ThreadPool("compiled loops", lambda: None)


def together(works: Sequence[Callable[[], None]], finished: Callable[[], bool] = lambda: False) -> None:
    """Call the first function in the calling thread, and each of the others in a thread of its own meanwhile.

    Parameters
    ----------
    works : sequence of callable
        Each takes what is left to do, until nothing is: those that no thread has begun by then are not called. A
        function that has the interpreter lock keeps the others waiting, so each should soon be in compiled code.
    finished : callable, optional
        Whether nothing is left to do once the first function is through: then those that have begun are not waited
        for. They must not fail.
    """
    here = current_processor()
    sent = [(helper, helper.send(work, here)) for work, helper in zip(works[1:], _taken(len(works) - 1), strict=False)]
    try:
        works[0]()
    finally:
        for helper, job in sent:
            # What has begun must be finished before arrays go away.
            if not (job.withdraw() or finished()):
                job.wait()
            _asleep.append(helper)
    for _, job in sent:
        if job.error is not None:
            raise job.error


@final
class _Job:
    """Something to do, once: by the thread that it was sent to, unless it is withdrawn before."""

    __slots__ = ("_begun", "_ended", "_work", "error")

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._begun, self._ended = Lock(), Lock()
        self._ended.acquire()
        self.error: BaseException | None = None

    def run(self) -> bool:
        """Do it; true, for there may be more to do."""
        if self._begun.acquire(blocking=False):
            try:
                self._work()
            except BaseException as error:  # noqa: BLE001  # whatever it is, it belongs to the thread that is helped
                self.error = error
            finally:
                self._ended.release()
        return True

    def withdraw(self) -> bool:
        """Whether it had not begun; then it never does."""
        return self._begun.acquire(blocking=False)

    def wait(self) -> None:
        """Wait until it is done."""
        self._ended.acquire()


@final
class _Last:
    """What a helper leaves by."""

    def run(self) -> bool:
        return False


@final
class _Helper:
    """A thread that does jobs, and sleeps between them."""

    __slots__ = ("_avoided", "_jobs", "_thread")

    def __init__(self, number: int) -> None:
        self._jobs: SimpleQueue[_Job | _Last] = SimpleQueue()
        self._avoided = -1
        self._thread = Thread(target=_serve, args=(self._jobs,), name=f"tensorlayer-loop-{number}", daemon=True)
        self._thread.start()

    def send(self, work: Callable[[], None], here: int) -> _Job:
        """Have it done, on another processor than `here`."""
        if here != self._avoided and self._thread.native_id is not None:
            keep_off(self._thread.native_id, here)
            self._avoided = here
        job = _Job(work)
        self._jobs.put(job)
        return job

    def leave(self) -> None:
        """Have the thread end after what it does."""
        self._jobs.put(_Last())
        self._thread.join()


@waits_in
def _serve(jobs: SimpleQueue[_Job | _Last]) -> None:
    # No name for the job: what it works on would live until the next one comes.
    while jobs.get().run():
        pass


#: The helpers that nobody uses just now, and all there are.
_asleep: list[_Helper] = []
_helpers: list[_Helper] = []


def _taken(number: int) -> list[_Helper]:
    """Helpers for one kernel: fewer than asked for if others have them, for all of these work on as many cores."""
    while len(_helpers) < number:
        _helpers.append(_Helper(len(_helpers)))
        _asleep.append(_helpers[-1])
    taken = list[_Helper]()
    try:
        while len(taken) < number:
            taken.append(_asleep.pop())
    except IndexError:
        pass
    return taken


def _forget() -> None:
    _asleep.clear()
    _helpers.clear()


@atexit.register
def _dismiss() -> None:
    """End all helpers: an interpreter that ends would tear one out of compiled code on its way back to it."""
    for helper in _helpers:
        helper.leave()
    _forget()


if hasattr(os, "register_at_fork"):
    # The child has none of the threads.
    os.register_at_fork(after_in_child=_forget)
