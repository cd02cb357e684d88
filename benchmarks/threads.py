"""A computation by one thread, beside the same by all."""

from __future__ import annotations

import importlib
from typing import Any

from benchmarks.case import Call

__all__ = ["ONE_THREAD", "with_one_thread"]

#: Name of that contender.
ONE_THREAD = "one thread"


def with_one_thread(call: Call) -> Call:
    """The call, with kernels that have one thread."""
    config: Any = importlib.import_module("numba").config

    def run() -> None:
        threads, config.NUMBA_NUM_THREADS = config.NUMBA_NUM_THREADS, 1
        try:
            call()
        finally:
            config.NUMBA_NUM_THREADS = threads

    return run
