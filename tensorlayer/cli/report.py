"""Results as a short table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tensorlayer.language.tensor import Tensor

__all__ = ["format_shape", "report"]

_HEADER = ("name", "shape", "dtype", "value")


def report(
    results: Mapping[str, Tensor], arrays: Mapping[str, np.ndarray[Any, Any]], seconds: float, processes: int = 1
) -> str:
    """Name, shape and element type of every result, its value if it is a scalar; then how long it took, and where.

    Parameters
    ----------
    results : mapping of str to Tensor
        The computed tensors.
    arrays : mapping of str to numpy.ndarray
        Their elements.
    seconds : float
        Time it took to compute all of them.
    processes : int, optional
        Worker processes that computed.
    """
    rows = [_HEADER, *(_row(name, array) for name, array in arrays.items())]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEADER))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    places = sorted({f"{backend} ({device})" for backend, device in (tensor.place for tensor in results.values())})
    where = ", ".join(places) + (f", {processes} processes" if processes > 1 else "")
    return "\n".join([*lines, "", f"computed in {seconds:.3g} s by {where}"])


def _row(name: str, array: np.ndarray[Any, Any]) -> tuple[str, str, str, str]:
    value = repr(array.item()) if array.ndim == 0 else ""
    return name, format_shape(array.shape), str(array.dtype), value


def format_shape(shape: tuple[int, ...]) -> str:
    """Extents for people.

    Examples
    --------
    >>> format_shape((3, 4)), format_shape(())
    ('3 x 4', 'scalar')
    """
    return " x ".join(map(str, shape)) or "scalar"
