"""Bit lines as ladders of resistors, with pulses on the word lines: formulas in `docs/analog-mvm.md`.

Both devices of a weight are on one line, which is held at 0.4 V; a word line that is on drives them with 0.2 V more and
0.2 V less. Conductances do not change meanwhile, so charges are linear in durations: all there is to know is the
current of every output per volt of every input.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from analog.kernels import Kernel
from analog.mvm.draws import NORMAL, Draws
from analog.mvm.durations import Read
from analog.mvm.lines import Lines
from analog.mvm.product import multiply
from analog.mvm.workspace import scratch
from analog.parameters.io_irdrop_t import IOParametersIRDropT
from analog.random import Stream

__all__ = ["Ladder"]

ZERO = np.float32(0)
ONE = np.float32(1)
HALF = np.float32(0.5)
#: Volts of a line at rest, and by how much it is driven.
REST, DRIVE = 0.4, 0.2
#: What a device of no conductance conducts, microsiemens; weights smaller than this are no reason for a scale.
LEAST, SMALLEST = np.float32(1e-12), 1e-7
#: The charge of a count at 1 GHz.
CHARGE = 100.0
#: Standard deviation of read noise over conductance, and in microsiemens: polynomials in the decimal logarithm of the
#: mean level of inputs, highest power first.
SLOPE = (0.00021926, -0.00187352, 0.00655714, -0.0146159, 0.02578764)
OFFSET = (0.00111906167, -0.00908576764, 0.0307015063, -0.0677079241, 0.117763144)


@dataclass(frozen=True, slots=True)
class Ladder:
    """The bit lines of an array.

    Parameters
    ----------
    lines : Lines
        The array.
    io : IOParametersIRDropT
        Wires and converters.
    slope : float
        Microsiemens of a weight of 1.
    effective, resistances : array
        Amperes out of every output per step that an input is driven, (outputs, inputs); what an output is behind,
        (outputs,), both in units of microsiemens.
    """

    lines: Lines
    io: IOParametersIRDropT
    slope: float
    effective: Any
    resistances: Any

    @classmethod
    def of(cls, lines: Lines, io: IOParametersIRDropT) -> Self:
        """That of an array, whose largest weight has the largest conductance."""
        slope = io.largest_conductance / max(float(abs(lines.weights).max()), SMALLEST)
        return cls(lines, io, slope, *_solved(lines, io, slope, lines.weights))

    def charges(self, u: Any, read: Read, vectors: Any, draws: Draws) -> Any:
        """What arrives, in the units of a product, (vectors, outputs), in memory that the next call uses again.

        Parameters
        ----------
        u : array
            Inputs, (vectors, inputs).
        read : Read
            How they become pulses.
        vectors : array
            Numbers of the vectors in their batch.
        draws : Draws
            For what fluctuates.
        """
        storage = self.lines.site.storage
        durations = scratch(storage, "durations", u.shape)
        self._launch(read.durations.kernel, *u.shape, u, durations, *read.durations.numbers)
        y = scratch(storage, "currents", (u.shape[0], self.lines.weights.shape[0]))
        if not (self.io.apply_xdep_pcm_read_noise and self.io.xdep_pcm_read_noise_scale > 0):
            multiply(durations, self.effective, y, self.lines.site.target)
            self._count(y, self.resistances, read)
            return y
        for at in range(u.shape[0]):
            seen = self._fluctuated(u[at], vectors[at : at + 1], draws)
            effective, resistances = _solved(self.lines, self.io, self.slope, seen)
            multiply(durations[at : at + 1], effective, y[at : at + 1], self.lines.site.target)
            self._count(y[at : at + 1], resistances, read)
        return y

    def _count(self, y: Any, resistances: Any, read: Read) -> None:
        """Add what flows all the time, as lines are not read at rest, and count charges; in place."""
        io = self.io
        held = (REST - io.ir_drop_v_read) * read.steps
        counts = io.adc_frequency / CHARGE if io.adc_quantization else 0.0
        factor = 1 / (self.slope * DRIVE * io.levels / io.inp_bound)
        numbers = (np.float32(number) for number in (held, read.step, counts, factor))
        self._launch(_COUNT, *y.shape, y, resistances, *numbers)

    def _fluctuated(self, u: Any, vector: Any, draws: Draws) -> Any:
        """The weights as one vector reads them: its noise depends on how long lines are on in the mean."""
        weights, storage = self.lines.weights, self.lines.site.storage
        outputs, inputs = weights.shape
        level = float(abs(u).mean()) * self.io.levels / self.io.inp_bound
        logarithm = math.log10(max(level, 1 / inputs))
        scale = self.io.xdep_pcm_read_noise_scale
        slope, offset = (scale * float(np.polyval(each, logarithm)) for each in (SLOPE, OFFSET))
        drawn = draws.fill(NORMAL, Stream.WEIGHT_NOISE, vector, "read noise", (1, outputs * inputs))
        seen = scratch(storage, "seen", weights.shape)
        numbers = np.float32(slope), np.float32(offset / self.slope)
        self._launch(_FLUCTUATE, outputs, inputs, weights, drawn.reshape(weights.shape), seen, *numbers)
        return seen

    def _launch(self, kernel: Kernel, *arguments: Any) -> None:
        self.lines.site.target.launch(kernel, *arguments)


def _solved(lines: Lines, io: IOParametersIRDropT, slope: float, weights: Any) -> tuple[Any, Any]:
    """The currents of outputs per step of inputs, and what outputs are behind."""
    storage, (outputs, inputs) = lines.site.storage, weights.shape
    rows = max(io.ir_drop_rows, inputs)
    segments = min(io.ir_drop_segments, rows)
    parts = scratch(storage, "segments", (2, outputs, segments))
    effective = scratch(storage, "effective", weights.shape)
    resistances = scratch(storage, "resistances", (outputs,))
    wire = 1e-6 * io.ir_drop * io.ir_drop_rs * rows / segments
    numbers = np.float32(slope), np.float32(DRIVE), np.float32(wire)
    lines.site.target.launch(_SOLVE, outputs, inputs, weights, parts, effective, resistances, rows, *numbers)
    return effective, resistances


def first_of(segment: int, segments: int, height: int, inputs: int, turned: bool) -> int:
    """The input with which a segment begins, counted from the end that is read; for lines that are turned, ends.

    Inputs are in the middle of the rows.
    """
    before = (height - inputs) // 2
    position = segment * height // segments
    return min(max(height - before - position if turned else position - before, 0), inputs)


def _solve(
    row: int,
    first: int,
    last: int,
    weights: Any,
    parts: Any,
    effective: Any,
    resistances: Any,
    height: int,
    slope: np.float32,
    drive: np.float32,
    wire: np.float32,
) -> None:
    inputs, segments = last - first, parts.shape[2]
    shares, ratios = parts[0, row], parts[1, row]
    turned = row % 2 == 1
    resistance = ZERO
    # From the far end: segments in parallel to what lies behind a piece of wire.
    for segment in range(segments):
        one = first_of(segment, segments, height, inputs, turned)
        other = first_of(segment + 1, segments, height, inputs, turned)
        total = ZERO
        for column in range(min(one, other), max(one, other)):
            total += abs(weights[row, column])
        count = (segment + 1) * height // segments - segment * height // segments
        total = total * slope + LEAST * np.float32(2 * count)
        behind = resistance + wire
        resistance = ONE / total if segment == 0 else behind / (ONE + behind * total)
        shares[segment] = resistance
        ratios[segment] = ZERO if segment == 0 else resistance / behind
    resistance += HALF * wire
    resistances[row] = resistance
    current = drive * slope / resistance
    for back in range(segments):
        segment = segments - 1 - back
        one = first_of(segment, segments, height, inputs, turned)
        other = first_of(segment + 1, segments, height, inputs, turned)
        factor = current * shares[segment]
        for column in range(min(one, other), max(one, other)):
            effective[row, column] = factor * weights[row, column]
        current *= ratios[segment]


def _fluctuate(
    row: int, first: int, last: int, weights: Any, drawn: Any, seen: Any, slope: np.float32, offset: np.float32
) -> None:
    for column in range(first, last):
        weight = weights[row, column]
        size = abs(weight)
        # Devices that do not conduct are silent, and no conductance is negative.
        size = max(size + (slope * size + offset) * drawn[row, column], ZERO) if size > ZERO else ZERO
        seen[row, column] = size if weight > ZERO else -size


def _count(
    row: int,
    first: int,
    last: int,
    y: Any,
    resistances: Any,
    held: np.float32,
    step: np.float32,
    counts: np.float32,
    factor: np.float32,
) -> None:
    for column in range(first, last):
        charge = step * (y[row, column] + held / resistances[column])
        if counts > ZERO:
            charge = np.float32(np.int64(charge * counts)) / counts
        y[row, column] = charge * factor


_SOLVE = Kernel(_solve, per="row")
_FLUCTUATE = Kernel(_fluctuate)
_COUNT = Kernel(_count)
