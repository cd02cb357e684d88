"""What came out of one case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.case import OURS, Case
from benchmarks.measure import Samples

__all__ = ["Outcome", "readable"]

Statistic = Callable[[list[float]], float]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case and its samples; times are in seconds."""

    topic: str
    case: Case
    samples: Samples

    def times(self, statistic: Statistic = median) -> dict[str, float]:
        """Contender -> seconds per call."""
        return {name: statistic(values) for name, values in self.samples.items()}

    def fastest(self) -> str | None:
        """The peer with the smallest median."""
        times = self.times()
        return min((name for name in times if name != OURS), key=times.__getitem__, default=None)

    def reference(self, statistic: Statistic = median) -> float:
        """What our time is compared with; 0 if there is no peer."""
        times = self.times(statistic)
        if self.case.parts:
            return sum(times[name] for name in self.case.parts)
        return min((time for name, time in times.items() if name != OURS), default=0.0)

    def ratio(self, statistic: Statistic = median) -> float | None:
        """Our time over the reference."""
        reference = self.reference(statistic)
        return self.times(statistic)[OURS] / reference if reference else None

    def holds(self, statistic: Statistic = median) -> bool:
        """Whether the goal is met."""
        allowed = self.case.limit * self.reference(statistic) + self.case.allowance
        return self.times(statistic)[OURS] <= allowed

    def as_dict(self) -> dict[str, Any]:
        """Plain data for the file of results."""
        return {
            "topic": self.topic,
            "case": self.case.name,
            "goal": self.case.goal,
            "ratio_of_medians": self.ratio(),
            "ratio_of_minima": self.ratio(min),
            "median_seconds": self.times(),
            "minimum_seconds": self.times(min),
            "rounds": len(self.samples[OURS]),
        }


def readable(seconds: float) -> str:
    """A time with three digits and its unit.

    Examples
    --------
    >>> readable(0.00123)
    '1.23 ms'
    """
    for unit, scale in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if seconds * scale >= 1:
            return f"{seconds * scale:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"
