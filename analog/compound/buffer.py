"""Digital buffers between two cells: what was read adds up until it is worth whole pulses."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from analog.cell import Site
from analog.kernels import Kernel

__all__ = ["Threshold", "accumulate"]


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


def accumulate(site: Site, buffer: Any, lines: Any, values: Any, scales: Any, threshold: Threshold) -> Any:
    """Add what was read to the buffer and take whole pulses out of it.

    Parameters
    ----------
    site : Site
        Where the buffer is.
    buffer : array
        (lines, elements of a line), changed in place.
    lines : array of int32
        Which lines were read, none twice.
    values : array
        What was read, (reads, elements of a line).
    scales : array or float
        Factors of the reads, NumPy's (reads,).
    threshold : Threshold
        When pulses are sent.

    Returns
    -------
    array of float32
        Pulses, with signs, like `values`.
    """
    pulses = site.storage.empty(tuple(values.shape))
    numbers = (threshold.size, threshold.limit, threshold.momentum, threshold.keep, threshold.cap * threshold.size)
    rule = (threshold.forget, *(np.float32(number) for number in numbers))
    factors = site.storage.take(np.broadcast_to(np.float32(scales), lines.shape))
    site.target.launch(ACCUMULATE, *values.shape, (lines, values, factors), (buffer, pulses), rule)
    return pulses


def _accumulate(row: int, first: int, last: int, reads: Any, kept: Any, rule: Any) -> None:
    lines, values, scales = reads
    buffer, pulses = kept
    forget, size, limit, momentum, keep, cap = rule
    line = lines[row]
    for column in range(first, last):
        held = keep * buffer[line, column] + scales[row] * values[row, column]
        magnitude = min(np.float32(math.floor(abs(held) / size)), limit)
        count = magnitude if held > 0 else -magnitude
        if magnitude > 0:
            held = momentum * held if forget else held - (np.float32(1) - momentum) * count * size
            if cap > 0 and not forget:
                held = min(max(held, -cap), cap)
        buffer[line, column] = held
        pulses[row, column] = count


ACCUMULATE = Kernel(_accumulate)
