"""The worker threads of torch's OpenMP."""

from __future__ import annotations

import ctypes
import importlib
from functools import lru_cache
from typing import Any

from tensorlayer.runtime import ThreadPool

__all__ = ["OPENMP"]

#: ``omp_pause_hard`` of the OpenMP standard: end the workers, rather than let them sleep.
_HARD = 2


@lru_cache(maxsize=1)
def _pause() -> Any:
    """OpenMP's function that ends the workers of the calling thread; None where torch has no OpenMP 5."""
    try:
        return ctypes.PyDLL(importlib.import_module("torch._C").__file__).omp_pause_resource_all
    except (AttributeError, OSError):
        return None


def _rest() -> None:
    pause = _pause()
    if pause is not None:
        pause(_HARD)


#: OpenMP starts its workers again at the next parallel loop.
OPENMP = ThreadPool("torch", _rest)
