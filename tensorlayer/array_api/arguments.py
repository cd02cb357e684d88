"""What the functions of the standard are given: tensors and axes."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, overload

from tensorlayer.errors import ShapeError
from tensorlayer.language.tensor import Tensor

__all__ = ["as_axes", "as_tensor", "checked_axis"]


def as_tensor(x: Any) -> Tensor:
    """A tensor around an array; a tensor itself."""
    return x if isinstance(x, Tensor) else Tensor(x)


def as_axes(axes: int | Sequence[int]) -> tuple[int, ...]:
    """One axis or several, as a tuple."""
    return (axes,) if isinstance(axes, int) else tuple(axes)


@overload
def checked_axis(axis: int, rank: int, what: str) -> int: ...
@overload
def checked_axis(axis: int | None, rank: int, what: str) -> int | None: ...
def checked_axis(axis: int | None, rank: int, what: str) -> int | None:
    """The axis, counted from the front; None stays None.

    Raises
    ------
    ShapeError
        If there is no such axis.
    """
    if axis is None:
        return None
    axis = operator.index(axis)
    if not -rank <= axis < rank:
        raise ShapeError(f"{what}: axis {axis} of a tensor of rank {rank}, whose axes are {-rank} to {rank - 1}")
    return axis % rank
