"""Threads of OpenMP sleep while they wait, as long as crossbars compute beside them.

Kernels of crossbars and parallel loops of torch take turns on the same processors. After a loop, and at its end,
threads of OpenMP spin for some milliseconds, on processors that the kernels' threads could use; and where a system
starts a woken thread on the processor of the one that woke it, that one spins while the other waits for the
processor: 8 ms for a loop of 0.1 ms. Measured on two such processors, a step of LeNet-5 on noisy crossbars took 99
ms, and 22 ms without spinning.

The runtime that torch is built with on Linux, libgomp, hardly spins where there are more of its threads than
processors (its manual, *GOMP_SPINCOUNT*). So one thread that has run one loop of torch, and sleeps since, with those
that OpenMP has given it, makes all waits of the process short, if torch uses more than half of the processors. It
ends soon after the last product, since loops of torch alone, one after the other, gain by spinning.
"""

from __future__ import annotations

import os
import threading
from time import monotonic, sleep

import torch

__all__ = ["sleep_while_waiting"]

#: Whoever sets one of these has decided how OpenMP waits.
IS_DECIDED = any(name in os.environ for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"))

#: Seconds after the last product.
LEASE = 0.1

#: Elements for which torch's loops take one thread more.
GRAIN = 1 << 15


def sleep_while_waiting() -> None:
    """Have OpenMP's threads hardly spin for the next 0.1 s, if there are several."""
    if not IS_DECIDED and torch.get_num_threads() > 1:
        _crowd.stay()


class _Crowd:
    """A thread that sleeps, with as many of OpenMP's as torch uses."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0
        self._is_there = False

    def stay(self) -> None:
        with self._lock:
            self._until = monotonic() + LEASE
            if self._is_there:
                return
            self._is_there = True
        came = threading.Event()
        threading.Thread(target=self._sleep, args=(came,), name="openmp crowd", daemon=True).start()
        came.wait(LEASE)

    def _sleep(self, came: threading.Event) -> None:
        torch.zeros(torch.get_num_threads() * GRAIN, device="cpu").add_(1)
        came.set()
        while (left := self._left()) > 0:
            sleep(left)

    def leave(self) -> None:
        """Threads do not outlive a fork."""
        self._lock, self._is_there = threading.Lock(), False

    def _left(self) -> float:
        with self._lock:
            left = self._until - monotonic()
            self._is_there = left > 0
        return left


_crowd = _Crowd()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_crowd.leave)
