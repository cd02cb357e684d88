"""The operations of crossbars, as nodes of a graph."""

from __future__ import annotations

from typing import ClassVar, final

import numpy as np

from tensorlayer.errors import GraphError
from tensorlayer.graph import Delegated, DType, Node
from tensorlayer.graph.node import parameter

__all__ = ["AnalogMatmul", "AnalogTranspose", "AnalogUpdate"]


@final
class AnalogMatmul(Delegated):
    """Vectors through crossbars.

    Inputs are the tensor on crossbars, whose first `rows` modes are outputs, and vectors of shape (..., inputs); if
    `transposed`, they enter at the outputs.
    """

    __slots__ = ()
    agent: ClassVar[str] = "analog"
    parameter_names = ("rows", "transposed")

    @classmethod
    def of(cls, matrix: Node, vectors: Node, rows: int, *, transposed: bool) -> AnalogMatmul:
        """The product."""
        return cls.make((matrix, vectors), rows, transposed)

    #: How many modes of the matrix are outputs.
    rows = parameter[int](0)
    #: Whether vectors enter at the outputs.
    transposed = parameter[bool](1)

    @property
    def entered(self) -> tuple[int, ...]:
        """Extents of the side at which vectors enter."""
        shape = self.inputs[0].shape
        return shape[: self.rows] if self.transposed else shape[self.rows :]

    @property
    def left(self) -> tuple[int, ...]:
        """Extents of the side at which results leave."""
        shape = self.inputs[0].shape
        return shape[self.rows :] if self.transposed else shape[: self.rows]

    @property
    def batch(self) -> tuple[int, ...]:
        """Extents over the vectors."""
        vectors = self.inputs[1]
        return vectors.shape[: vectors.ndim - len(self.entered)]

    def flops(self) -> int:
        """Of the same product in numbers: a multiply-add for every crosspoint and vector."""
        return 2 * self.inputs[0].size * int(np.prod(self.batch, dtype=object))

    def _derive(self) -> tuple[tuple[int, ...], DType]:
        matrix, vectors = self.inputs
        if not 0 <= self.rows <= matrix.ndim or vectors.shape[len(self.batch) :] != self.entered:
            raise GraphError(f"AnalogMatmul: vectors of shape {vectors.shape} do not enter at {self.entered}")
        return (*self.batch, *self.left), np.result_type(matrix.dtype, vectors.dtype)


@final
class AnalogUpdate(Delegated):
    """Crossbars that have learned: pulses add about ``rate`` times the sum over the batch of d times x.

    Inputs are the tensor on crossbars, d of shape (batch, *outputs) and x of shape (batch, *inputs).
    """

    __slots__ = ()
    agent: ClassVar[str] = "analog"
    keeps: ClassVar[bool] = True
    parameter_names = ("rate", "dtype")

    @classmethod
    def of(cls, matrix: Node, d: Node, x: Node, rate: float, dtype: DType) -> AnalogUpdate:
        """The crossbars after the pulses; `dtype` is the element type that statements see."""
        return cls.make((matrix, d, x), rate, dtype)

    #: What the outer products are multiplied by.
    rate = parameter[float](0)

    @classmethod
    def identity(cls, parameters: tuple[object, ...]) -> tuple[object, ...]:
        """The rate as it is written: 0.0 equals -0.0."""
        return repr(parameters[0]), parameters[1]

    def flops(self) -> int:
        """Of the same update in numbers."""
        return 2 * self.size * self.inputs[1].shape[0]

    def _derive(self) -> tuple[tuple[int, ...], DType]:
        matrix, d, x = self.inputs
        if d.shape[:1] != x.shape[:1] or (*d.shape[1:], *x.shape[1:]) != matrix.shape:
            raise GraphError(f"AnalogUpdate: {d.shape} and {x.shape} are no pairs of vectors for {matrix.shape}")
        return matrix.shape, self.parameters[1]


@final
class AnalogTranspose(Delegated):
    """The same crossbars as a tensor whose modes are in another order: mode ``k`` is mode ``axes[k]`` of its input."""

    __slots__ = ()
    agent: ClassVar[str] = "analog"
    keeps: ClassVar[bool] = True
    parameter_names = ("axes",)

    @classmethod
    def of(cls, matrix: Node, axes: tuple[int, ...]) -> AnalogTranspose:
        """The view."""
        return cls.make((matrix,), axes)

    #: Which mode of the input each mode is.
    axes = parameter[tuple[int, ...]](0)

    def _derive(self) -> tuple[tuple[int, ...], DType]:
        (matrix,) = self.inputs
        if sorted(self.axes) != list(range(matrix.ndim)):
            raise GraphError(f"AnalogTranspose: {self.axes} is no order of {matrix.ndim} modes")
        return tuple(matrix.shape[axis] for axis in self.axes), matrix.dtype
