"""Operations that place elements: slices, updates, shapes, joins, and tensors from nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tensorlayer.graph import Concatenate, Delta, Fill, Generate, Node, Reshape, Slice, SliceKey, Update, sliced_shape
from tensorlayer.testing.case import Array, Case, inputs_for
from tensorlayer.testing.cases.samples import DTYPES, sample

__all__ = ["MOVEMENTS", "Ramp"]

_SHAPE = (4, 5)
_KEYS: tuple[SliceKey, ...] = (
    ((0, 4, 1), (0, 5, 1)),
    ((1, 3, 1), (0, 5, 2)),
    (2, (1, 4, 1)),
    ((0, 4, 1), 0),
    (3, 4),
    ((3, -1, -1), (0, 5, 1)),
    ((3, 0, -2), (4, -1, -3)),
    (1, (4, -1, -1)),
    ((2, 2, 1), (0, 5, 1)),
    ((0, 4, 1), (5, 5, 1)),
    ((2, 2, -1), (0, 5, 1)),
)


@dataclass(frozen=True, slots=True)
class Ramp:
    """A generator: 10 i + j + 1 at index (i, j), as floating point numbers or whatever it is cast to."""

    def generate(self, region: tuple[tuple[int, int, int], ...]) -> Array:
        """The elements of a region."""
        rows, columns = (np.arange(*bounds) for bounds in region)
        return 10.0 * rows[:, None] + columns[None, :] + 1.0


def _slices() -> Iterator[Case]:
    array = sample(_SHAPE, "float64")
    (source,) = inputs_for(array)
    for key in _KEYS:
        yield Case(f"slice-{key}", (Slice.of(source, key),), (array,))
        for dtypes in (("float64", "float64"), ("int32", "float32"), ("complex64", "bool")):
            base, value = sample(_SHAPE, dtypes[0]), sample(sliced_shape(_SHAPE, key), dtypes[1], 1)
            yield Case(f"update-{key}-{dtypes[0]}", (_update(base, value, key),), (base, value))
    scalar = sample((), "float64")
    yield Case("slice of a scalar", (Slice.of(inputs_for(scalar)[0], ()),), (scalar,))
    yield Case("update of a scalar", (_update(scalar, scalar, ()),), (scalar, scalar))


def _update(base: Array, value: Array, key: SliceKey) -> Update:
    first, second = inputs_for(base, value)
    return Update.of(first, second, key)


def _reshaped(array: Array, shape: tuple[int, ...]) -> Case:
    (source,) = inputs_for(array)
    return Case(f"reshape-{array.shape}-{shape}", (Reshape.of(source, shape),), (array,))


def _reshapes() -> Iterator[Case]:
    for old, new in (((6,), (2, 3)), ((2, 3), (6,)), ((2, 3), (3, 2)), ((), (1, 1)), ((1,), ()), ((0, 3), (2, 0))):
        yield _reshaped(sample(old, "float32"), new)
    turned = np.asfortranarray(sample((2, 3), "float32"))
    yield Case("reshape of column-major", (Reshape.of(inputs_for(turned)[0], (6,)),), (turned,))


def _joins() -> Iterator[Case]:
    for dtypes in (("float64", "float64"), ("int32", "float32"), ("bool", "complex64")):
        parts = [sample((2, 3), dtypes[0]), sample((1, 3), dtypes[1], 1), sample((0, 3), dtypes[1])]
        yield Case(f"concatenate-{dtypes}", (Concatenate.of(inputs_for(*parts), 0),), tuple(parts))
    parts = [sample((2, 1), "float64"), sample((2, 2), "float64", 1)]
    yield Case("concatenate columns", (Concatenate.of(inputs_for(*parts), 1),), tuple(parts))
    yield Case("concatenate one", (Concatenate.of(inputs_for(parts[0]), 1),), (parts[0],))


def _from_nothing() -> Iterator[Case]:
    region = ((0, 4, 1), (1, 5, 2))
    for dtype in DTYPES:
        nodes: tuple[Node, ...] = (
            Fill.of((2, 3), 1, dtype),
            Fill.of((), 1, dtype),
            Fill.of((0, 2), 1, dtype),
            Delta.of(3, dtype),
            Delta.of(0, dtype),
            Generate.of(Ramp(), region, dtype),
        )
        yield from (Case(f"{node.operation}-{list(node.shape)}-{dtype}", (node,), ()) for node in nodes)
    yield Case("Fill-2.5", (Fill.of((2,), 2.5, "float32"),), ())
    yield Case("Fill-NaN", (Fill.of((2,), float("nan"), "float64"),), ())
    yield Case("Fill-1j", (Fill.of((2,), 1j, "complex64"),), ())


MOVEMENTS: tuple[Case, ...] = (*_slices(), *_reshapes(), *_joins(), *_from_nothing())
