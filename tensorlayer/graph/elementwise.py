"""Map: one scalar expression at every element. Fused: a map and the reduction that consumes it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import final

from tensorlayer.errors import GraphError
from tensorlayer.graph.node import DType, Node, parameter
from tensorlayer.graph.reduce import REDUCTIONS, reduced_dtype
from tensorlayer.scalar import Body, arguments_of, count_operations, dtype_of, format_body

__all__ = ["Fused", "Map"]


def _check_axes(node: Node, axes: Sequence[Sequence[int]], shape: Sequence[int], body: Body) -> None:
    if len(axes) != len(node.inputs):
        raise GraphError(f"{node.operation} needs one axis list per input, got {axes} for {len(node.inputs)} inputs")
    for source, places in zip(node.inputs, axes, strict=True):
        fits = len(places) == source.ndim and len(set(places)) == len(places)
        if not fits or any(
            not 0 <= p < len(shape) or shape[p] != n for p, n in zip(places, source.shape, strict=False)
        ):
            raise GraphError(f"{node.operation}: axes {places} do not place shape {source.shape} in {tuple(shape)}")
    if any(i >= len(node.inputs) for i in arguments_of(body)):
        raise GraphError(f"{node.operation}: {format_body(body)} has more arguments than {len(node.inputs)} inputs")


@final
class Map(Node):
    """An elementwise expression.

    Parameters are `axes` (for every input, the output axis of each of its modes: transposes and broadcasts
    are here), `shape` and `body` (a scalar expression whose arguments are the inputs).
    """

    __slots__ = ()
    parameter_names = ("axes", "extents", "body")

    @classmethod
    def of(cls, inputs: Iterable[Node], axes: Sequence[Sequence[int]], shape: Sequence[int], body: Body) -> Map:
        """`body` at every element of `shape`."""
        return cls.make(inputs, tuple(map(tuple, axes)), tuple(shape), body)

    #: Output axis of every mode of every input.
    axes = parameter[tuple[tuple[int, ...], ...]](0)
    #: The scalar expression.
    body = parameter[Body](2)

    def flops(self) -> int:
        """Function calls per element times elements."""
        return count_operations(self.body) * self.size

    def edge_labels(self) -> tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]:
        """Output axes are the labels."""
        return self.axes, tuple(range(self.ndim))

    def _derive(self) -> tuple[tuple[int, ...], DType]:
        axes, shape, body = self.parameters
        _check_axes(self, axes, shape, body)
        return shape, dtype_of(body, tuple(node.dtype for node in self.inputs))


@final
class Fused(Node):
    """A map whose result is reduced at once, so that it is never stored.

    Parameters are those of `Map` (`extents` is the shape of the loop), then `kind` of the reduction and the
    `reduced` axes.
    """

    __slots__ = ()
    parameter_names = ("axes", "extents", "body", "kind", "reduced")

    @classmethod
    def of(cls, source: Map, kind: str, reduced: Sequence[int]) -> Fused:
        """Reduce `source` over the axes `reduced`."""
        return cls.make(source.inputs, *source.parameters, kind, tuple(sorted(reduced)))

    #: Loop axis of every mode of every input.
    axes = parameter[tuple[tuple[int, ...], ...]](0)
    #: Shape of the loop.
    extents = parameter[tuple[int, ...]](1)

    #: The scalar expression.
    body = parameter[Body](2)
    #: Name of the reduction.
    kind = parameter[str](3)

    #: The loop axes that are reduced, ascending.
    reduced = parameter[tuple[int, ...]](4)

    def unfused(self) -> Map:
        """The map alone."""
        return Map.make(self.inputs, *self.parameters[:3])

    def flops(self) -> int:
        """Function calls and the reduction, per element of the loop."""
        return (count_operations(self.body) + 1) * math.prod(self.extents)

    def edge_labels(self) -> tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]:
        """Loop axes are the labels."""
        return self.axes, tuple(a for a in range(len(self.extents)) if a not in self.reduced)

    def _derive(self) -> tuple[tuple[int, ...], DType]:
        axes, extents, body, kind, reduced = self.parameters
        _check_axes(self, axes, extents, body)
        if kind not in REDUCTIONS or any(not 0 <= a < len(extents) for a in reduced):
            raise GraphError(f"Fused: reduction {kind!r} over axes {reduced} of a loop of shape {extents}")
        dtype = dtype_of(body, tuple(node.dtype for node in self.inputs))
        return tuple(n for a, n in enumerate(extents) if a not in reduced), reduced_dtype(kind, dtype)
