"""Sweeps on two worker processes: what they take beside their runs."""

from __future__ import annotations

import atexit
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from analog.distributed import sweep
from benchmarks.case import OURS, Call, Case
from tensorlayer.runtime import Runtime

__all__ = ["CASES"]

RUNS = 1000
#: Seconds of a run. What a sweep takes beside its runs depends on their number, not on their length, so short ones do.
SECONDS = 2e-3
#: Seconds that a sweep may take beside its runs: of this number of runs of 8 ms, a twentieth.
BESIDE = 0.2
HALF = "half of them here"


@lru_cache(maxsize=1)
def _workers() -> Runtime:
    runtime = Runtime.local(processes=2)
    atexit.register(runtime.close)
    return runtime


def _run(seed: int) -> dict[str, int]:
    """Computes for so long, and does nothing else."""
    end = perf_counter() + SECONDS
    while perf_counter() < end:
        pass
    return {"seed squared": seed**2}


def _contenders() -> dict[str, Call]:
    client = _workers()

    def sweeping() -> None:
        with TemporaryDirectory() as folder:
            sweep(_run, {"seed": range(RUNS)}, path=Path(folder) / "runs", client=client)

    def half() -> None:
        for seed in range(RUNS // 2):
            _run(seed)

    return {OURS: sweeping, HALF: half}


CASES = (
    Case(
        f"sweep of {RUNS} runs of {SECONDS * 1e3:g} ms, two workers",
        _contenders,
        limit=1.0,
        parts=(HALF,),
        allowance=BESIDE,
        check=False,
    ),
)
