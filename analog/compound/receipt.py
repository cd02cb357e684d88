"""From what lines held when they were read to pulses of the next device: reading, buffer and writing in one kernel."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from analog.compound.delivery import Delivery, received
from analog.compound.passage import bound_of
from analog.compound.reading import Reading
from analog.compound.transit import Reads
from analog.compound.writing import Place
from analog.kernels import Kernel
from analog.kernels.half import widened
from analog.mvm.rounding import nearest
from analog.pulses.sequence import walk

__all__ = ["receive"]


def receive(
    to: Place,
    reads: Reads,
    held: Any,
    reading: tuple[Reading, tuple[Any, ...]],
    delivery: Delivery,
    step: float,
    *,
    rows: bool,
) -> None:
    """Write what was read into a simple cell, line by line in order of time.

    Parameters
    ----------
    to : tuple
        The cell.
    reads : Reads
        Which lines were read.
    held : array
        What they held, (reads, elements of a line); overwritten.
    reading : tuple
        From `analog.compound.reading.reading`.
    delivery : Delivery
        How what was read becomes pulses.
    step : float
        Pulses of the device for each that the buffer sends.
    rows : bool
        Whether lines are rows.
    """
    site = to[2]
    lines, elements = delivery.buffer.shape
    bound, arrays = bound_of(to)
    read, numbers = reading
    kernel = _receiving(read, walk(bound.step, bound.normals))
    done = site.storage.zeros((lines, elements), np.int32)
    told = numbers, *delivery.arguments
    site.target.launch(kernel, lines, elements, held, reads.order, told, np.float32(step), done, arrays, rows)


@lru_cache(maxsize=1024)
def _receiving(read: Reading, write: Callable[..., Any]) -> Kernel:
    def body(
        row: int,
        first: int,
        last: int,
        held: Any,
        order: Any,
        told: Any,
        size: Any,
        done: Any,
        device: Any,
        lines_are_rows: bool,
    ) -> None:
        starts, numbers = order
        reading, reads, kept, rule = told
        weights, min_bound, max_bound, arguments, address = device
        for turn in range(starts[row], starts[row + 1]):
            number = numbers[turn]
            for element in range(first, last):
                value = read(held[number, element], number, element, reading)
                held[number, element] = nearest(size * received(value, number, row, element, reads, kept, rule))
            for element in range(first, last):
                pulses = np.int64(held[number, element])
                if pulses != 0:
                    i, j = (row, element) if lines_are_rows else (element, row)
                    place, bounds = (
                        (i * weights.shape[1] + j, i, j),
                        (widened(min_bound[i, j]), widened(max_bound[i, j])),
                    )
                    before = np.int64(done[row, element])
                    weights[i, j] = write(weights[i, j], pulses, before, *bounds, place, arguments, address)
                    done[row, element] += abs(pulses)

    return Kernel(body)
