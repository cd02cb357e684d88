"""Running sums and products, and triangular parts: computed at once by the library that holds the elements."""

from __future__ import annotations

from typing import Any

from tensorlayer.array_api.arguments import as_tensor, checked_axis
from tensorlayer.array_api.eager import eagerly, extension
from tensorlayer.errors import ShapeError
from tensorlayer.language.construction import checked_dtype
from tensorlayer.language.operand import as_node
from tensorlayer.language.tensor import Tensor

__all__ = ["cumulative_prod", "cumulative_sum", "tril", "triu"]


def _cumulative(name: str, x: Any, axis: int | None, dtype: Any, include_initial: bool) -> Tensor:
    tensor = as_tensor(x)
    if axis is None and tensor.ndim != 1:
        raise ShapeError(f"{name} needs an axis for a tensor of rank {tensor.ndim}")
    options: dict[str, Any] = {"axis": checked_axis(axis, tensor.ndim, name), "include_initial": include_initial}
    if dtype is not None:
        options["dtype"] = extension(tensor.unwrap(), checked_dtype(dtype).name, tensor.backend)
    return eagerly(name, tensor, **options)


def cumulative_sum(x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Tensor:
    """Sums of the first elements along an axis: of one, of two, ...; of none as well with `include_initial`."""
    return _cumulative("cumulative_sum", x, axis, dtype, include_initial)


def cumulative_prod(x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Tensor:
    """Products of the first elements along an axis: of one, of two, ...; of none as well with `include_initial`."""
    return _cumulative("cumulative_prod", x, axis, dtype, include_initial)


def _triangle(name: str, x: Any, k: int) -> Tensor:
    if as_node(x).ndim < 2:
        raise ShapeError(f"{name} needs rank 2 or more, got shape {as_node(x).shape}")
    return eagerly(name, x, k=k)


def tril(x: Any, /, *, k: int = 0) -> Tensor:
    """The elements on and below the k-th diagonal of the last two modes, zeros above."""
    return _triangle("tril", x, k)


def triu(x: Any, /, *, k: int = 0) -> Tensor:
    """The elements on and above the k-th diagonal of the last two modes, zeros below."""
    return _triangle("triu", x, k)
