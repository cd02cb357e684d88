"""What worker processes that are started here do first, and such as join them later: memory and processors."""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["settle"]

#: What `mallopt` of the GNU C library sets (malloc.h), to the bounds that it comes to by itself. dask lets workers give
#: freed memory back to the system at once; every larger array is then made of fresh pages, which takes longer than
#: small products do: updates of crossbars took twice as long.
KEPT = {"M_TRIM_THRESHOLD": (-1, 1 << 26), "M_MMAP_THRESHOLD": (-3, 1 << 25)}


def settle(dask_worker: Any, neighbours: int) -> None:
    """Keep memory that is freed, and a processor.

    Parameters
    ----------
    dask_worker : distributed.Worker
        This one, of one thread.
    neighbours : int
        Workers that were started with it on this machine.
    """
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        for parameter, value in KEPT.values():
            library.mallopt(parameter, value)
    _stay(dask_worker.name, neighbours)


def _stay(number: Any, neighbours: int) -> None:
    """Run all threads on one processor, if there is a worker for each.

    Some systems start whom a message wakes on the processor of the sender, and leave two workers there in turns while
    another processor has nothing to do. As batches they do not interrupt the sender either, which has others to wake.
    """
    processors = sorted(os.sched_getaffinity(0))
    if not isinstance(number, int) or neighbours < len(processors):
        return
    for thread in Path("/proc/self/task").iterdir():
        with suppress(OSError):  # it has ended, or the system does not let it
            os.sched_setaffinity(int(thread.name), {processors[number % len(processors)]})
            os.sched_setscheduler(int(thread.name), os.SCHED_BATCH, os.sched_param(0))
