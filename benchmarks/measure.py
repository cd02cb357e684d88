"""Timing contenders against each other on a machine that does other things too."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import repeat
from statistics import median
from time import perf_counter

from benchmarks.case import OURS, Call

__all__ = ["Timing", "compare"]

#: One sample lasts at least so many seconds; calls that are faster are repeated within it.
SHORTEST_SAMPLE = 2e-4


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds per call of every contender, one entry per round."""

    samples: dict[str, list[float]]

    @property
    def medians(self) -> dict[str, float]:
        """Median seconds per call."""
        return {name: median(times) for name, times in self.samples.items()}

    @property
    def best_peer(self) -> str:
        """The contender other than ours with the smallest median."""
        medians = self.medians
        return min((name for name in medians if name != OURS), key=medians.__getitem__)

    @property
    def ratio(self) -> float:
        """Our time over the best peer's, by medians."""
        return self.medians[OURS] / self.medians[self.best_peer]

    @property
    def ratio_of_minima(self) -> float:
        """The same by fastest rounds, which other processes disturb least."""
        fastest = {name: min(times) for name, times in self.samples.items()}
        return fastest[OURS] / min(time for name, time in fastest.items() if name != OURS)


def compare(contenders: Mapping[str, Call], rounds: int = 21, seconds: float = 4.0) -> Timing:
    """Time contenders round robin.

    Before every sample the contender is called once untimed, so that it finds its own data in the caches
    and its own thread pool awake. Every round starts with another contender.

    Parameters
    ----------
    contenders : mapping
        Name -> call.
    rounds : int
        Samples of every contender, at most.
    seconds : float
        Time after which no further round starts; at least three are made.
    """
    names = list(contenders)
    numbers = {name: _calls_per_sample(contenders[name]) for name in names}
    samples: dict[str, list[float]] = {name: [] for name in names}
    collecting = gc.isenabled()
    gc.disable()
    try:
        start = perf_counter()
        for i in range(rounds):
            if i >= 3 and perf_counter() - start > seconds:
                break
            for name in names[i % len(names) :] + names[: i % len(names)]:
                samples[name].append(_sample(contenders[name], numbers[name]))
    finally:
        if collecting:
            gc.enable()
    return Timing(samples)


def _calls_per_sample(call: Call) -> int:
    call()
    return max(1, round(SHORTEST_SAMPLE / max(_sample(call, 1), 1e-8)))


def _sample(call: Call, number: int) -> float:
    call()
    start = perf_counter()
    for _ in repeat(None, number):
        call()
    return (perf_counter() - start) / number
