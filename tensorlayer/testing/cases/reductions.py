"""Reductions and fused loops: kinds, axes, element types, NaN, empty axes."""

from __future__ import annotations

from collections.abc import Iterator

from tensorlayer.graph import REDUCTIONS as KINDS
from tensorlayer.graph import Fused, Map, Reduce
from tensorlayer.scalar import argument, call, constant
from tensorlayer.testing.case import Array, Case, inputs_for
from tensorlayer.testing.cases.samples import DTYPES, sample, special

__all__ = ["REDUCTIONS"]

_AXES = ((), (0,), (1,), (0, 2), (0, 1, 2))


def _reduced(name: str, array: Array, kind: str, axes: tuple[int, ...]) -> Case:
    (source,) = inputs_for(array)
    return Case(name, (Reduce.of(source, kind, axes),), (array,))


def _kinds() -> Iterator[Case]:
    for kind in KINDS:
        for dtype in DTYPES:
            if kind in ("max", "min") and dtype.startswith("complex"):
                continue
            array = sample((2, 3, 2), dtype)
            yield from (_reduced(f"{kind}-{dtype}-{axes}", array, kind, axes) for axes in _AXES)


def _special() -> Iterator[Case]:
    for kind in KINDS:
        for dtype in ("float32", "float64"):
            array = special(dtype).reshape(3, 4)
            yield _reduced(f"{kind}-{dtype}-NaN", array, kind, (1,))
        empty = sample((2, 0, 3), "float64")
        axes = (0,) if kind in ("max", "min") else (1,)
        yield _reduced(f"{kind}-empty", empty, kind, axes)


def _fused() -> Iterator[Case]:
    x, y = argument(0), argument(1)
    squared = call("pow", call("subtract", x, y), constant(2))
    matrix, row = sample((3, 4), "float64"), sample((4,), "float64", 1)
    loop = Map.of(inputs_for(matrix, row), [(0, 1), (1,)], (3, 4), squared)
    for kind in ("sum", "prod", "max", "min"):
        for axes in ((0,), (1,), (0, 1)):
            yield Case(f"fused-{kind}-{axes}", (Fused.of(loop, kind, axes),), (matrix, row))
    numbers = sample((5,), "int32")
    above = Map.of(inputs_for(numbers), [(0,)], (5,), call("greater", x, constant(0)))
    for kind in ("any", "all", "sum"):
        yield Case(f"fused-{kind}-bool", (Fused.of(above, kind, (0,)),), (numbers,))
    empty = sample((0, 4), "float64")
    nothing = Map.of(inputs_for(empty, row), [(0, 1), (1,)], (0, 4), squared)
    yield Case("fused-empty", (Fused.of(nothing, "sum", (0,)), Fused.of(nothing, "sum", (1,))), (empty, row))


REDUCTIONS: tuple[Case, ...] = (*_kinds(), *_special(), *_fused())
