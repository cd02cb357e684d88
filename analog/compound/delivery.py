"""What happens digitally to what was read: choppers, the reference, the buffer; what comes out are whole pulses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analog.cell import Site
from analog.compound.buffer import Threshold, released
from analog.compound.reference_estimate import centred
from analog.kernels import Kernel

__all__ = ["Delivery", "pulses_of"]


@dataclass(frozen=True, eq=False, slots=True)
class Delivery:
    """By what, and in which arrays, reads become pulses. Arrays are native.

    Attributes
    ----------
    buffer : array
        (lines, elements of a line), changed in place.
    threshold : Threshold
        When the buffer sends pulses.
    scales : array
        By what each read is multiplied before it is added to the buffer, (reads,).
    signs, element_signs : array
        Under which signs what is read was stored, (reads,) and (elements of a line,).
    turns : array
        -1 for reads after which pulses of their lines change their sign, else 1, (reads,).
    known : array
        1 for reads whose pulses are written, 0 for those whose pulses are lost, (reads,).
    ages : array of int32
        Reads of each line since its sign flipped, (reads,).
    estimate : tuple, optional
        Running means and references, (lines, elements of a line), changed in place, and the weight of the newest read.
    """

    buffer: Any
    threshold: Threshold
    scales: Any
    signs: Any
    element_signs: Any
    turns: Any
    known: Any
    ages: Any
    estimate: tuple[Any, Any, float] | None = None

    @property
    def arguments(self) -> tuple[Any, Any, Any]:
        """What `received` looks at."""
        means, references, rate = self.estimate or (self.buffer, self.buffer, 0.0)
        told = self.scales, self.signs, self.element_signs, self.known, self.ages
        return told, (self.buffer, means, references), (self.threshold.rule, np.float32(rate))


def pulses_of(site: Site, lines: Any, values: Any, delivery: Delivery) -> Any:
    """The pulses that follow from what was read.

    Parameters
    ----------
    site : Site
        Where the buffer is.
    lines : array of int32
        Which lines were read, none twice.
    values : array
        What was read, (reads, elements of a line).
    delivery : Delivery
        By what.

    Returns
    -------
    array of float32
        Pulses, with signs, like `values`.
    """
    pulses = site.storage.empty(tuple(values.shape))
    site.target.launch(RECEIVE, *values.shape, lines, values, pulses, *delivery.arguments)
    return pulses


def received(value: Any, number: int, line: int, element: int, told: Any, kept: Any, rule: Any) -> Any:
    """The pulses of one element of a read; a function of numbers, for kernels."""
    scales, signs, element_signs, known, ages = told
    buffer, means, references = kept
    limits, rate = rule
    if rate > 0:
        value = centred(value, line, element, ages[number], means, references, rate)
    value *= signs[number] * element_signs[element]
    held, count = released(buffer[line, element], scales[number] * value, limits)
    buffer[line, element] = held
    return known[number] * count


def _receive(
    row: int, first: int, last: int, lines: Any, values: Any, pulses: Any, told: Any, kept: Any, rule: Any
) -> None:
    for element in range(first, last):
        pulses[row, element] = received(values[row, element], row, lines[row], element, told, kept, rule)


RECEIVE = Kernel(_receive)
