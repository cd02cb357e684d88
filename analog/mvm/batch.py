"""A batch of vectors on its way through an array and its periphery."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np

from analog.kernels import Kernel
from analog.mvm.draws import NORMAL, UNIFORM, Draws
from analog.mvm.lines import Lines
from analog.mvm.scaling import as_integers
from analog.mvm.side import Side
from analog.mvm.signs import signs
from analog.mvm.workspace import numbers_up_to, scratch
from analog.random import Stream

__all__ = ["Batch"]

#: The tries of a vector are draws at its address; the second sign and the other direction have their own.
SECOND_SIGN = 1 << 16
TRANSPOSED = 1 << 17


@dataclass(frozen=True, slots=True)
class Batch:
    """Vectors, what they are divided by, and the array that they meet.

    Parameters
    ----------
    lines : Lines
        The array.
    x : array
        (batch, inputs).
    scale : array
        The divisors, (batch,).
    step : int
        Number of the first vector.
    transposed : bool
        Whether it is the other direction of the crossbar.
    """

    lines: Lines
    x: Any
    scale: Any
    step: int
    transposed: bool

    def run(self) -> Any:
        """The result, (batch, outputs); bound management repeats the vectors that exceeded the converter's range."""
        chain, storage, batch = self.lines.chain, self.lines.site.storage, self.x.shape[0]
        result = storage.empty((batch, self.lines.weights.shape[0]))
        vectors, reduction = numbers_up_to(storage, batch), 1.0
        for number in count():
            exceeded = self._attempt(vectors, reduction, number, result)
            if not exceeded.any() or chain.gives_up(reduction):
                return result
            vectors = vectors[self.lines.space.nonzero(exceeded)[0]]
            if number == 0 and chain.worst_case_second:
                self.divide(chain.worst_case, vectors)
            else:
                reduction *= 2

    def divide(self, side: Side, vectors: Any) -> None:
        """Find what some vectors are divided by."""
        arrays = (self.x, as_integers(self.x, self.lines.space), self.scale, as_integers(self.scale, self.lines.space))
        self._launch(side, vectors.shape[0], self.x.shape[1], *arrays, vectors)

    def _attempt(self, vectors: Any, reduction: float, number: int, result: Any) -> Any:
        """One try; gives marks of the vectors that exceeded."""
        chain, lines = self.lines.chain, self.lines
        first = self._draws(number)
        marks = scratch(lines.site.storage, "exceeded", vectors.shape, np.int32)
        marks[...] = 0
        u = self._inputs(vectors, reduction, first)
        if chain.signs == 1:
            y = lines.currents(u, vectors, first)
            self._outputs(chain.outputs, y, vectors, reduction, first, result, marks)
            return marks
        second = self._draws(number + SECOND_SIGN)
        positive, negative = signs(lines.site, u)
        y = lines.currents(positive, vectors, first)
        if chain.digital_sum:
            self._outputs(chain.outputs, y, vectors, reduction, first, result, marks)
        y = lines.seen_by_negative().currents(negative, vectors, second, added=not chain.digital_sum)
        last = chain.outputs_added if chain.digital_sum else chain.outputs
        self._outputs(last, y, vectors, reduction, second, result, marks)
        return marks

    def _draws(self, draw: int) -> Draws:
        return Draws(self.lines.site, self.step, draw + TRANSPOSED * self.transposed)

    def _inputs(self, vectors: Any, reduction: float, draws: Draws) -> Any:
        side, shape = self.lines.chain.inputs, (vectors.shape[0], self.x.shape[1])
        u = scratch(self.lines.site.storage, "inputs", shape)
        normals = draws.fill(NORMAL, Stream.INPUT_NOISE, vectors, "normals", shape) if side.noisy else u
        uniforms = draws.fill(UNIFORM, Stream.INPUT_ROUNDING, vectors, "uniforms", shape) if side.stochastic else u
        self._launch(side, *shape, self.x, self.scale, vectors, normals, uniforms, u, np.float32(reduction))
        return u

    def _outputs(
        self, side: Side, y: Any, vectors: Any, reduction: float, draws: Draws, result: Any, marks: Any
    ) -> None:
        state, scale = self.lines.state, self.scale
        normals = draws.fill(NORMAL, Stream.OUTPUT_NOISE, vectors, "normals", y.shape) if side.noisy else y
        uniforms = draws.fill(UNIFORM, Stream.OUTPUT_ROUNDING, vectors, "uniforms", y.shape) if side.stochastic else y
        spreads = (state.arrays.get(name, scale) for name in ("out_nonlinearity", "out_noise_values"))
        numbers = np.float32(state.numbers["out_nonlinearity_factor"]), np.float32(reduction)
        self._launch(side, *y.shape, y, normals, uniforms, *spreads, scale, vectors, result, marks, *numbers)

    def _launch(self, side: Side, rows: int, columns: int, *arguments: Any) -> None:
        kernel: Kernel = side.kernel
        self.lines.site.target.launch(kernel, rows, columns, *arguments, *side.numbers)
