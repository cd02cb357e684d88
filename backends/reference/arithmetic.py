"""Definitions of the operations that compute: Map, Reduce, Fused, Einsum."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from tensorlayer.graph import Einsum, Fused, Map, Reduce
from tensorlayer.scalar import evaluate

__all__ = ["einsum", "fused", "map_", "reduce"]

Array = np.ndarray[Any, Any]

#: How a reduction folds two elements, and what it starts from; None where it starts from the first element.
_FOLDS: dict[str, tuple[Callable[[Any, Any], Any], Any]] = {
    "sum": (np.add, 0),
    "prod": (np.multiply, 1),
    "max": (np.maximum, None),
    "min": (np.minimum, None),
    "any": (np.logical_or, False),
    "all": (np.logical_and, True),
}


def _scalar_function(name: str) -> Callable[..., Any]:
    if name == "astype":
        return lambda value, dtype: np.asarray(value).astype(dtype)[()]
    function: Callable[..., Any] = getattr(np, name)
    return function


def map_(node: Map, *operands: Array) -> Array:
    """Evaluate the body at every index; an operand sees only the modes that it has."""
    result = np.empty(node.shape, node.dtype)
    for index in np.ndindex(node.shape):
        scalars = [
            operand[tuple(index[axis] for axis in axes)] for operand, axes in zip(operands, node.axes, strict=True)
        ]
        result[index] = evaluate(node.body, scalars, _scalar_function)
    return result


def reduce(node: Reduce, operand: Array) -> Array:
    """Fold the elements along the reduced axes, in row-major order."""
    fold, start = _FOLDS[node.kind]
    kept = [axis for axis in range(operand.ndim) if axis not in node.axes]
    folded = np.empty(node.shape, object)
    folded.fill(None if start is None else node.dtype.type(start))
    for index in np.ndindex(operand.shape):
        place = tuple(index[axis] for axis in kept)
        element = operand[index].astype(node.dtype)
        folded[place] = element if folded[place] is None else fold(folded[place], element)
    return folded.astype(node.dtype)


def fused(node: Fused, *operands: Array) -> Array:
    """The map, then the reduction."""
    whole = node.unfused()
    return reduce(Reduce.of(whole, node.kind, node.reduced), map_(whole, *operands))


def einsum(node: Einsum, *operands: Array) -> Array:
    """Loop over all labels at once, multiply one element of every operand, and add the product where it belongs."""
    extents = node.extents
    operands = tuple(operand.astype(node.dtype) for operand in operands)
    result = np.zeros(node.shape, node.dtype)
    for values in np.ndindex(*extents.values()):
        index = dict(zip(extents, values, strict=True))
        factors = [
            operand[tuple(index[label] for label in labels)]
            for operand, labels in zip(operands, node.labels, strict=True)
        ]
        place = tuple(index[label] for label in node.output)
        result[place] = result[place] + functools.reduce(np.multiply, factors)
    return result
