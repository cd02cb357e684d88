"""Stacks of matrices as nodes, with the operators of the formulas that adjoints are written in."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from tensorlayer.buffer.generator import IndexFunction
from tensorlayer.gradient.adjoint import conjugate, elementwise
from tensorlayer.graph import Delta, Einsum, Fill, Generate, Linalg, Map, Node, Result
from tensorlayer.scalar import argument, call, constant

__all__ = ["Matrix", "reciprocal", "reciprocal_gaps"]

_I, _J, _K = -1, -2, -3


@final
class Matrix:
    """A node of shape (..., m, n); ``@`` multiplies matrices, ``*`` elements, and ``H`` is the adjoint matrix.

    Parameters
    ----------
    node : Node
        Of rank 2 or more.
    """

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        self.node = node

    @classmethod
    def zeros(cls, like: Node) -> Matrix:
        """Zeros of the shape and element type of a node."""
        return cls(Fill.of(like.shape, 0, like.dtype))

    @property
    def _stack(self) -> tuple[int, ...]:
        return tuple(range(self.node.ndim - 2))

    @property
    def H(self) -> Matrix:  # noqa: N802  # as in the formulas
        """Transposed and conjugated."""
        stack = self._stack
        return Matrix(Einsum.of([conjugate(self.node)], [(*stack, _I, _J)], (*stack, _J, _I)))

    def __matmul__(self, other: Matrix) -> Matrix:
        stack = self._stack
        labels = [(*stack, _I, _K), (*stack, _K, _J)]
        return Matrix(Einsum.of([self.node, other.node], labels, (*stack, _I, _J)))

    def __add__(self, other: Matrix) -> Matrix:
        return self._with("add", other)

    def __sub__(self, other: Matrix) -> Matrix:
        return self._with("subtract", other)

    def __mul__(self, other: Matrix) -> Matrix:
        return self._with("multiply", other)

    def __neg__(self) -> Matrix:
        return Matrix(elementwise(call("negative", argument(0)), self.node))

    def _with(self, name: str, other: Matrix) -> Matrix:
        return Matrix(elementwise(call(name, argument(0), argument(1)), self.node, other.node))

    @property
    def inverse(self) -> Matrix:
        """The inverse matrices."""
        return Matrix(Result.of(Linalg.of("inv", [self.node]), 0))

    # -- parts of matrices -----------------------------------------------------------------------------------

    @property
    def diagonal(self) -> Node:
        """The diagonals, of shape (..., n)."""
        stack = self._stack
        return Einsum.of([self.node], [(*stack, _I, _I)], (*stack, _I))

    @classmethod
    def from_diagonal(cls, diagonal: Node) -> Matrix:
        """Diagonal matrices of diagonals of shape (..., n)."""
        stack = tuple(range(diagonal.ndim - 1))
        delta = Delta.of(diagonal.shape[-1], diagonal.dtype)
        return cls(Einsum.of([diagonal, delta], [(*stack, _I), (_I, _J)], (*stack, _I, _J)))

    def scaled(self, rows: Node | None = None, columns: Node | None = None) -> Matrix:
        """Every row and every column times its own number; `rows` and `columns` of shape (..., n)."""
        stack = self._stack
        factors, labels = [self.node], [(*stack, _I, _J)]
        for scale, label in ((rows, _I), (columns, _J)):
            if scale is not None:
                factors.append(scale)
                labels.append((*stack, label))
        return Matrix(Einsum.of(factors, labels, (*stack, _I, _J)))

    @property
    def lower(self) -> Matrix:
        """The part below the diagonal, and half of the diagonal."""
        n = self.node.shape[-1]
        real = np.empty(0, self.node.dtype).real.dtype
        mask = Generate.of(IndexFunction(_half_of_lower), ((0, n, 1), (0, n, 1)), real)
        stack = self._stack
        return Matrix(Einsum.of([self.node, mask], [(*stack, _I, _J), (_I, _J)], (*stack, _I, _J)))


def _half_of_lower(i: Any, j: Any) -> Any:
    return (i > j) + 0.5 * (i == j)


def reciprocal(node: Node) -> Node:
    """One over every element."""
    return elementwise(call("divide", constant(1), argument(0)), node)


def reciprocal_gaps(values: Node) -> Matrix:
    """``F[i, j] = 1 / (values[j] - values[i])``, and zero where i = j; `values` of shape (..., n)."""
    stack = tuple(range(values.ndim - 1))
    n, rank = values.shape[-1], values.ndim
    gap = call("subtract", argument(1), argument(0))
    same = argument(2)
    body = call("divide", call("subtract", constant(1), same), call("add", gap, same))
    axes = [(*stack, rank - 1), (*stack, rank), (rank - 1, rank)]
    return Matrix(Map.of([values, values, Delta.of(n, values.dtype)], axes, (*values.shape, n), body))
