"""Anything that can stand where a tensor is expected, as a graph node."""

from __future__ import annotations

from typing import Any

from tensorlayer.backend import backend_of
from tensorlayer.errors import ConversionError, DtypeError
from tensorlayer.graph import Node
from tensorlayer.language.protocols import ArrayProtocols
from tensorlayer.language.value import Value

__all__ = ["as_node", "is_operand"]


def is_operand(operand: Any) -> bool:
    """Whether `operand` is a tensor, or an array that some backend recognises."""
    return isinstance(operand, ArrayProtocols) or backend_of(operand) is not None


def as_node(operand: Any) -> Node:
    """The node that reads a tensor, or an array that some backend recognises.

    Raises
    ------
    ConversionError
        If it is neither.
    DtypeError
        If its elements are no numbers.
    """
    if isinstance(operand, Node):
        return operand
    if isinstance(operand, ArrayProtocols):
        return operand.node
    backend = backend_of(operand)
    if backend is None:
        raise ConversionError(
            f"expected a tensor or an array, got {operand!r} of type {type(operand).__name__}; wrap it by tensor(...)"
        )
    dtype = backend.dtype_of(operand)
    if not backend.holds(dtype):
        raise DtypeError(f"backend {backend.name!r} does not compute with elements of type {dtype}")
    value = Value.given(operand)
    return value.as_input(value)
