"""The worker threads of NumPy's BLAS."""

from __future__ import annotations

import ctypes
import importlib
from functools import lru_cache
from typing import Any

from tensorlayer.runtime import ThreadPool, other_threads_wait

__all__ = ["BLAS"]


@lru_cache(maxsize=1)
def _shutdown() -> Any:
    """OpenBLAS's function that ends its workers; None where NumPy uses another BLAS."""
    try:
        # PyDLL keeps the interpreter lock: no thread can enter BLAS meanwhile. A symbol is looked up in the
        # libraries that this one was linked with, wherever they are.
        return ctypes.PyDLL(importlib.import_module("numpy.linalg._umath_linalg").__file__).blas_thread_shutdown_
    except (AttributeError, OSError):
        return None


def _rest() -> None:
    # Ending the workers under a product that another thread computes would lose it.
    end = _shutdown()
    if end is not None and other_threads_wait():
        end()


#: OpenBLAS starts its workers again at the next product that needs them.
BLAS = ThreadPool("numpy", _rest)
