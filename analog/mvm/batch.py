"""A batch of vectors on its way through an array and its periphery."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import numpy as np

from analog.kernels import CPU
from analog.mvm.blocks import blocks
from analog.mvm.draws import NORMAL, UNIFORM, Draws
from analog.mvm.ladder import Ladder
from analog.mvm.lines import Lines
from analog.mvm.product import in_order, is_single, work
from analog.mvm.readout import readout
from analog.mvm.scaling import as_integers
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


class Try(NamedTuple):
    """Some vectors, by what more than noise management asks for they are divided, and how often they were tried."""

    vectors: Any
    reduction: float
    number: int


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

    def scaled(self) -> Any | None:
        """Find what all vectors are divided by; gives what drives the lines then, if that is done on the way."""
        chain, vectors = self.lines.chain, numbers_up_to(self.lines.site.storage, self.x.shape[0])
        # A thread of a GPU has a vector there, or an element of one.
        if chain.scaled_inputs is None or self.lines.site.target is not CPU:
            self.divide(chain.scaling, vectors)
            return None
        side, this = chain.scaled_inputs, Try(vectors, 1.0, 0)
        u, normals, uniforms = self._drawn(side, this, self._draws(0))
        self._launch(side, *u.shape, *self._with_integers(), vectors, normals, uniforms, u)
        return u

    def run(self, u: Any | None = None) -> Any:
        """The result, (batch, outputs); bound management repeats the vectors that exceeded the converter's range.

        Parameters
        ----------
        u : array, optional
            What `scaled` gave.
        """
        chain, storage, count = self.lines.chain, self.lines.site.storage, self.x.shape[0]
        result = storage.empty((count, self.lines.weights.shape[0]))
        this = Try(numbers_up_to(storage, count), 1.0, 0)
        while True:
            exceeded = self._attempt(this, result, u)
            u = None
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
        self._launch(side, vectors.shape[0], self.x.shape[1], *self._with_integers(), vectors)

    def _with_integers(self) -> tuple[Any, ...]:
        space = self.lines.space
        return self.x, as_integers(self.x, space), self.scale, as_integers(self.scale, space)

    def _attempt(self, this: Try, result: Any, u: Any | None) -> Any:
        """One try with inputs that may be there already; gives marks of the vectors that exceeded."""
        chain, lines, vectors = self.lines.chain, self.lines, this.vectors
        first = self._draws(this.number)
        marks = scratch(lines.site.storage, "exceeded", vectors.shape, np.int32)
        marks[...] = 0
        u = self._inputs(this, first) if u is None else u
        if chain.reads:
            self._pulses(u, this, (result, marks))
            return marks
        if self._is_plain and not is_single(u):
            self._read_out(u, this, first, (result, marks))
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
        side = self.lines.chain.inputs
        u, normals, uniforms = self._drawn(side, this, draws)
        self._launch(side, *u.shape, self.x, self.scale, this.vectors, normals, uniforms, u, np.float32(this.reduction))
        return u

    def _drawn(self, side: Side, this: Try, draws: Draws) -> tuple[Any, Any, Any]:
        """Memory for what drives the lines, and random numbers for it."""
        vectors, shape = this.vectors, (this.vectors.shape[0], self.x.shape[1])
        u = scratch(self.lines.site.storage, "inputs", shape)
        normals = draws.fill(NORMAL, Stream.INPUT_NOISE, vectors, "normals", shape) if side.noisy else u
        uniforms = draws.fill(UNIFORM, Stream.INPUT_ROUNDING, vectors, "uniforms", shape) if side.stochastic else u
        return u, normals, uniforms

    @property
    def _is_plain(self) -> bool:
        """Whether nothing happens between the product and the converters, and both can be one kernel."""
        chain = self.lines.chain
        return chain.signs == 1 and chain.effects is None and self.lines.site.target is CPU

    def _read_out(self, u: Any, this: Try, draws: Draws, written: tuple[Any, Any]) -> None:
        """What drives the lines to results and marks, which are written."""
        storage, state, (weights, turned) = self.lines.site.storage, self.lines.state, in_order(self.lines.weights)
        shape = u.shape[0], weights.shape[0]
        cut, along_lines = blocks(*shape, u.shape[1], turned=turned)
        side = readout(self.lines.chain.outputs, shape[1], along_lines=along_lines)
        y = scratch(storage, "currents", shape)
        normals = scratch(storage, "normals", shape) if side.noisy else y
        uniforms = scratch(storage, "uniforms", shape) if side.stochastic else y
        addresses = draws.address(Stream.OUTPUT_NOISE), draws.address(Stream.OUTPUT_ROUNDING)
        spreads = (state.arrays.get(name, self.scale) for name in ("out_nonlinearity", "out_noise_values"))
        numbers = np.float32(state.numbers["out_nonlinearity_factor"]), np.float32(this.reduction)
        drawn, scaled = (normals, uniforms, *addresses), (self.scale, this.vectors)
        arguments = u, weights, y, cut, *drawn, *spreads, *scaled, *written, *numbers
        self._launch(side, cut.total, 1, *arguments, each=work(cut, u, y))

    def _outputs(self, side: Side, y: Any, this: Try, draws: Draws, written: tuple[Any, Any]) -> None:
        """Currents to results and marks, which are written."""
        state, scale, vectors = self.lines.state, self.scale, this.vectors
        normals = draws.fill(NORMAL, Stream.OUTPUT_NOISE, vectors, "normals", y.shape) if side.noisy else y
        uniforms = draws.fill(UNIFORM, Stream.OUTPUT_ROUNDING, vectors, "uniforms", y.shape) if side.stochastic else y
        spreads = (state.arrays.get(name, scale) for name in ("out_nonlinearity", "out_noise_values"))
        numbers = np.float32(state.numbers["out_nonlinearity_factor"]), np.float32(this.reduction)
        self._launch(side, *y.shape, y, normals, uniforms, *spreads, scale, vectors, *written, *numbers)

    def _launch(self, side: Side, rows: int, columns: int, *arguments: Any, each: int = 1) -> None:
        self.lines.site.target.launch(side.kernel, rows, columns, *arguments, *side.numbers, each=each)
