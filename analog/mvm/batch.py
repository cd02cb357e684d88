"""A batch of vectors on its way through an array and its periphery."""

from __future__ import annotations

import math
from typing import Any, NamedTuple, cast

import numpy as np

from analog.kernels import CPU
from analog.mvm.draws import NORMAL, UNIFORM, Draws
from analog.mvm.finite import refuse
from analog.mvm.ladder import Ladder
from analog.mvm.lines import Lines
from analog.mvm.product import in_order
from analog.mvm.readout import readout
from analog.mvm.scaling import running_average
from analog.mvm.side import Side
from analog.mvm.signs import signs
from analog.mvm.workspace import numbers_up_to, scratch
from analog.parameters.io_irdrop_t import IOParametersIRDropT
from analog.random import Stream

__all__ = ["Batch"]

#: The tries of a vector are draws at its address; the second sign, the other direction and further reads have
#: their own.
SECOND_SIGN = 1 << 16
TRANSPOSED = 1 << 17
NEXT_READ = 1 << 18
#: What differs from output to output, where it does.
SPREADS = ("out_nonlinearity", "out_noise_values")


class Try(NamedTuple):
    """Some vectors, their factor beside noise management's, how often they were tried, whether it has to be asked."""

    vectors: Any
    reduction: float
    number: int
    finds: bool = False


class Batch(NamedTuple):
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

    def average(self, start: float) -> float:
        """Divide by the running average of the peaks, which was so much; gives what it is now."""
        site, (count, _) = self.lines.site, self.x.shape
        self.divide(self.lines.chain.scaling, numbers_up_to(site.storage, count))
        self._check()
        numbers = np.float32(start), np.float32(self.lines.chain.io.nm_decay)
        site.target.launch(running_average, 1, count, self.scale, *numbers)
        return float(self.scale[-1])

    def run(self) -> Any:
        """The result, (batch, outputs); bound management repeats the vectors that exceeded the converter's range."""
        chain, storage, count = self.lines.chain, self.lines.site.storage, self.x.shape[0]
        result = storage.empty((count, self.lines.weights.shape[0]))
        this = Try(numbers_up_to(storage, count), 1.0, 0, finds=not chain.averages)
        while True:
            exceeded = self._attempt(this, result)
            if not chain.watches or not exceeded.any() or chain.gives_up(this.reduction):
                return result
            vectors = this.vectors[self.lines.space.nonzero(exceeded)[0]]
            if this.number == 0 and chain.worst_case_second:
                self.divide(chain.worst_case, vectors)
                this = Try(vectors, 1.0, 1)
            else:
                this = Try(vectors, 2 * this.reduction, this.number + 1)

    def divide(self, side: Side, vectors: Any) -> None:
        """Find what some vectors are divided by."""
        self._launch(side, vectors.shape[0], self.x.shape[1], self.x, self.scale, vectors)

    def _check(self) -> None:
        """Refuse vectors that have no divisor."""
        if math.isnan(float(self.scale.max())):
            refuse(self.x, self.lines.site.storage)

    def _attempt(self, this: Try, result: Any) -> Any:
        """One try; gives marks of the vectors that exceeded."""
        chain, lines, vectors = self.lines.chain, self.lines, this.vectors
        first = self._draws(this.number)
        marks = scratch(lines.site.storage, "exceeded", vectors.shape, np.int32)
        if chain.watches:
            marks[...] = 0
        if chain.plain and lines.site.target is CPU and vectors.shape[0] > 1:
            self._read_out(this, first, (result, marks))
            return marks
        u = self._inputs(this, first)
        if chain.reads:
            self._pulses(u, this, (result, marks))
            return marks
        if chain.signs == 1:
            self._outputs(chain.outputs, lines.currents(u, vectors, first), this, first, (result, marks))
            return marks
        second = self._draws(this.number + SECOND_SIGN)
        positive, negative = signs(lines.site, u)
        y = lines.currents(positive, vectors, first)
        if chain.digital_sum:
            self._outputs(chain.outputs, y, this, first, (result, marks))
        y = lines.seen_by_negative().currents(negative, vectors, second, added=not chain.digital_sum)
        last = chain.outputs_added if chain.digital_sum else chain.outputs
        self._outputs(last, y, this, second, (result, marks))
        return marks

    def _pulses(self, u: Any, this: Try, written: tuple[Any, Any]) -> None:
        """Reads one after the other, each with noise of its own."""
        chain, vectors = self.lines.chain, this.vectors
        ladder = Ladder.of(self.lines, cast("IOParametersIRDropT", chain.io))
        for number, read in enumerate(chain.reads):
            draws = self._draws(this.number + NEXT_READ * number)
            self._outputs(read.outputs, ladder.charges(u, read, vectors, draws), this, draws, written)

    def _draws(self, draw: int) -> Draws:
        return Draws(self.lines.site, self.step, draw + TRANSPOSED * self.transposed)

    def _inputs(self, this: Try, draws: Draws) -> Any:
        """What drives the lines; divisors are found on the way, if they have to be."""
        chain, on_cpu = self.lines.chain, self.lines.site.target is CPU
        # A thread of a GPU has a vector there, or an element of one.
        if this.finds and not on_cpu:
            self.divide(chain.scaling, this.vectors)
        side = chain.scaled_inputs if this.finds and on_cpu else chain.inputs
        u, normals, uniforms = self._drawn(side, this, draws)
        if side is chain.scaled_inputs:
            self._launch(side, *u.shape, self.x, self.scale, this.vectors, normals, uniforms, u)
        else:
            told = np.float32(this.reduction)
            self._launch(side, *u.shape, self.x, self.scale, this.vectors, normals, uniforms, u, told)
        if this.finds:
            self._check()
        return u

    def _drawn(self, side: Side, this: Try, draws: Draws) -> tuple[Any, Any, Any]:
        """Memory for what drives the lines, and random numbers for it."""
        vectors, shape = this.vectors, (this.vectors.shape[0], self.x.shape[1])
        u = scratch(self.lines.site.storage, "inputs", shape)
        normals = draws.fill(NORMAL, Stream.INPUT_NOISE, vectors, "normals", shape) if side.noisy else u
        uniforms = draws.fill(UNIFORM, Stream.INPUT_ROUNDING, vectors, "uniforms", shape) if side.stochastic else u
        return u, normals, uniforms

    def _read_out(self, this: Try, draws: Draws, written: tuple[Any, Any]) -> None:
        """Vectors to results and marks, which are written, where nothing happens on the lines."""
        site, state, (weights, turned) = self.lines.site, self.lines.state, in_order(self.lines.weights)
        extents = this.vectors.shape[0], *weights.shape
        plan = readout(self.lines.chain, *extents, turned=turned)
        entering = scratch(site.storage, "entering", plan.entering) if plan.whole else self._inputs(this, draws)[None]
        leaving = scratch(site.storage, "leaving", plan.leaving)
        given = self.x, self.scale, this.vectors, entering, leaving, draws.address(0), weights, plan.cut
        spreads = (state.arrays.get(name, self.scale) for name in SPREADS)
        told = this.finds, np.float32(this.reduction), np.float32(state.numbers["out_nonlinearity_factor"])
        arguments = *given, *spreads, *written, *told, *plan.numbers
        site.target.launch(plan.kernel, plan.cut.total, 1, *arguments, each=plan.each)
        if this.finds and plan.whole:
            self._check()

    def _outputs(self, side: Side, y: Any, this: Try, draws: Draws, written: tuple[Any, Any]) -> None:
        """Currents to results and marks, which are written."""
        state, scale, vectors = self.lines.state, self.scale, this.vectors
        normals = draws.fill(NORMAL, Stream.OUTPUT_NOISE, vectors, "normals", y.shape) if side.noisy else y
        uniforms = draws.fill(UNIFORM, Stream.OUTPUT_ROUNDING, vectors, "uniforms", y.shape) if side.stochastic else y
        spreads = (state.arrays.get(name, scale) for name in SPREADS)
        numbers = np.float32(state.numbers["out_nonlinearity_factor"]), np.float32(this.reduction)
        self._launch(side, *y.shape, y, normals, uniforms, *spreads, scale, vectors, *written, *numbers)

    def _launch(self, side: Side, rows: int, columns: int, *arguments: Any, each: int = 1) -> None:
        self.lines.site.target.launch(side.kernel, rows, columns, *arguments, *side.numbers, each=each)
