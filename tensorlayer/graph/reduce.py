"""Reduce: fold the elements along some axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np

from tensorlayer.errors import GraphError
from tensorlayer.graph.einsum import sum_dtype
from tensorlayer.graph.node import DType, Node, parameter

__all__ = ["REDUCTIONS", "Reduce", "reduced_dtype"]

#: The reductions there are, by array-API name. A mean is a sum and a division.
REDUCTIONS = ("sum", "prod", "max", "min", "any", "all")


def reduced_dtype(kind: str, dtype: DType) -> DType:
    """Element type of a reduction of elements of `dtype`."""
    if kind in ("sum", "prod"):
        return sum_dtype(dtype)
    return np.dtype(bool) if kind in ("any", "all") else dtype


@final
class Reduce(Node):
    """A reduction: `kind` (one of `REDUCTIONS`) over `axes` (ascending)."""

    __slots__ = ()
    parameter_names = ("kind", "axes")

    @classmethod
    def of(cls, source: Node, kind: str, axes: Sequence[int]) -> Reduce:
        """Reduce `source` over `axes`."""
        return cls.make((source,), kind, tuple(sorted(axes)))

    #: Name of the reduction.
    kind = parameter[str](0)
    #: The axes that are reduced, ascending.
    axes = parameter[tuple[int, ...]](1)

    def flops(self) -> int:
        """One operation per element read."""
        return self.inputs[0].size

    def edge_labels(self) -> tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]:
        """The input's axes are the labels."""
        return (tuple(range(self.inputs[0].ndim)),), self._kept

    @property
    def _kept(self) -> tuple[int, ...]:
        return tuple(a for a in range(self.inputs[0].ndim) if a not in self.axes)

    def _derive(self) -> tuple[tuple[int, ...], DType]:
        source = self.inputs[0]
        if self.kind not in REDUCTIONS:
            raise GraphError(f"Reduce: {self.kind!r} is not one of {', '.join(REDUCTIONS)}")
        if len(set(self.axes)) != len(self.axes) or any(not 0 <= a < source.ndim for a in self.axes):
            raise GraphError(f"Reduce: axes {self.axes} of a tensor of shape {source.shape}")
        if self.kind in ("max", "min") and any(source.shape[a] == 0 for a in self.axes):
            raise GraphError(f"{self.kind} over an empty axis has no value: shape {source.shape}, axes {self.axes}")
        if self.kind in ("max", "min") and source.dtype.kind == "c":
            raise GraphError(f"{self.kind} needs an order, which {source.dtype} has not")
        return tuple(source.shape[a] for a in self._kept), reduced_dtype(self.kind, source.dtype)
