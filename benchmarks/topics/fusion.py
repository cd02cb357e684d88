"""Elementwise expressions and their reductions: no temporaries, no second pass over memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

import tensorlayer as tl
from benchmarks.case import OURS, Call, Case

__all__ = ["CASES"]


def _energy(n: int) -> dict[str, Call]:
    """The energy of n springs."""
    rng = np.random.default_rng(2)
    k, r, r0 = (rng.uniform(0.5, 1.5, n) for _ in range(3))
    tk, tr, tr0 = map(torch.from_numpy, (k, r, r0))
    calls: dict[str, Call] = {
        OURS: partial(tl.program("E[] = 0.5 * k[i] * (r[i] - r0[i])**2"), k=k, r=r, r0=r0),
        "numpy": lambda: np.sum(0.5 * k * (r - r0) ** 2),
        "torch": lambda: torch.sum(0.5 * tk * (tr - tr0) ** 2),
    }
    if n > 1000:
        calls["numpy, rearranged"] = lambda: 0.5 * np.dot(k, np.square(r - r0))
    return calls


def _map(n: int) -> dict[str, Call]:
    rng = np.random.default_rng(2)
    a, b, c = (rng.uniform(0.5, 1.5, n) for _ in range(3))
    ta, tb, tc = map(torch.from_numpy, (a, b, c))
    return {
        OURS: partial(tl.program("y[i] = exp(-a[i]**2) + b[i] * c[i]"), a=a, b=b, c=c),
        "numpy": lambda: np.exp(-(a**2)) + b * c,
        "torch": lambda: torch.exp(-(ta**2)) + tb * tc,
    }


def _transposed(n: int) -> dict[str, Call]:
    rng = np.random.default_rng(2)
    A, B = rng.standard_normal((n, n)), rng.standard_normal((n, n))
    return {
        OURS: partial(tl.program("C[i,j] = A[i,j] + B[j,i]"), A=A, B=B),
        "numpy": lambda: A + B.T,
        "torch": partial(_add_transposed, torch.from_numpy(A), torch.from_numpy(B)),
    }


def _add_transposed(A: Any, B: Any) -> Any:
    return A + B.T


def _row_sums(n: int) -> dict[str, Call]:
    """Row sums of exponentials of differences: a broadcast operand and a partial reduction."""
    rng = np.random.default_rng(2)
    A, m = rng.standard_normal((n, n)), rng.standard_normal(n)
    return {
        OURS: partial(tl.program("s[i] = sum(exp(A[i,j] - m[i]), over=j)"), A=A, m=m),
        "numpy": lambda: np.exp(A - m[:, None]).sum(1),
    }


def _case(name: str, build: Callable[[int], dict[str, Call]], n: int) -> Case:
    """The goal: never slower than one line of NumPy, but for the call of a program."""
    return Case(f"{name}, {n:g}", partial(build, n), parts=("numpy",), allowance=4e-6)


CASES = (
    _case("harmonic energy", _energy, 100),
    _case("harmonic energy", _energy, 10_000),
    _case("harmonic energy", _energy, 100_000),
    _case("harmonic energy", _energy, 10_000_000),
    _case("exp(-a²) + b c", _map, 100),
    _case("exp(-a²) + b c", _map, 10_000_000),
    _case("A + B transposed", _transposed, 1000),
    _case("A + B transposed", _transposed, 2048),
    _case("row sums of exp(A - m)", _row_sums, 2048),
)
