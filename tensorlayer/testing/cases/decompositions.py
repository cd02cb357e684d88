"""Decompositions: matrices, stacks of them, empty ones, and matrices that have none."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tensorlayer.graph import LINALG, Linalg, Result
from tensorlayer.testing.case import Array, Case, inputs_for
from tensorlayer.testing.cases.samples import sample

__all__ = ["DECOMPOSITIONS", "FAILING"]

_DTYPES = ("float32", "float64", "complex64", "complex128")
_STACKS = ((), (2,), (0,))


def _positive(stack: tuple[int, ...], n: int, dtype: str) -> Array:
    a = sample((*stack, n, n), dtype)
    positive: Array = a @ a.conj().swapaxes(-1, -2) + n * np.eye(n, dtype=dtype)
    return positive


def _general(stack: tuple[int, ...], n: int, dtype: str) -> Array:
    general: Array = sample((*stack, n, n), dtype) + 3 * np.eye(n, dtype=dtype)
    return general


def _case(name: str, label: str, arrays: list[Array], *options: int) -> Case:
    node = Linalg.of(name, inputs_for(*arrays), *options)
    sinks = tuple(Result.of(node, i) for i in range(len(LINALG[name].results)))
    return Case(f"{name}-{label}", sinks, tuple(arrays))


def _of(stack: tuple[int, ...], n: int, dtype: str) -> Iterator[Case]:
    label = f"{(*stack, n, n)}-{dtype}"
    positive, general = _positive(stack, n, dtype), _general(stack, n, dtype)
    for name in ("cholesky", "eigh"):
        yield _case(name, label, [positive])
    for name in ("inv", "det", "eig", "qr", "svd"):
        yield _case(name, label, [general])
    for exponent in (0, 1, 3, -2):
        yield _case("matrix_power", f"{label}-{exponent}", [general], exponent)
    yield _case("solve", label, [general, sample((*stack, n, 2), dtype, 1)])
    if not stack:
        yield _case("solve", f"{label}-vector", [general, sample((n,), dtype, 1)])
    yield _case("qr", f"{label}-tall", [sample((*stack, n + 2, n), dtype)])
    yield _case("qr", f"{label}-wide", [sample((*stack, n, n + 2), dtype)])
    yield _case("svd", f"{label}-tall", [sample((*stack, n + 2, n), dtype)])


def _all() -> Iterator[Case]:
    for dtype in _DTYPES:
        for stack in _STACKS:
            yield from _of(stack, 3, dtype)
        yield from _of((), 1, dtype)
    whole = np.array([[4, 1], [2, 3]])
    for name in ("inv", "det", "eig", "qr", "svd"):
        yield _case(name, "integers", [whole])
    yield _case("solve", "mixed types", [whole, sample((2, 1), "complex64")])
    rotation = np.array([[0.0, -1.0], [1.0, 0.0]])
    yield _case("eig", "complex eigenvalues of a real matrix", [rotation])


DECOMPOSITIONS: tuple[Case, ...] = tuple(_all())
#: Matrices without the decomposition.
FAILING: tuple[Case, ...] = (
    _case("cholesky", "indefinite", [np.array([[1.0, 2.0], [2.0, 1.0]])]),
    _case("inv", "singular", [np.ones((2, 2))]),
    _case("solve", "singular", [np.ones((2, 2)), np.ones((2, 1))]),
)
