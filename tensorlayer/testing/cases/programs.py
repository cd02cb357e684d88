"""Whole graphs, which a plan passes and runs: shared nodes, several sinks, products of many operands."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tensorlayer.graph import Delta, Einsum, Fill, Map, Reduce, Slice, Update
from tensorlayer.scalar import argument, call, constant
from tensorlayer.testing.case import Case, inputs_for
from tensorlayer.testing.cases.samples import sample

__all__ = ["PROGRAMS"]

_x, _y = argument(0), argument(1)


def _energy() -> Case:
    """0.5 k (r - r0)^2, summed: what a harmonic bond costs."""
    arrays = tuple(sample((7,), "float64", seed) for seed in range(3))
    k, r, r0 = inputs_for(*arrays)
    stretch = Map.of([r, r0], [(0,), (0,)], (7,), call("subtract", _x, _y))
    half = call("multiply", constant(0.5), _x)
    body = call("multiply", half, call("pow", _y, constant(2)))
    return Case("energy", (Reduce.of(Map.of([k, stretch], [(0,), (0,)], (7,), body), "sum", (0,)),), arrays)


def _chain(dtype: str) -> Case:
    arrays = tuple(sample(shape, dtype, seed) for seed, shape in enumerate(((2, 3), (3, 4), (4, 5), (5, 2))))
    labels = [(0, 1), (1, 2), (2, 3), (3, 4)]
    nodes = inputs_for(*arrays)
    chain, trace = Einsum.of(nodes, labels, (0, 4)), Einsum.of(nodes, [*labels[:3], (3, 0)], ())
    return Case(f"chain and trace-{dtype}", (chain, trace), arrays)


def _powers() -> Case:
    """Sinks that share an intermediate, one of them being it."""
    matrix = sample((3, 3), "float64")
    (a,) = inputs_for(matrix)
    squared = Einsum.of([a, a], [(0, 1), (1, 2)], (0, 2))
    cubed = Einsum.of([squared, a], [(0, 1), (1, 2)], (0, 2))
    total = Map.of([squared, cubed], [(0, 1), (1, 0)], (3, 3), call("add", _x, _y))
    return Case("powers", (total, squared, a), (matrix,))


def _assembled() -> Case:
    """Slices, updates and constants around a product."""
    matrix = sample((4, 4), "float64")
    (a,) = inputs_for(matrix)
    block = Slice.of(a, ((0, 2, 1), (3, -1, -2)))
    product = Einsum.of([block, block, Fill.of((2,), 2.0, "float64")], [(0, 1), (2, 1), (1,)], (0, 2))
    updated = Update.of(a, product, ((1, 3, 1), (0, 2, 1)))
    return Case(
        "assembled", (Map.of([updated, Delta.of(4, float)], [(0, 1), (1, 0)], (4, 4), call("add", _x, _y)),), (matrix,)
    )


def _all() -> Iterator[Case]:
    yield _energy()
    yield from (_chain(dtype) for dtype in ("float64", "complex128", "int64"))
    yield _powers()
    yield _assembled()
    empty = np.zeros((0, 3))
    (a,) = inputs_for(empty)
    yield Case("nothing", (Einsum.of([a, a], [(0, 1), (0, 2)], (1, 2)),), (empty,))


PROGRAMS: tuple[Case, ...] = tuple(_all())
