"""Thousands of recorded statements, terms, factors and functions: no recursion along them, anywhere."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import pytest

import tensorlayer as tl

N = 2000
array = np.array([1.0, 0.5, -0.25])


def accumulated(A: tl.Tensor) -> tl.Tensor:
    C = tl.tensor(np.zeros(3))
    for _ in range(N):
        C["i"] += A["i"]
    return C


def contracted(A: tl.Tensor) -> tl.Tensor:
    M, C = tl.tensor(np.eye(3)[::-1]), A.copy()
    for _ in range(N):
        C["i"] = M["i,k"] * C["k"]
    return C


def fold(step: Callable[[Any, Any], Any], count: int = N) -> Callable[[tl.Tensor], tl.Tensor]:
    return lambda A: reduce(step, [A["i"]] * count, A["i"])["i"]


def unlabelled(A: tl.Tensor) -> tl.Tensor:
    return reduce(lambda C, _: C + A, range(N), A)


def written_in_parts(A: tl.Tensor) -> tl.Tensor:
    C = tl.tensor(np.zeros(3))
    for step in range(N):
        C[step % 3] = float(step)
    return C


def chain_of_matrices(A: tl.Tensor) -> tl.Tensor:
    M = tl.tensor(np.eye(3)[::-1])
    factors = [M[f"i{k},i{k + 1}"] for k in range(1500)]
    return (reduce(lambda e, f: e * f, factors) * A["i1500"])["i0"]


CHAINS: dict[str, tuple[Callable[[tl.Tensor], tl.Tensor], Any]] = {
    "accumulated": (accumulated, array * N),
    "contracted": (contracted, array),
    "sum to the left": (fold(lambda e, a: e + a), array * (N + 1)),
    "sum to the right": (fold(lambda e, a: a - e), array),
    "scaled sums": (fold(lambda e, a: 0.5 * e + a), array * 2),
    "product": (fold(lambda e, a: e * a, 1500), array**1501),
    "quotients": (fold(lambda e, a: e / a * a, 750), array),
    "functions": (
        fold(lambda e, a: tl.tanh(tl.sinh(e)), 3),
        np.tanh(np.sinh(np.tanh(np.sinh(np.tanh(np.sinh(array)))))),
    ),
    "nested functions": (fold(lambda e, a: abs(e), 1500), abs(array)),
    "closings": (fold(lambda e, a: (e + a)["i"] * 1.0, 1500), array * 1501),
    "unlabelled": (unlabelled, array * (N + 1)),
    "written in parts": (written_in_parts, [1998.0, 1999.0, 1997.0]),
    "chain of matrices": (chain_of_matrices, array),
}


@pytest.mark.parametrize("chain", CHAINS)
def test_value(chain: str) -> None:
    build, expected = CHAINS[chain]
    np.testing.assert_allclose(build(tl.tensor(array)), expected, rtol=1e-12)


@pytest.mark.parametrize("chain", ["accumulated", "sum to the left", "product", "unlabelled", "nested functions"])
def test_pickle_and_copy(chain: str) -> None:
    build, expected = CHAINS[chain]
    recorded = build(tl.tensor(array))
    received = pickle.loads(pickle.dumps(recorded))
    assert not recorded.is_computed
    for one in (received, copy.copy(recorded), copy.deepcopy(recorded)):
        np.testing.assert_allclose(one, expected, rtol=1e-12)


@pytest.mark.parametrize("chain", ["sum to the left", "sum to the right", "nested functions"])
def test_formulas_are_abbreviated(chain: str) -> None:
    formula = CHAINS[chain][0](tl.tensor(array)).formula()
    assert "..." in formula
    assert len(formula) < 1000


def test_one_expression_read_often() -> None:
    """e * e thirty times over is thirty maps, not 2**30 factors."""
    e = tl.tensor([1.0, -1.0])["i"]
    for _ in range(30):
        e = e * e
    np.testing.assert_array_equal(e["i"], [1.0, 1.0])


def test_gradient() -> None:
    x = tl.tensor(array)
    C = tl.tensor(np.zeros(3))
    for _ in range(N):
        C["i"] += x["i"] * x["i"]
    np.testing.assert_allclose(tl.grad(C["i"][""], x), 2 * N * array)


@pytest.mark.parametrize("operator", ["+", "*", "-"])
def test_text(operator: str) -> None:
    text = "C[i] = " + f" {operator} ".join(["A[i]"] * 1500)
    expected = {"+": array * 1500, "*": array**1500, "-": array * -1498}[operator]
    np.testing.assert_allclose(tl.program(text)(A=array), expected, rtol=1e-12)


def test_text_of_many_statements() -> None:
    program = tl.program("C[i] = A[i]\n" + "C[i] += A[i]; " * N)
    np.testing.assert_allclose(program(A=array), array * (N + 1))
