"""A word to somebody who waits at a terminal while kernels are compiled."""

from __future__ import annotations

import logging
import sys
from threading import Lock
from time import perf_counter

__all__ = ["NOTICE"]

#: To the beginning of the line, and all of it away.
CLEAR = "\r\x1b[K"

_log = logging.getLogger(__name__)


class _Notice:
    """A line on standard error as long as a kernel is compiled, if that is a terminal or a notebook.

    The logger of this module hears of every kernel, at level INFO.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._count, self._seconds, self._since = 0, 0.0, 0.0

    def begin(self) -> None:
        """A kernel is going to be compiled."""
        with self._lock:
            self._count, self._since = self._count + 1, perf_counter()
            so_far = f"{self._count}, {self._seconds:.0f} s so far"
            _write(f"compiling kernels ({so_far}); they are kept on disk, and loaded the next time")

    def end(self) -> None:
        """It is there."""
        with self._lock:
            took = perf_counter() - self._since
            self._seconds += took
            _log.info("kernel %d of this process compiled in %.2f s", self._count, took)
            _write("")


def _write(text: str) -> None:
    stream = sys.stderr
    if stream is not None and (stream.isatty() or type(stream).__module__.startswith("ipykernel.")):
        stream.write(CLEAR + text)
        stream.flush()


NOTICE = _Notice()
