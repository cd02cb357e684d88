"""What a loop of a graph computes, in a form from which kernels are written."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from tensorlayer.codegen.dialect import Dialect
from tensorlayer.codegen.nest import Strides
from tensorlayer.codegen.product import product_map
from tensorlayer.codegen.statements import Operand, Statement, typed_statements
from tensorlayer.graph import DType, Einsum, Fused, Map, Node, Reduce
from tensorlayer.scalar import Body, argument

__all__ = ["Loop", "loop_of"]

#: Extents of a loop, axes of every operand in it, and the axes that are folded.
Space = tuple[tuple[int, ...], tuple[tuple[int, ...], ...], tuple[int, ...]]


class Loop(NamedTuple):
    """One loop: scalar statements at every element, stored or folded.

    Attributes
    ----------
    statements, result
        From `typed_statements`.
    dtypes : tuple of dtype
        Element types of the operands.
    dtype : dtype
        Element type of what is stored: that of the node, but single precision for sums of half precision.
    kind : str
        Name of the reduction; "" for none.
    extents : tuple of int
        Shape of the loop; no extent is 0.
    axes : tuple of tuple of int
        For every operand, the axis of the loop of each of its modes.
    reduced : tuple of int
        The axes that are folded.
    """

    statements: tuple[Statement, ...]
    result: Operand
    dtypes: tuple[DType, ...]
    dtype: DType
    kind: str
    extents: tuple[int, ...]
    axes: tuple[tuple[int, ...], ...]
    reduced: tuple[int, ...] = ()

    @property
    def kept(self) -> tuple[int, ...]:
        """The axes that are not folded."""
        return tuple(axis for axis in range(len(self.extents)) if axis not in self.reduced)

    def placed(self, strides: Sequence[Sequence[int]]) -> Strides:
        """Steps of every operand along the axes of the loop, 0 where it is broadcast, from those along its modes."""
        return tuple(
            tuple(
                one[axes.index(axis)] if axis in axes and extent > 1 else 0 for axis, extent in enumerate(self.extents)
            )
            for one, axes in zip(strides, self.axes, strict=True)
        )

    def inlined(self, made: Mapping[int, Loop]) -> Loop:
        """The loop that computes some of its operands itself.

        Parameters
        ----------
        made : mapping
            Number of an operand -> the loop, without a reduction, that gives it. The operands of that take its place.
        """
        statements: list[Statement] = []
        dtypes: list[DType] = []
        axes: list[tuple[int, ...]] = []
        operands: list[Operand] = []
        for number, (dtype, own) in enumerate(zip(self.dtypes, self.axes, strict=True)):
            source = made.get(number)
            read = (dtype,) if source is None else source.dtypes
            inputs = [Operand("x", len(dtypes) + i, one) for i, one in enumerate(read)]
            dtypes += read
            axes += [own] if source is None else [tuple(own[axis] for axis in inner) for inner in source.axes]
            operands.append(inputs[0] if source is None else _appended(source, inputs, statements))
        result = _appended(self, operands, statements)
        return self._replace(statements=tuple(statements), result=result, dtypes=tuple(dtypes), axes=tuple(axes))


def _appended(loop: Loop, operands: Sequence[Operand], statements: list[Statement]) -> Operand:
    """Append the statements of a loop whose operands are others now; gives its result."""
    start = len(statements)

    def renamed(one: Operand) -> Operand:
        if one.kind == "x":
            made: Operand = operands[one.value]
            return made
        return Operand("t", one.value + start, one.dtype) if one.kind == "t" else one

    statements += [one._replace(operands=tuple(map(renamed, one.operands))) for one in loop.statements]
    return renamed(loop.result)


def loop_of(node: Node, dialect: Dialect) -> Loop | None:
    """The loop that computes `node`.

    Parameters
    ----------
    node : Node
        A Map, a Fused, a Reduce, or an Einsum whose operands all have the same labels.
    dialect : Dialect
        The language in which the kernel will be written.

    Returns
    -------
    Loop or None
        None if the node is no loop, moves elements only, has none, or needs what the dialect lacks.

    Examples
    --------
    >>> from tensorlayer.codegen import CPP
    >>> from tensorlayer.graph import Input
    >>> loop = loop_of(Reduce.of(Input.of(0, (3, 4), "bool"), "sum", (1,)), CPP)
    >>> loop.extents, loop.kept, [one.name for one in loop.statements]
    ((3, 4), (0,), ['astype'])
    """
    if isinstance(node, Map):
        moves_only = node.body[0] in ("x", "c")
        return None if moves_only else _typed(node, dialect, node.body, "", (node.shape, node.axes, ()))
    if isinstance(node, Fused):
        return _typed(node, dialect, node.body, node.kind, (node.extents, node.axes, node.reduced))
    if isinstance(node, Reduce):
        shape = node.inputs[0].shape
        return _typed(node, dialect, argument(0), node.kind, (shape, (tuple(range(len(shape))),), node.axes))
    return _product(node, dialect) if isinstance(node, Einsum) else None


def _product(node: Einsum, dialect: Dialect) -> Loop | None:
    moves_only = len(node.inputs) == 1 and not node.summed
    alike = all(set(one) == set(node.extents) for one in node.labels)
    product = product_map(node) if alike and not moves_only else None
    if product is None:
        return None
    space = (product.shape, product.axes, tuple(range(len(node.output), product.ndim)))
    return _typed(node, dialect, product.body, "sum" if node.summed else "", space)


def _typed(node: Node, dialect: Dialect, body: Body, kind: str, space: Space) -> Loop | None:
    dtypes = tuple(source.dtype.newbyteorder("=") for source in node.inputs)
    statements, result = typed_statements(body, dtypes)
    # As in NumPy, sums of half precision are rounded once, at the end.
    wide = node.dtype == np.float16 and kind in ("sum", "prod")
    dtype = np.dtype(np.float32) if wide else node.dtype
    if result.dtype != dtype:
        statements = (*statements, Statement("astype", (result,), dtype))
        result = Operand("t", len(statements) - 1, dtype)
    known = all(one.name in dialect.types for one in (*dtypes, node.dtype))
    if not known or not math.prod(space[0]) or dialect.lacks(statements) is not None:
        return None
    return Loop(statements, result, dtypes, dtype, kind, *space)
