"""What the machine has for kernels: threads, caches, and instructions for half precision and powers of two."""

from __future__ import annotations

import importlib
import platform
from functools import lru_cache
from pathlib import Path
from typing import Any

__all__ = ["cache_bytes", "converts_halves", "scales_vectors", "thread_count", "vector_bytes"]

#: Bytes.
USUAL_CACHE = 32 << 20


def thread_count() -> int:
    """Threads that a kernel may use: ``NUMBA_NUM_THREADS``, or the cores there are."""
    return int(_config().NUMBA_NUM_THREADS)


@lru_cache(maxsize=1)
def _config() -> Any:
    return importlib.import_module("numba").config


@lru_cache(maxsize=1)
def cache_bytes() -> int:
    """Size of the largest cache of a processor; where the system does not tell, what is usual."""
    units = {"K": 1 << 10, "M": 1 << 20}
    files = Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size")
    try:
        sizes = [text.strip() for text in map(Path.read_text, files)]
        return max(int(size[:-1]) * units[size[-1:]] for size in sizes)
    except (OSError, ValueError, KeyError):
        return USUAL_CACHE


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


@lru_cache(maxsize=1)
def vector_bytes() -> int:
    """Bytes of the widest registers whose numbers are multiplied by one instruction."""
    binding: Any = importlib.import_module("llvmlite.binding")
    features = binding.get_host_cpu_features()
    return 64 if features.get("avx512f") else 32 if features.get("avx2") else 16
