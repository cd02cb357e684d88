"""A batch of vectors on its way through an array and its periphery."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Any

import numpy as np
from array_api_compat import array_namespace

from analog.cell import CellState, Site
from analog.mvm.array import Lines
from analog.mvm.draws import NORMAL, UNIFORM, Draws
from analog.mvm.inputs import input_stages, inputs
from analog.mvm.outputs import output_stages, outputs
from analog.mvm.scaling import Rule, divisors
from analog.mvm.signs import signs
from analog.mvm.workspace import numbers_up_to, scratch
from analog.parameters.enums import AnalogMVType, BoundManagementType
from analog.parameters.io import IOParameters
from analog.random import Stream

__all__ = ["Batch"]

#: The tries of a vector are draws at its address; the second sign and the other direction have their own.
SECOND_SIGN = 1 << 16
TRANSPOSED = 1 << 17


@dataclass(frozen=True)
class Batch:
    """Vectors, what they are divided by, and the array that they meet.

    Parameters
    ----------
    io : IOParameters
        Converters and noises.
    lines : Lines
        The array.
    x : array
        (batch, inputs).
    scale : array
        The divisors, (batch,).
    transposed : bool
        Whether it is the other direction of the crossbar.
    """

    io: IOParameters
    lines: Lines
    x: Any
    scale: Any
    transposed: bool

    @property
    def site(self) -> Site:
        """Who draws."""
        return self.lines.site

    @property
    def state(self) -> CellState:
        """What differs from output to output, and the counter of vectors."""
        return self.lines.state

    def run(self) -> Any:
        """The result, (batch, outputs); bound management repeats the vectors that exceeded the converter's range."""
        storage, batch = self.site.storage, self.x.shape[0]
        result = storage.empty((batch, self.lines.weights.shape[0]))
        vectors, reduction = numbers_up_to(storage, batch), 1.0
        for number in count():
            exceeded = self._attempt(vectors, reduction, number, result)
            if exceeded is None or not exceeded.any() or self._gives_up(reduction):
                return result
            vectors = vectors[array_namespace(exceeded).nonzero(exceeded)[0]]
            if number == 0 and self.io.bound_management is BoundManagementType.ITERATIVE_WORST_CASE:
                divisors(self.io, self.site, self.x, self.scale, vectors, Rule.LARGEST_OUTPUT)
            else:
                reduction *= 2

    def _gives_up(self, reduction: float) -> bool:
        io = self.io
        return reduction > io.max_bm_factor or (io.inp_step > 0 and reduction > io.max_bm_res / io.inp_step)

    def _attempt(self, vectors: Any, reduction: float, number: int, result: Any) -> Any:
        """One try; marks of the vectors that exceeded, None if nobody looks."""
        draw = number + TRANSPOSED * self.transposed
        first, second = (Draws(self.site, int(self.state.numbers["vectors"]), draw + n * SECOND_SIGN) for n in (0, 1))
        u = self._inputs(vectors, reduction, first)
        exceeded = self._marks(vectors)
        if self.io.mv_type is AnalogMVType.ONE_PASS:
            y = self.lines.currents(u, vectors, first, "currents")
            self._outputs(y, vectors, reduction, first, result, exceeded)
            return exceeded
        positive, negative = signs(self.site, u)
        y = self.lines.currents(positive, vectors, first, "currents")
        digital = self.io.mv_type is AnalogMVType.POS_NEG_SEPARATE_DIGITAL_SUM
        if digital:
            self._outputs(y, vectors, reduction, first, result, exceeded)
        y = self.lines.seen_by_negative.currents(negative, vectors, second, "currents", added=not digital)
        self._outputs(y, vectors, reduction, second, result, exceeded, added=digital)
        return exceeded

    def _marks(self, vectors: Any) -> Any:
        marks = scratch(self.site.storage, "exceeded", vectors.shape, np.int32)
        marks[...] = 0
        return marks

    def _inputs(self, vectors: Any, reduction: float, draws: Draws) -> Any:
        stages = input_stages(self.io)
        shape = (vectors.shape[0], self.x.shape[1])
        u = scratch(self.site.storage, "inputs", shape)
        self.site.target.launch(
            inputs(stages),
            *shape,
            self.x,
            self.scale,
            vectors,
            draws.fill(NORMAL, Stream.INPUT_NOISE, vectors, "normals", shape) if stages.noisy else u,
            draws.fill(UNIFORM, Stream.INPUT_ROUNDING, vectors, "uniforms", shape) if stages.stochastic else u,
            u,
            np.float32(reduction),
            *self._input_numbers,
        )
        return u

    def _outputs(
        self, y: Any, vectors: Any, reduction: float, draws: Draws, result: Any, exceeded: Any, *, added: bool = False
    ) -> None:
        stages, frozen = output_stages(self.io), self.state.arrays
        self.site.target.launch(
            outputs(stages, added),
            *y.shape,
            y,
            draws.fill(NORMAL, Stream.OUTPUT_NOISE, vectors, "normals", y.shape) if stages.noisy else y,
            draws.fill(UNIFORM, Stream.OUTPUT_ROUNDING, vectors, "uniforms", y.shape) if stages.stochastic else y,
            frozen.get("out_nonlinearity", self.scale),
            frozen.get("out_noise_values", self.scale),
            self.scale,
            vectors,
            result,
            exceeded,
            *self._output_numbers,
            np.float32(reduction * self.io.out_scale),
        )

    @cached_property
    def _input_numbers(self) -> tuple[np.float32, ...]:
        io = self.io
        return tuple(map(np.float32, (io.inp_step or 1, io.inp_bound, io.inp_noise, io.inp_asymmetry)))

    @cached_property
    def _output_numbers(self) -> tuple[np.float32, ...]:
        io, gain = self.io, self.state.numbers["out_nonlinearity_factor"]
        return tuple(map(np.float32, (gain, io.out_asymmetry, io.out_noise, io.out_step or 1, io.out_bound)))
