"""What the machine has for kernels: threads, and instructions for half precision and powers of two."""

from __future__ import annotations

import importlib
import platform
from functools import lru_cache
from typing import Any

__all__ = ["converts_halves", "scales_vectors", "thread_count"]


def thread_count() -> int:
    """Threads that a kernel may use: ``NUMBA_NUM_THREADS``, or the cores there are."""
    config: Any = importlib.import_module("numba").config
    return int(config.NUMBA_NUM_THREADS)


@lru_cache(maxsize=1)
def converts_halves() -> bool:
    """Whether there are instructions that convert numbers of half precision; kernels have nothing else for it."""
    binding: Any = importlib.import_module("llvmlite.binding")
    return bool(binding.get_host_cpu_features().get("f16c")) or platform.machine().lower() in ("arm64", "aarch64")


@lru_cache(maxsize=1)
def scales_vectors() -> bool:
    """Whether one instruction multiplies many elements by powers of two, and the compiler knows it."""
    binding: Any = importlib.import_module("llvmlite.binding")
    features = binding.get_host_cpu_features()
    return binding.llvm_version_info[0] >= 22 and bool(features.get("avx512f")) and bool(features.get("avx512vl"))
