"""Digital buffers between two cells: what was read adds up until it is worth whole pulses."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Threshold", "released"]

ONE = np.float32(1)


@dataclass(frozen=True, slots=True)
class Threshold:
    """When a buffer sends pulses, and what it keeps then.

    Parameters
    ----------
    size : float
        What one pulse takes.
    limit : int
        Most pulses at once.
    momentum : float
        Share that stays: of everything when `forget`, of what the pulses stand for otherwise.
    forget : bool
        Whether the rest is dropped when pulses are sent.
    keep : bool
        Whether there is a buffer at all; otherwise what is read is sent at once or lost.
    cap : float
        Most that stays after pulses when not forgetting, in units of `size`; 0 for any.
    """

    size: float = 1.0
    limit: int = 1
    momentum: float = 0.0
    forget: bool = True
    keep: bool = True
    cap: float = 0.0

    @property
    def rule(self) -> tuple[Any, ...]:
        """What `released` goes by."""
        numbers = (self.size, self.limit, self.momentum, self.keep, self.cap * self.size)
        return (self.forget, *(np.float32(number) for number in numbers))


def released(before: Any, added: Any, rule: Any) -> tuple[Any, Any]:
    """What a buffer keeps, and the pulses that it sends, with their sign; a function of numbers, for kernels."""
    forget, size, limit, momentum, keep, cap = rule
    held = keep * before + added
    magnitude = min(np.float32(math.floor(abs(held) / size)), limit)
    count = magnitude if held > 0 else -magnitude
    if magnitude > 0:
        held = momentum * held if forget else held - (ONE - momentum) * count * size
        if cap > 0 and not forget:
            held = min(max(held, -cap), cap)
    return held, count
