"""How many threads a kernel may use."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["thread_count"]


def thread_count() -> int:
    """Threads that a kernel may use: ``NUMBA_NUM_THREADS``, or the cores there are."""
    config: Any = importlib.import_module("numba").config
    return int(config.NUMBA_NUM_THREADS)
