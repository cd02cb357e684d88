"""Crossbars as networks of resistors, solved exactly.

The network is linear, so that all there is to know is the current of every output per volt of every input: a matrix
that takes the place of the weights. It is found line by line. What lies before a crosspoint of all bit lines acts as a
conductance matrix P with current sources J (Norton's theorem); the next crosspoints add theirs, a piece of wire of
resistance r in series turns (P, J) into (1 + r P)^-1 (P, J). All formulas are in resistances, so none may not be 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analog.parameters.wires import LineEnds, WireParameters

__all__ = ["effective_weights"]

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """A kind of lines: ohms of a piece of wire, and between an end and its first crosspoint; the connected ends."""

    wire: float
    end: float
    ends: LineEnds

    def resistances(self, count: int) -> Matrix:
        """By how many volts an ampere, drawn at one crosspoint, lowers another; (count, count)."""
        crosspoints = np.arange(count)
        before = self.end + self.wire * np.minimum.outer(crosspoints, crosspoints)
        after = self.end + self.wire * (count - 1 - np.maximum.outer(crosspoints, crosspoints))
        if self.ends is LineEnds.BOTH:
            total = 2 * self.end + self.wire * (count - 1)
            return before * after / total if total else np.zeros((count, count))
        return before if self.ends is LineEnds.FIRST else after

    def reversed(self) -> Line:
        """The lines from the other side."""
        other = {LineEnds.FIRST: LineEnds.LAST, LineEnds.LAST: LineEnds.FIRST, LineEnds.BOTH: LineEnds.BOTH}
        return replace(self, ends=other[self.ends])


def effective_weights(weights: NDArray[np.float32], wires: WireParameters) -> NDArray[np.float32]:
    """The weights as they look from the ends of the lines.

    Parameters
    ----------
    weights : array
        (outputs, inputs).
    wires : WireParameters
        Their network. By reciprocity the transposed product sees the transposed matrix.

    Returns
    -------
    array
        (outputs, inputs), read-only; results are kept for some arrays.

    Notes
    -----
    For m outputs and n inputs it takes about ``2 * max(m, n) * min(m, n)**3`` multiplications for each half of the
    pairs: some ten milliseconds at 64 x 64, and a minute or two at 512 x 512.
    """
    contiguous = np.ascontiguousarray(weights, np.float32)
    return _solved(contiguous.tobytes(), contiguous.shape, wires)


@lru_cache(maxsize=16)
def _solved(content: bytes, shape: tuple[int, int], wires: WireParameters) -> NDArray[np.float32]:
    weights = np.frombuffer(content, np.float32).reshape(shape).astype(np.float64)
    slope = 1e-6 * (wires.g_max - wires.g_min) / wires.w_max
    positive, negative = (1e-6 * wires.g_min + slope * np.maximum(sign * weights, 0) for sign in (1, -1))
    word = Line(wires.r_word, wires.r_word + wires.r_word_terminal, wires.word_ends)
    bit = Line(wires.r_bit, wires.r_bit + wires.r_bit_terminal, wires.bit_ends)
    if wires.interleaved:
        pairs = transfer(np.stack([positive, negative], axis=1).reshape(-1, shape[1]), word, bit)
        difference = pairs[0::2] - pairs[1::2]
    else:
        difference = transfer(positive, word, bit) - transfer(negative, word, bit)
    result = (difference / slope).astype(np.float32)
    result.flags.writeable = False
    return result


def transfer(conductances: Matrix, word: Line, bit: Line) -> Matrix:
    """Amperes out of every bit line per volt on every word line, (outputs, inputs).

    Parameters
    ----------
    conductances : array
        Of the devices, in siemens, (outputs, inputs).
    word, bit : Line
        The lines of inputs and of outputs.
    """
    outputs, inputs = conductances.shape
    if outputs > inputs:
        return transfer(conductances.T, bit, word).T
    if bit.ends is LineEnds.FIRST:
        return transfer(conductances[:, ::-1], word, bit.reversed())[:, ::-1]
    if bit.ends is LineEnds.BOTH and bit.end == 0:
        # Without resistance both ends are one.
        return transfer(conductances, word, replace(bit, ends=LineEnds.LAST))
    return _swept(conductances, word.resistances(outputs), bit)


def _swept(conductances: Matrix, drop: Matrix, bit: Line) -> Matrix:
    """The same for bit lines that are connected at their last end; `drop` is what word lines do."""
    outputs, inputs = conductances.shape
    unit = np.eye(outputs)
    both = bit.ends is LineEnds.BOTH
    # P and J, in one matrix; and what the first end reads of the voltages of the present crosspoints and before.
    behind = np.zeros((outputs, outputs + inputs))
    behind[:, :outputs] = unit / bit.end if both else 0
    reading = unit / bit.end if both else None
    first_end = np.zeros((outputs, inputs))
    for column in range(inputs):
        known = behind[:, : outputs + column]
        if column and bit.wire:
            wire = unit + bit.wire * behind[:, :outputs]
            known[...] = np.linalg.solve(wire, known)
            if reading is not None:
                first_end += bit.wire * (reading @ behind[:, outputs:])
                reading = np.asarray(np.linalg.solve(wire.T, reading.T).T, np.float64)
        seen = np.linalg.solve(unit + conductances[:, column, None] * drop, np.diag(conductances[:, column]))
        behind[:, :outputs] += seen
        behind[:, outputs + column] = seen.sum(axis=1)
    loaded = unit + bit.end * behind[:, :outputs]
    currents = np.asarray(np.linalg.solve(loaded, behind[:, outputs:]), np.float64)
    return currents if reading is None else currents + first_end + reading @ (bit.end * currents)
