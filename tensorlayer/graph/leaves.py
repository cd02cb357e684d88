"""Operations without inputs: where elements come from."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, final

import numpy as np

from tensorlayer.errors import GraphError
from tensorlayer.graph.node import DType, Node, parameter

__all__ = ["Delta", "Fill", "Generate", "Input"]


@final
class Input(Node):
    """A tensor that exists.

    Parameters are `key` (a position in a plan, or the value itself while recording), `shape`, `dtype`, the
    `place` as (backend, device), the declared `symmetry` and `sparsity` (None: none, dense), and the `form` in which
    the backend holds it (None: an array like any other).
    """

    __slots__ = ()
    parameter_names = ("key", "shape", "dtype", "place", "symmetry", "sparsity", "form")

    @classmethod
    def of(  # noqa: PLR0917  # a description, in the order of the parameters
        cls,
        key: Hashable,
        shape: tuple[int, ...],
        dtype: Any,
        place: tuple[str, str] = ("", ""),
        symmetry: Hashable = None,
        sparsity: Hashable = None,
        form: Hashable = None,
    ) -> Input:
        """An input of the given description."""
        return cls.make((), key, tuple(shape), np.dtype(dtype), place, symmetry, sparsity, form)

    #: What identifies the tensor.
    key = parameter[Any](0)
    #: Backend and device that hold the elements; empty strings where any will do.
    place = parameter[tuple[str, str]](3)

    #: The declared symmetry, or None.
    symmetry = parameter[Any](4)
    #: The declared sparsity, or None for dense.
    sparsity = parameter[Any](5)

    #: What plans must know of how the backend holds it, see `Backend.form_of`; None for an array like any other.
    form = parameter[Any](6)

    def _derive(self) -> tuple[tuple[int, ...], DType]:
        _, shape, dtype, *_ = self.parameters
        if not all(isinstance(extent, (int, np.integer)) and extent >= 0 for extent in shape):
            raise GraphError(f"Input: extents are integers, 0 or more, got shape {shape}")
        return shape, dtype


@final
class Fill(Node):
    """A tensor with one value everywhere: `shape`, `value`, `dtype`."""

    __slots__ = ()
    parameter_names = ("shape", "value", "dtype")

    @classmethod
    def of(cls, shape: tuple[int, ...], value: Any, dtype: Any) -> Fill:
        """The tensor of that shape filled with `value`."""
        return cls.make((), tuple(shape), value, np.dtype(dtype))

    #: The value of every element.
    value = parameter[Any](1)

    @classmethod
    def identity(cls, parameters: tuple[Any, ...]) -> tuple[Any, ...]:
        """The value as it is written: 0.0 equals -0.0, and NaN does not equal itself."""
        shape, value, dtype = parameters
        return shape, repr(value), dtype

    def _derive(self) -> tuple[tuple[int, ...], DType]:
        return self.parameters[0], self.parameters[2]


@final
class Delta(Node):
    """The identity matrix: `extent`, `dtype`."""

    __slots__ = ()
    parameter_names = ("extent", "dtype")

    @classmethod
    def of(cls, extent: int, dtype: Any) -> Delta:
        """The identity matrix of that extent."""
        return cls.make((), extent, np.dtype(dtype))

    def _derive(self) -> tuple[tuple[int, ...], DType]:
        return (self.parameters[0],) * 2, self.parameters[1]


@final
class Generate(Node):
    """An on-demand tensor: a function of the indices over a region.

    Parameters are `generator` (a hashable with ``generate(region) -> array``), `region` (one
    ``(start, stop, step)`` per mode of the generator) and `dtype`. Slicing it is another region, so a slice
    computes only itself.
    """

    __slots__ = ()
    parameter_names = ("generator", "region", "dtype")

    @classmethod
    def of(cls, generator: Hashable, region: tuple[tuple[int, int, int], ...], dtype: Any) -> Generate:
        """The tensor that `generator` makes over `region`."""
        return cls.make((), generator, tuple(region), np.dtype(dtype))

    #: The function behind the tensor.
    generator = parameter[Any](0)
    #: Start, stop and step of every mode.
    region = parameter[tuple[tuple[int, int, int], ...]](1)

    def _derive(self) -> tuple[tuple[int, ...], DType]:
        if any(step < 1 for _, _, step in self.region):
            raise GraphError(f"Generate needs steps >= 1, got the region {self.region}")
        return tuple(len(range(*bounds)) for bounds in self.region), self.parameters[2]
