"""The locks of Python's C interface, which machine code may use without the interpreter lock."""

from __future__ import annotations

import ctypes
from typing import Any

__all__ = ["ACQUIRE", "RELEASE", "closed_lock"]


def _address_of(function: Any) -> int:
    return ctypes.cast(function, ctypes.c_void_p).value or 0


#: Addresses of ``int acquire(lock, int waits)`` and ``void release(lock)``.
ACQUIRE = _address_of(ctypes.pythonapi.PyThread_acquire_lock)
RELEASE = _address_of(ctypes.pythonapi.PyThread_release_lock)


def closed_lock() -> int:
    """The address of a new lock that somebody has; it lives as long as the process."""
    new = ctypes.PYFUNCTYPE(ctypes.c_void_p)(("PyThread_allocate_lock", ctypes.pythonapi))
    lock: int | None = new()
    if lock is None:
        raise MemoryError("the system makes no more locks")
    ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)(ACQUIRE)(lock, 1)
    return lock
