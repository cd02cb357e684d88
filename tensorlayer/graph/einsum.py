"""Einsum: products of any number of operands, summed over the labels that the output lacks."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from typing import final

import numpy as np

from tensorlayer.errors import GraphError
from tensorlayer.graph.node import DType, Node, parameter

__all__ = ["Einsum", "sum_dtype"]


def sum_dtype(dtype: DType) -> DType:
    """Element type of a sum: integers narrower than 64 bits and booleans are added up in 64 bits."""
    if dtype.kind in "bi":
        return np.dtype(np.int64)
    return np.dtype(np.uint64) if dtype.kind == "u" else dtype


@final
class Einsum(Node):
    """Generalised Einstein summation.

    Parameters are `labels` (a tuple of numbers for every input, one per mode; a repeat takes the diagonal)
    and `output` (distinct numbers). Trace, transpose, direct, Hadamard, batched and mixed products are all
    this one node.
    """

    __slots__ = ()
    parameter_names = ("labels", "output")

    @classmethod
    def of(cls, inputs: Iterable[Node], labels: Sequence[Sequence[Hashable]], output: Sequence[Hashable]) -> Einsum:
        """The product of `inputs`, labelled by `labels`, kept over `output`."""
        numbers: dict[Hashable, int] = {}
        for label in (x for one in (*labels, output) for x in one):
            numbers.setdefault(label, len(numbers))
        renamed = tuple(tuple(numbers[x] for x in one) for one in labels)
        return cls.make(inputs, renamed, tuple(numbers[x] for x in output))

    #: Labels of every input's modes.
    labels = parameter[tuple[tuple[int, ...], ...]](0)
    #: Labels of the result's modes.
    output = parameter[tuple[int, ...]](1)

    @property
    def extents(self) -> dict[int, int]:
        """Extent of every label."""
        return {
            label: extent
            for node, labels in zip(self.inputs, self.labels, strict=True)
            for label, extent in zip(labels, node.shape, strict=True)
        }

    @property
    def summed(self) -> frozenset[int]:
        """The labels that are summed."""
        return frozenset(self.extents).difference(self.output)

    def flops(self) -> int:
        """Multiplications and additions of the plain loop over all labels."""
        loop = math.prod(self.extents.values())
        return loop * (max(len(self.inputs) - 1, 0) + bool(self.summed))

    def edge_labels(self) -> tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]:
        """The labels themselves."""
        return self.labels, self.output

    def _derive(self) -> tuple[tuple[int, ...], DType]:
        if not self.inputs or len(self.labels) != len(self.inputs):
            raise GraphError(f"Einsum needs one label list per input, got {self.labels} for {len(self.inputs)} inputs")
        extents: dict[int, int] = {}
        for node, labels in zip(self.inputs, self.labels, strict=True):
            if len(labels) != node.ndim:
                raise GraphError(f"Einsum: {len(labels)} labels {labels} for an input of shape {node.shape}")
            for label, extent in zip(labels, node.shape, strict=True):
                if extents.setdefault(label, extent) != extent:
                    raise GraphError(f"Einsum: label {label} has extents {extents[label]} and {extent}")
        if len(set(self.output)) != len(self.output) or not set(self.output) <= set(extents):
            raise GraphError(f"Einsum: the output {self.output} must be distinct labels of the inputs {self.labels}")
        dtype = np.result_type(*(node.dtype for node in self.inputs))
        summed = len(extents) > len(self.output)
        return tuple(extents[x] for x in self.output), sum_dtype(dtype) if summed else dtype
