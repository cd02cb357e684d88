"""Where helping threads run: anywhere but on the processor of the thread that they help.

Some systems start a woken thread where the one runs that woke it, and move it only after a while: virtual machines that
pack their work do. Measured on one with two processors, for a kernel of 2 ms after a pause: the two threads took turns
on one processor in 19 of 20 calls.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from contextlib import suppress

__all__ = ["current_processor", "keep_off"]


def keep_off(thread: int, processor: int) -> None:
    """Have a thread run on the processors that the caller may use, but not on that one, if there are others.

    Parameters
    ----------
    thread : int
        The system's number for it, `threading.Thread.native_id`.
    processor : int
        As `current_processor` numbers them.
    """
    if sys.platform == "linux" and (others := os.sched_getaffinity(0) - {processor}):
        # A system that forbids it places threads as it likes; a thread may have ended.
        with suppress(OSError):
            os.sched_setaffinity(thread, others)


def _source() -> Callable[[], int]:
    try:
        # PyDLL keeps the interpreter lock: the call is shorter than handing it over would be.
        number: Callable[[], int] = ctypes.PyDLL(None).sched_getcpu
    except (AttributeError, OSError, TypeError):
        return lambda: -1
    return number if sys.platform == "linux" else lambda: -1


#: Number of the processor that runs the caller; -1 if the system does not tell, or places no threads.
current_processor = _source()
