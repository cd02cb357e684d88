"""Sorting: computed at once by the library that holds the elements."""

from __future__ import annotations

from typing import Any

from tensorlayer.array_api.arguments import checked_axis
from tensorlayer.array_api.eager import eagerly
from tensorlayer.errors import DtypeError
from tensorlayer.language.operand import as_node
from tensorlayer.language.tensor import Tensor

__all__ = ["argsort", "sort"]


def _sorted(name: str, x: Any, axis: int, descending: bool, stable: bool) -> Tensor:
    node = as_node(x)
    if node.dtype.kind == "c":
        raise DtypeError(f"{name} of {node.dtype}: complex numbers have no order; sort abs, real or imag instead")
    place = checked_axis(axis, node.ndim, name)
    return eagerly(name, x, axis=place, descending=descending, stable=stable)


def sort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """The elements in order along an axis; equal ones keep their order if `stable`."""
    return _sorted("sort", x, axis, descending, stable)


def argsort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """The indices that sort the elements along an axis; equal ones keep their order if `stable`."""
    return _sorted("argsort", x, axis, descending, stable)
