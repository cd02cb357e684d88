"""Timing contenders against each other on a machine that does other things too."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from itertools import repeat
from resource import RUSAGE_CHILDREN, getrusage
from time import perf_counter, process_time, sleep

from benchmarks.case import Call

__all__ = ["Clock", "Samples", "compare", "cpu_time"]

#: Seconds so far.
Clock = Callable[[], float]

#: One sample lasts at least so many seconds; faster calls are repeated within it, as users do in loops: a single
#: call of 1 ms takes up to a quarter longer after a rest.
SHORTEST_SAMPLE = 5e-3

#: Contender -> seconds per call, one entry per round.
Samples = dict[str, list[float]]


def cpu_time() -> float:
    """Seconds that this process and those it waited for have used, on a machine that others use too."""
    children = getrusage(RUSAGE_CHILDREN)
    return process_time() + children.ru_utime + children.ru_stime


def compare(
    contenders: Mapping[str, Call],
    rounds: int = 21,
    seconds: float = 10.0,
    clock: Clock = perf_counter,
    rest: float = 0.03,
) -> Samples:
    """Time contenders round robin.

    Before every sample the contender is called once untimed, so that it finds its own data in the caches
    and its own threads awake. Every round starts with another contender.

    Parameters
    ----------
    contenders : mapping
        Name -> call.
    rounds : int
        Samples of every contender, at most.
    seconds : float
        Time after which no further round starts; at least five are made.
    clock : callable
        What seconds are read from.
    rest : float
        Seconds before each contender: the threads of the one before spin, waiting for more work.
    """
    names = list(contenders)
    numbers = {name: _calls_per_sample(contenders[name], clock) for name in names}
    samples: Samples = {name: [] for name in names}
    collecting = gc.isenabled()
    gc.disable()
    try:
        start = perf_counter()
        for i in range(rounds):
            if i >= 5 and perf_counter() - start > seconds:
                break
            for name in names[i % len(names) :] + names[: i % len(names)]:
                sleep(rest)
                samples[name].append(_sample(contenders[name], numbers[name], clock))
    finally:
        if collecting:
            gc.enable()
    return samples


def _calls_per_sample(call: Call, clock: Clock) -> int:
    call()
    return max(1, round(SHORTEST_SAMPLE / max(_sample(call, 1, clock), 1e-8)))


def _sample(call: Call, number: int, clock: Clock) -> float:
    call()
    start = clock()
    for _ in repeat(None, number):
        call()
    return (clock() - start) / number
