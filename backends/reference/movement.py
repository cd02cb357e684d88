"""Definitions of the operations that place elements: Slice, Update, Reshape, Concatenate, Fill, Delta."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tensorlayer.graph import Concatenate, Delta, Fill, Reshape, Slice, SliceKey, Update

__all__ = ["concatenate", "delta", "fill", "reshape", "slice_", "update"]

Array = np.ndarray[Any, Any]
Index = tuple[int, ...]


def _places(key: SliceKey) -> Iterator[tuple[Index, Index]]:
    """Every index into the selected part, with the index into the whole that it stands for."""
    ranges = [range(*entry) for entry in key if not isinstance(entry, int)]
    for inside in np.ndindex(*map(len, ranges)):
        chosen = iter(places[i] for places, i in zip(ranges, inside, strict=True))
        yield inside, tuple(entry if isinstance(entry, int) else next(chosen) for entry in key)


def slice_(node: Slice, source: Array) -> Array:
    """Copy the selected elements."""
    result = np.empty(node.shape, node.dtype)
    for inside, outside in _places(node.key):
        result[inside] = source[outside]
    return result


def update(node: Update, base: Array, value: Array) -> Array:
    """Copy the base, then overwrite the selected elements."""
    result = base.astype(node.dtype)
    for inside, outside in _places(node.key):
        result[outside] = value[inside]
    return result


def reshape(node: Reshape, source: Array) -> Array:
    """Number the elements in row-major order, and place them in that order."""
    result = np.empty(node.shape, node.dtype)
    for new, old in zip(np.ndindex(node.shape), np.ndindex(source.shape), strict=True):
        result[new] = source[old]
    return result


def concatenate(node: Concatenate, *parts: Array) -> Array:
    """Copy one part after the other, each shifted by the extents before it."""
    result = np.empty(node.shape, node.dtype)
    start = 0
    for part in parts:
        for index in np.ndindex(part.shape):
            place = list(index)
            place[node.axis] += start
            result[tuple(place)] = part[index]
        start += part.shape[node.axis]
    return result


def fill(node: Fill) -> Array:
    """One value everywhere."""
    result = np.empty(node.shape, node.dtype)
    for index in np.ndindex(node.shape):
        result[index] = node.value
    return result


def delta(node: Delta) -> Array:
    """Ones on the diagonal, zeros beside it."""
    result = np.empty(node.shape, node.dtype)
    for i, j in np.ndindex(node.shape):
        result[i, j] = 1 if i == j else 0
    return result
