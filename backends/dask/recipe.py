"""A recipe: which block of the result is computed from which blocks of the operands, and how."""

from __future__ import annotations

from typing import NamedTuple

from backends.dask.chunks import Chunks, Index
from tensorlayer.graph import Node

__all__ = ["PARTIAL", "Call", "Read", "Recipe"]

#: In a `Read`, the operand number that means "a partial result of this recipe".
PARTIAL = -1


class Read(NamedTuple):
    """One block that a task reads: of operand number `operand`, at `place` in its grid."""

    operand: int
    place: Index


class Call(NamedTuple):
    """One task.

    Attributes
    ----------
    place : tuple of int
        The block of the result, or the number of a partial result.
    sink : Node or None
        What is computed from the blocks; None hands the only block on as it is.
    reads : tuple of Read
        The blocks, in order of the inputs of `sink`.
    partial : bool
        Whether this is a partial result.
    """

    place: Index
    sink: Node | None
    reads: tuple[Read, ...]
    partial: bool = False


class Recipe(NamedTuple):
    """How a node is computed block by block.

    Attributes
    ----------
    operands : tuple of Chunks
        How each operand must be cut.
    chunks : Chunks
        How the result is cut.
    calls : tuple of Call
        The tasks.
    """

    operands: tuple[Chunks, ...]
    chunks: Chunks
    calls: tuple[Call, ...]
