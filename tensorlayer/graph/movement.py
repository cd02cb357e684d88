"""Operations that move elements and compute nothing: Slice, Update, Reshape, Concatenate, Convert."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import final

import numpy as np

from tensorlayer.errors import GraphError
from tensorlayer.graph.node import DType, Node, Place, parameter

__all__ = ["Concatenate", "Convert", "Reshape", "Slice", "SliceKey", "Update", "sliced_shape"]

#: One entry per mode: an integer takes a chip, ``(start, stop, step)`` a range (step may be negative,
#: then stop may be -1 for "through the first element").
SliceKey = tuple[int | tuple[int, int, int], ...]


def sliced_shape(shape: Sequence[int], key: SliceKey) -> tuple[int, ...]:
    """Shape of the part of `shape` that `key` selects.

    Raises
    ------
    GraphError
        If the key has another rank, or leaves the bounds.
    """
    if len(key) != len(shape):
        raise GraphError(f"a slice of shape {tuple(shape)} needs {len(shape)} entries, got {key}")
    result = []
    for extent, entry in zip(shape, key, strict=True):
        if isinstance(entry, int):
            if not 0 <= entry < extent:
                raise GraphError(f"index {entry} is out of range for extent {extent}")
            continue
        places = range(*entry)
        if places and not (0 <= places[0] < extent and 0 <= places[-1] < extent):
            raise GraphError(f"range {entry} leaves the extent {extent}")
        result.append(len(places))
    return tuple(result)


@final
class Slice(Node):
    """A part of a tensor: `key` as in `SliceKey`."""

    __slots__ = ()
    parameter_names = ("key",)

    @classmethod
    def of(cls, source: Node, key: SliceKey) -> Slice:
        """The part of `source` at `key`."""
        return cls.make((source,), tuple(key))

    #: What is taken, per mode.
    key = parameter[SliceKey](0)

    def _derive(self) -> tuple[tuple[int, ...], DType]:
        return sliced_shape(self.inputs[0].shape, self.key), self.inputs[0].dtype


@final
class Update(Node):
    """A tensor with the part at `key` replaced by the second input."""

    __slots__ = ()
    parameter_names = ("key",)

    @classmethod
    def of(cls, base: Node, value: Node, key: SliceKey) -> Update:
        """`base` with `value` at `key`."""
        return cls.make((base, value), tuple(key))

    #: What is replaced, per mode.
    key = parameter[SliceKey](0)

    def _derive(self) -> tuple[tuple[int, ...], DType]:
        base, value = self.inputs
        if sliced_shape(base.shape, self.key) != value.shape:
            raise GraphError(f"Update: a value of shape {value.shape} does not fit {self.key} of {base.shape}")
        return base.shape, np.result_type(base.dtype, value.dtype)


@final
class Reshape(Node):
    """The same elements in row-major order under another `shape`."""

    __slots__ = ()
    parameter_names = ("shape",)

    @classmethod
    def of(cls, source: Node, shape: Sequence[int]) -> Reshape:
        """`source` as `shape`."""
        return cls.make((source,), tuple(shape))

    def _derive(self) -> tuple[tuple[int, ...], DType]:
        shape: tuple[int, ...] = self.parameters[0]
        if math.prod(shape) != math.prod(self.inputs[0].shape):
            raise GraphError(f"Reshape: {self.inputs[0].shape} does not have as many elements as {shape}")
        return shape, self.inputs[0].dtype


@final
class Concatenate(Node):
    """Tensors one after the other along `axis`."""

    __slots__ = ()
    parameter_names = ("axis",)

    @classmethod
    def of(cls, parts: Iterable[Node], axis: int) -> Concatenate:
        """Join `parts` along `axis`."""
        return cls.make(parts, axis)

    #: The axis along which the inputs are joined.
    axis = parameter[int](0)

    def _derive(self) -> tuple[tuple[int, ...], DType]:
        if not self.inputs or not 0 <= self.axis < self.inputs[0].ndim:
            raise GraphError(f"Concatenate: axis {self.axis} of {[node.shape for node in self.inputs]}")
        first = self.inputs[0].shape
        for node in self.inputs[1:]:
            rest = (*node.shape[: self.axis], *node.shape[self.axis + 1 :])
            if node.ndim != len(first) or rest != (*first[: self.axis], *first[self.axis + 1 :]):
                raise GraphError(f"Concatenate: shapes {[n.shape for n in self.inputs]} differ beside axis {self.axis}")
        total = sum(node.shape[self.axis] for node in self.inputs)
        shape = (*first[: self.axis], total, *first[self.axis + 1 :])
        return shape, np.result_type(*(node.dtype for node in self.inputs))


@final
class Convert(Node):
    """The same elements held by another backend: `place` is (backend, device)."""

    __slots__ = ()
    parameter_names = ("place",)

    @classmethod
    def of(cls, source: Node, place: Place) -> Convert:
        """`source`, held by `place`."""
        return cls.make((source,), tuple(place))

    #: Backend and device the elements go to.
    place = parameter[Place](0)

    def _derive(self) -> tuple[tuple[int, ...], DType]:
        return self.inputs[0].shape, self.inputs[0].dtype
