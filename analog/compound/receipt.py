"""From what was read, of lines that are read many times in a batch, to pulses of the next device, in one kernel."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from analog.compound.delivery import Delivery, received
from analog.compound.passage import Course
from analog.compound.transit import Reads
from analog.kernels import Kernel
from analog.mvm.rounding import nearest
from analog.pulses.sequence import Function, bounds_of, go_on, walk

__all__ = ["receive"]


def receive(course: Course, reads: Reads, values: Any, delivery: Delivery, step: float, *, rows: bool) -> None:
    """Write what was read into a simple cell, line by line in order of time.

    Parameters
    ----------
    course : Course
        Of the cell, which goes on.
    reads : Reads
        Which lines were read.
    values : array
        What was read, (elements of a line, reads).
    delivery : Delivery
        How what was read becomes pulses.
    step : float
        Pulses of the device for each that the buffer sends.
    rows : bool
        Whether lines are rows.
    """
    kernel, grid = _receiving(course.bound.step, course.bound.normals), delivery.buffer.shape[::-1]
    arguments = values, reads.order, delivery.arguments, np.float32(step), course.device, course.had, rows
    course.to[2].target.launch(kernel, *grid, *arguments)


@lru_cache(maxsize=1024)
def _receiving(step: Function, normals: int) -> Kernel:
    write, again = walk(step, normals), go_on(normals)

    def body(
        row: int,
        first: int,
        last: int,
        values: Any,
        order: Any,
        delivery: Any,
        size: Any,
        device: Any,
        had: Any,
        lines_are_rows: bool,
    ) -> None:
        starts, numbers = order
        told, kept, rule = delivery
        weights, _, _, arguments, address = device
        for line in range(first, last):
            i, j = (line, row) if lines_are_rows else (row, line)
            place, bounds = (i * weights.shape[1] + j, i, j), bounds_of(i, j, device)
            going = again(weights[i, j], had[i, j], place, address)
            for turn in range(starts[line], starts[line + 1]):
                number = numbers[turn]
                count = received(values[row, number], number, line, row, told, kept, rule)
                pulses = np.int64(nearest(size * count))
                going = write(going, pulses, np.float32(1), bounds, place, arguments, address)
            weights[i, j], had[i, j] = going[0], going[1]

    return Kernel(body)
