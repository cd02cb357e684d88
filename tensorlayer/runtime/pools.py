"""The worker threads that libraries keep: one pool awake at a time.

Threads of a pool that has just been used spin for a while, waiting for more. They take the cores from the
next library: measured on two cores, a product in torch takes 2.5 times as long right after one in NumPy.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar, final

__all__ = ["ThreadPool", "other_threads_wait", "waits_in"]

Function = TypeVar("Function", bound=Callable[..., Any])

_awake: ThreadPool | None = None

#: Where the innermost Python frame of a thread is that waits for work: (module, function).
_WAITS = {
    ("threading", "wait"),
    ("threading", "join"),
    ("threading", "_wait_for_tstate_lock"),
    ("selectors", "select"),
    ("concurrent.futures.thread", "_worker"),
}


@final
class ThreadPool:
    """The worker threads of one library.

    Parameters
    ----------
    name : str
        For printing.
    rest : callable
        Sends them to sleep, or ends them; the library wakes or starts them when it needs them.
    """

    __slots__ = ("name", "rest")

    def __init__(self, name: str, rest: Callable[[], None]) -> None:
        self.name = name
        self.rest = rest

    def wake(self) -> None:
        """Say that these threads are about to be used; those that were used before are sent to rest."""
        global _awake  # there is one set of cores
        before, _awake = _awake, self
        if before is not None and before is not self:
            before.rest()

    def waking(self, kernel: Callable[..., Any]) -> Callable[..., Any]:
        """A kernel that wakes this pool first; costs a comparison where it is awake."""

        def run(*arrays: Any) -> Any:
            if _awake is not self:
                self.wake()
            return kernel(*arrays)

        return run

    def __repr__(self) -> str:
        return f"<thread pool of {self.name}{', awake' if _awake is self else ''}>"


def waits_in(function: Function) -> Function:
    """Say of a function that a thread whose innermost Python frame it is waits, or computes without any library."""
    _WAITS.add((function.__module__, function.__name__))
    return function


def other_threads_wait() -> bool:
    """Whether every other Python thread is known to wait, so that none can be inside a library.

    As long as the caller keeps the global interpreter lock, none can leave its wait either.
    """
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        return threading.active_count() == 1
    own = threading.get_ident()
    frames = (frame for thread, frame in sys._current_frames().items() if thread != own)
    return all((frame.f_globals.get("__name__"), frame.f_code.co_name) in _WAITS for frame in frames)
