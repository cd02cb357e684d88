"""Compiled loops: the numba backend beside NumPy, numexpr, torch, JAX, loops by hand, and the machine's bandwidth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numba
import numexpr
import numpy as np

from benchmarks.case import OURS, Call, Case
from benchmarks.data import uniform
from benchmarks.peers import peers
from benchmarks.program import compiled_call

__all__ = ["CASES"]

Array = np.ndarray[Any, np.dtype[Any]]


def _numexpr(text: str, **arrays: Any) -> dict[str, Call]:
    return {"numexpr": lambda: numexpr.evaluate(text, local_dict=arrays)}


@numba.njit(parallel=True)
def _by_hand(k: Array, r: Array, r0: Array) -> float:
    total = 0.0
    for i in numba.prange(k.size):
        total += 0.5 * k[i] * (r[i] - r0[i]) ** 2
    return total


def _energy(n: int) -> dict[str, Call]:
    k, r, r0 = uniform(*[(n,)] * 3)
    return {
        OURS: compiled_call("E[] = 0.5 * k[i] * (r[i] - r0[i])**2", k=k, r=r, r0=r0),
        "numba by hand": lambda: _by_hand(k, r, r0),
        **peers(lambda xp, k, r, r0: xp.sum(0.5 * k * (r - r0) ** 2), k, r, r0),
        **_numexpr("sum(0.5 * k * (r - r0)**2)", k=k, r=r, r0=r0),
    }


@numba.njit(parallel=True)
def _triad(a: Array, b: Array, c: Array, scale: np.float32) -> Array:
    for i in numba.prange(a.size):
        a[i] = b[i] + scale * c[i]
    return a


def _chain(n: int) -> dict[str, Call]:
    """Ten operations that read one array and write another, and STREAM's triad, which moves as many bytes."""
    (x,) = uniform((n,), dtype="float32")
    a, b, c = (np.ones(2 * n // 3, "float32") for _ in range(3))
    text = "y[i] = 1 / (1 + (2 * x[i] - 1)**2 + abs(x[i] - 1)) + sqrt(x[i]) * x[i]"
    one, two = np.float32(1), np.float32(2)
    return {
        OURS: compiled_call(text, x=x),
        **peers(lambda xp, x: 1 / (1 + (2 * x - 1) ** 2 + xp.abs(x - 1)) + xp.sqrt(x) * x, x),
        **_numexpr("one / (one + (two * x - one)**2 + abs(x - one)) + sqrt(x) * x", x=x, one=one, two=two),
        "triad of as many bytes": lambda: _triad(a, b, c, two),
    }


def _transposed(n: int) -> dict[str, Call]:
    A, B = uniform((n, n), (n, n))
    return {OURS: compiled_call("C[i,j] = A[i,j] + B[j,i]", A=A, B=B), **peers(lambda _, A, B: A + B.T, A, B)}


def _function(name: str, n: int) -> dict[str, Call]:
    (x,) = uniform((n,))
    return {
        OURS: compiled_call(f"y[i] = {name}(x[i]) * x[i] + 1", x=x),
        **peers(lambda xp, x: getattr(xp, name)(x) * x + 1, x),
        **_numexpr(f"{name}(x) * x + 1", x=x),
    }


def _power(n: int) -> dict[str, Call]:
    x, y = uniform((n,), (n,))
    return {
        OURS: compiled_call("z[i] = x[i]**y[i] + x[i]", x=x, y=y),
        **peers(lambda _, x, y: x**y + x, x, y),
        **_numexpr("x**y + x", x=x, y=y),
    }


def _masked_mean(n: int) -> dict[str, Call]:
    x, m = uniform((n,), (n,))
    total, number = "sum(where(m[i] > 1, x[i], 0.0), over=i)", "sum(where(m[i] > 1, 1.0, 0.0), over=i)"
    return {
        OURS: compiled_call(f"s[] = {total}; c[] = {number}; a[] = s[] / c[]", "a", x=x, m=m),
        "numpy, elements taken": lambda: np.mean(x[m > 1]),
        **peers(lambda xp, x, m: xp.sum(xp.where(m > 1, x, 0.0)) / xp.sum(xp.where(m > 1, 1.0, 0.0)), x, m),
    }


def _cases(name: str, build: Callable[[], dict[str, Call]], goals: Mapping[str, float]) -> Iterator[Case]:
    """One case per goal: a peer, or "" for the fastest, and what we may take compared with it."""
    for peer, limit in goals.items():
        # Of single precision the contenders agree to fewer digits than are compared, and a triad is another result.
        yield Case(name, build, limit, (peer,) if peer else (), check="float32" not in name)


CASES = (
    *_cases("harmonic energy, 1e7", partial(_energy, 10**7), {"numpy": 0.25, "": 1.0}),
    *_cases(
        "ten operations, 1e7 float32",
        partial(_chain, 10**7),
        {"numpy": 0.25, "numexpr": 1.0, "triad of as many bytes": 1.3},
    ),
    *_cases("A + B transposed, 2048", partial(_transposed, 2048), {"numpy": 1 / 3}),
    *_cases("masked mean, 1e7", partial(_masked_mean, 10**7), {"": 1.0}),
    *(
        case
        for name in ("exp", "log", "sin", "tanh")
        for case in _cases(f"{name}(x) x + 1, 1e6", partial(_function, name, 10**6), {"": 1.0})
    ),
    *_cases("x**y + x, 1e6", partial(_power, 10**6), {"": 1.0}),
)
