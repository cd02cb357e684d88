"""When which lines of which cell are transferred to the next.

The gradient of a batch is applied vector after vector, and a transfer that falls due after a vector is made there. A
line (a column, or a row) of a cell does not depend on its other lines, so what is done to the other lines before or
after the transfer does not matter. A batch is therefore cut into spans in which every line is read at most once: a span
costs two passes over the pulses, however many transfers it holds, and gives what one transfer after the other would.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Lines", "Span", "due", "period", "spans"]

Lines = NDArray[np.int32]


@dataclass(frozen=True, eq=False, slots=True)
class Span:
    """Consecutive vectors of a batch.

    Attributes
    ----------
    first, last : int
        Its vectors, `last` left out.
    lines : array of int32
        The lines of the first cell that are read, in the order of reading, none twice.
    until : array of int32
        How many vectors of the span each of them has seen when it is read.
    later : tuple of int
        The other cells that transfer at the end of the span, in order.
    """

    first: int
    last: int
    lines: Lines
    until: Lines
    later: tuple[int, ...] = ()


def period(every: float, batch: int, *, in_batches: bool) -> int:
    """After how many vectors a transfer falls due; 0 for never."""
    return math.ceil(every * batch) if in_batches else round(every)


def spans(
    done: int, batch: int, periods: Sequence[int], lines_of: Callable[[int], Lines], closes: Callable[[Lines], bool]
) -> Iterator[Span]:
    """Cut a batch into spans.

    Parameters
    ----------
    done : int
        Vectors before the batch.
    batch : int
        Vectors of the batch.
    periods : sequence of int
        Of every cell that transfers, as from `period`.
    lines_of : callable
        The lines of so many next transfers of the first cell, one transfer after the other; called at most once.
    closes : callable
        Whether a span ends after a transfer of those lines because all lines change with it.
    """
    span = _OpenSpan(0)
    times = due(done, batch, periods).tolist()
    transfers = len(due(done, batch, periods[:1]))
    reads = iter(lines_of(transfers).reshape(transfers, -1) if transfers else ())
    for now in times:
        now_due = [number for number, every in enumerate(periods) if every and (done + now) % every == 0]
        if now_due[0] == 0:
            lines = next(reads)
            if span.holds(lines):
                yield span.closed(span.latest)
                span = _OpenSpan(span.latest)
            span.read(lines, now)
        later = tuple(number for number in now_due if number)
        if later or (now_due[0] == 0 and closes(span.lines[-1])):
            yield span.closed(now, later)
            span = _OpenSpan(now)
    if span.first < batch:
        yield span.closed(batch)


class _OpenSpan:
    """A span that may still grow."""

    def __init__(self, first: int) -> None:
        self.first = self.latest = first
        self.lines: list[Lines] = []
        self._until: list[int] = []
        self._seen: set[int] = set()

    def holds(self, lines: Lines) -> bool:
        return not self._seen.isdisjoint(lines.tolist())

    def read(self, lines: Lines, now: int) -> None:
        self.latest = now
        self.lines.append(lines)
        self._until += [now - self.first] * len(lines)
        self._seen.update(lines.tolist())

    def closed(self, last: int, later: tuple[int, ...] = ()) -> Span:
        lines = np.concatenate([np.zeros(0, np.int32), *self.lines])
        return Span(self.first, last, lines, np.array(self._until, np.int32), later)


def due(done: int, batch: int, periods: Sequence[int]) -> Lines:
    """The vectors of a batch, counted from 1, after which a transfer falls due."""
    times = [np.arange(every - done % every, batch + 1, every, dtype=np.int32) for every in periods if every]
    return times[0] if len(times) == 1 else np.unique(np.concatenate([np.zeros(0, np.int32), *times]))
