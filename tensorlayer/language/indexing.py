"""Standard indexing of unlabelled tensors: integers, slices, ``...`` and ``None``."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorlayer.errors import ShapeError
from tensorlayer.graph import SliceKey

__all__ = ["normalise_index"]

_TAKE = "arrays are no indices; use take(A, indices, axis=...) of A.__array_namespace__()"


def normalise_index(key: Any, shape: Sequence[int]) -> tuple[SliceKey, tuple[int, ...] | None]:
    """Turn a user's index into a slice key, and the shape after ``None`` entries (None if there are none).

    Raises
    ------
    ShapeError
        If there are too many entries, an integer is out of range, or an entry is not an integer, slice,
        ``...`` or ``None``.
    """
    entries = _for_every_mode(key, shape)
    result: list[int | tuple[int, int, int]] = []
    new_shape: list[int] = []
    for entry in entries:
        if entry is None:
            new_shape.append(1)
            continue
        normal = _normalise(entry, shape[len(result)], len(result), shape)
        result.append(normal)
        if not isinstance(normal, int):
            new_shape.append(len(range(*normal)))
    return tuple(result), tuple(new_shape) if any(entry is None for entry in entries) else None


def _for_every_mode(key: Any, shape: Sequence[int]) -> list[Any]:
    """The entries of an index, with the modes written out that ``...`` stands for or that it leaves away."""
    entries = list(key) if isinstance(key, tuple) else [key]
    taken = sum(entry is not None and entry is not Ellipsis for entry in entries)
    places = [i for i, entry in enumerate(entries) if entry is Ellipsis] or [len(entries)]
    if len(places) > 1:
        raise ShapeError(f"index {key!r} has more than one ..., so it is not said how many modes each stands for")
    if taken > len(shape):
        raise ShapeError(f"index {key!r} has {taken} entries for a tensor of rank {len(shape)}, shape {tuple(shape)}")
    return [*entries[: places[0]], *[slice(None)] * (len(shape) - taken), *entries[places[0] + 1 :]]


def _normalise(entry: Any, extent: int, mode: int, shape: Sequence[int]) -> int | tuple[int, int, int]:
    if isinstance(entry, slice):
        if entry.step == 0:
            raise ShapeError(f"slice step 0 in mode {mode} of a tensor of shape {tuple(shape)}")
        start, stop, step = entry.indices(extent)
        return (start, stop, step) if range(start, stop, step) else (0, 0, 1)
    try:
        index = None if isinstance(entry, bool | np.bool) else operator.index(entry)
    except TypeError:
        index = None
    if index is None:
        raise ShapeError(_refusal(entry, mode))
    if not -extent <= index < extent:
        raise ShapeError(f"index {index} is out of range for mode {mode} of extent {extent}, shape {tuple(shape)}")
    return index % extent


def _refusal(entry: Any, mode: int) -> str:
    dtype, shape = getattr(entry, "dtype", None), getattr(entry, "shape", None)
    if dtype is None or not shape:
        many = isinstance(entry, list) and not any(isinstance(x, str) for x in entry)
        advice = _TAKE if many else "use integers, slices, ... or None; labels are strings, as in A['i,j']"
        return f"index {entry!r} in mode {mode}: {advice}"
    # How many elements a mask takes is known only when it is computed.
    advice = "masks are no indices; use where(mask, A, 0)" if "bool" in str(dtype) else _TAKE
    return f"index of {dtype} and shape {tuple(shape)} in mode {mode}: {advice}"
