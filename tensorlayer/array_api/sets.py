"""Sets of elements: computed at once, because the shapes of the results depend on the elements."""

from __future__ import annotations

from typing import Any

from tensorlayer.array_api.arguments import as_tensor
from tensorlayer.array_api.eager import eagerly, eagerly_several
from tensorlayer.language.operand import as_node
from tensorlayer.language.tensor import Tensor

__all__ = ["isin", "unique_all", "unique_counts", "unique_inverse", "unique_values"]


def isin(x1: Any, x2: Any, /, *, invert: bool = False) -> Tensor:
    """Whether each element of `x1` is (with `invert`: is not) among those of `x2`; of the shape of `x1`."""
    one = as_tensor(x1)
    return eagerly("isin", one, _searched(x2), invert=invert)


def _searched(x: Any) -> Tensor:
    if not isinstance(x, int | float | complex):
        as_node(x)  # refuses what is neither a tensor nor an array
    return as_tensor(x)


def unique_all(x: Any, /) -> Any:
    """The distinct elements, where each first occurs, which of them each element is, and how often each occurs.

    Returns
    -------
    named tuple
        ``values``, ``indices``, ``inverse_indices`` (of the shape of `x`), ``counts``.
    """
    return eagerly_several("unique_all", x)


def unique_counts(x: Any, /) -> Any:
    """The distinct elements, and how often each occurs: a named tuple of ``values`` and ``counts``."""
    return eagerly_several("unique_counts", x)


def unique_inverse(x: Any, /) -> Any:
    """The distinct elements, and which of them each element is: ``values`` and ``inverse_indices``."""
    return eagerly_several("unique_inverse", x)


def unique_values(x: Any, /) -> Tensor:
    """The distinct elements of a tensor, as a vector."""
    return eagerly("unique_values", x)
