"""The threads that share out the tasks of a compiled kernel.

They are Python's, and sleep between kernels; a kernel holds no interpreter lock. Unlike the layers that compilers
bring they may be used by several threads at once, survive a fork, and take no cores from other libraries by spinning.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import count

from tensorlayer.runtime.pools import ThreadPool

__all__ = ["LOOPS", "share_out", "together"]

#: Pieces per thread: what one thread does not get to do, another does.
PIECES = 4

#: These threads need no sending to rest, but those of other libraries do before a kernel starts.
LOOPS = ThreadPool("compiled loops", lambda: None)


@lru_cache(maxsize=1)
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="tensorlayer-loop")


if hasattr(os, "register_at_fork"):
    # The child has none of the threads.
    os.register_at_fork(after_in_child=_pool.cache_clear)


def share_out(run: Callable[[int, int], None], tasks: int, threads: int) -> None:
    """Call ``run(first, last)`` until all tasks are done; the calling thread works too.

    Parameters
    ----------
    run : callable
        Does a range of tasks.
    tasks : int
        Number of tasks.
    threads : int
        How many threads may work at once.
    """
    if min(threads, tasks) < 2:
        run(0, tasks)
        return
    pieces = min(tasks, PIECES * threads)
    numbers = count()

    def work() -> None:
        # Taking the next number is one step of the interpreter.
        while (piece := next(numbers)) < pieces:
            run(piece * tasks // pieces, (piece + 1) * tasks // pieces)

    together(work, threads)


def together(work: Callable[[], None], threads: int) -> None:
    """Call `work` in the calling thread, and in others for as long as that takes.

    Parameters
    ----------
    work : callable
        Takes what is left to do, until nothing is.
    threads : int
        How many threads work.
    """
    helpers = [_pool(threads).submit(work) for _ in range(threads - 1)]
    try:
        work()
    finally:
        # A helper that has not begun finds nothing left to do; one that has must finish before arrays go away.
        for helper in helpers:
            if not helper.cancel():
                helper.result()
