"""Compiled loops: the numba backend against NumPy, numexpr, torch, and the machine's own bandwidth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numba
import numexpr
import numpy as np
import torch

import tensorlayer as tl
from benchmarks.case import OURS, Call, Case

__all__ = ["CASES"]

Array = np.ndarray[Any, np.dtype[Any]]


def _ours(text: str, result: str = "", **arrays: Array) -> Call:
    """The program on arrays that the numba backend holds; its only result, or one of several."""
    program = tl.program(text)
    tensors = {name: tl.tensor(array, backend="numba") for name, array in arrays.items()}
    return (lambda: program(**tensors)[result]) if result else partial(program, **tensors)


def _random(*shapes: tuple[int, ...], dtype: str = "float64") -> list[Array]:
    rng = np.random.default_rng(2)
    return [rng.uniform(0.5, 1.5, shape).astype(dtype) for shape in shapes]


def _evaluated(text: str, arrays: Mapping[str, Array]) -> Call:
    return lambda: numexpr.evaluate(text, local_dict=dict(arrays))


@numba.njit(parallel=True)
def _by_hand(k: Array, r: Array, r0: Array) -> float:
    total = 0.0
    for i in numba.prange(k.size):
        total += 0.5 * k[i] * (r[i] - r0[i]) ** 2
    return total


def _energy(n: int) -> dict[str, Call]:
    k, r, r0 = _random(*[(n,)] * 3)
    tk, tr, tr0 = map(torch.from_numpy, (k, r, r0))
    return {
        OURS: _ours("E[] = 0.5 * k[i] * (r[i] - r0[i])**2", k=k, r=r, r0=r0),
        "numpy": lambda: np.sum(0.5 * k * (r - r0) ** 2),
        "numexpr": _evaluated("sum(0.5 * k * (r - r0)**2)", {"k": k, "r": r, "r0": r0}),
        "numba by hand": lambda: _by_hand(k, r, r0),
        "torch": lambda: torch.sum(0.5 * tk * (tr - tr0) ** 2),
    }


def _chain(n: int) -> dict[str, Call]:
    """Ten operations that read one array and write another, and copies, which move as many bytes."""
    (x,) = _random((n,), dtype="float32")
    text = "1 / (1 + (2 * x - 1)**2 + abs(x - 1)) + sqrt(x) * x"
    tx, copied = torch.from_numpy(x), np.empty_like(x)
    one, two = np.float32(1), np.float32(2)
    return {
        OURS: _ours("y[i] = 1 / (1 + (2 * x[i] - 1)**2 + abs(x[i] - 1)) + sqrt(x[i]) * x[i]", x=x),
        "numpy": lambda: 1 / (1 + (2 * x - 1) ** 2 + np.abs(x - 1)) + np.sqrt(x) * x,
        "numexpr": _evaluated(
            text.replace("1", "one").replace("2", "two").replace("**two", "**2"), {"x": x, "one": one, "two": two}
        ),
        "torch": lambda: 1 / (1 + (2 * tx - 1) ** 2 + torch.abs(tx - 1)) + torch.sqrt(tx) * tx,
        "copy to memory in use": partial(_copied, x, copied),
        "copy to new memory": x.copy,
    }


def _copied(source: Array, target: Array) -> Array:
    np.copyto(target, source)
    return target


def _transposed(n: int) -> dict[str, Call]:
    A, B = _random((n, n), (n, n))
    tA, tB = torch.from_numpy(A), torch.from_numpy(B)
    return {
        OURS: _ours("C[i,j] = A[i,j] + B[j,i]", A=A, B=B),
        "numpy": lambda: A + B.T,
        "torch": lambda: tA + tB.T,
    }


def _softmax(n: int) -> dict[str, Call]:
    (x,) = _random((n, n), dtype="float32")
    tx = torch.from_numpy(x)

    text = "m[i] = max(x[i,j], over=j); s[i] = sum(exp(x[i,j] - m[i]), over=j); y[i,j] = exp(x[i,j] - m[i]) / s[i]"

    def plain() -> Array:
        grown = np.exp(x - x.max(1, keepdims=True))
        return grown / grown.sum(1, keepdims=True)

    return {
        OURS: _ours(text, "y", x=x),
        "numpy": plain,
        "torch": lambda: torch.softmax(tx, 1),
    }


def _layer_norm(n: int) -> dict[str, Call]:
    (x,) = _random((n, n), dtype="float32")
    tx = torch.from_numpy(x)

    def plain() -> Array:
        centred = x - x.mean(1, keepdims=True)
        return centred / np.sqrt((centred * centred).mean(1, keepdims=True) + np.float32(1e-5))

    # A power makes the difference elementwise: a sum of unlike labels has no meaning as a factor.
    centred = "(x[i,j] - m[i])**1"
    text = (
        f"m[i] = sum(x[i,j], over=j) / {n}; v[i] = sum((x[i,j] - m[i])**2, over=j) / {n}; "
        f"y[i,j] = {centred} / sqrt(v[i] + 1e-5)"
    )
    return {
        OURS: _ours(text, "y", x=x),
        "numpy": plain,
        "torch": lambda: torch.nn.functional.layer_norm(tx, (n,)),
    }


def _squared_distances(n: int, d: int) -> dict[str, Call]:
    x, y = _random((n, d), (n, d))
    tx, ty = torch.from_numpy(x), torch.from_numpy(y)
    return {
        OURS: _ours("D[i,j] = sum((x[i,k] - y[j,k])**2, over=k)", x=x, y=y),
        "numpy": lambda: ((x[:, None] - y[None]) ** 2).sum(-1),
        "torch": lambda: ((tx[:, None] - ty[None]) ** 2).sum(-1),
    }


def _kernel_matrix(n: int) -> dict[str, Call]:
    """Radial basis functions of numbers."""
    x, y = _random((n,), (n,))
    tx, ty = torch.from_numpy(x), torch.from_numpy(y)
    return {
        OURS: _ours("K[i,j] = exp(-0.5 * (x[i] - y[j])**2)", x=x, y=y),
        "numpy": lambda: np.exp(-0.5 * (x[:, None] - y[None]) ** 2),
        "numexpr": _evaluated("exp(-0.5 * (x - y)**2)", {"x": x[:, None], "y": y[None]}),
        "torch": lambda: torch.exp(-0.5 * (tx[:, None] - ty[None]) ** 2),
    }


def _masked_mean(n: int) -> dict[str, Call]:
    x, m = _random((n,), (n,))
    tx, tm = torch.from_numpy(x), torch.from_numpy(m)
    total, number = "sum(where(m[i] > 1, x[i], 0.0), over=i)", "sum(where(m[i] > 1, 1.0, 0.0), over=i)"
    text = f"s[] = {total}; c[] = {number}; a[] = s[] / c[]"
    return {
        OURS: _ours(text, "a", x=x, m=m),
        "numpy": lambda: np.mean(x[m > 1]),
        "numpy where": lambda: np.mean(x, where=m > 1),
        "torch": lambda: torch.mean(tx[tm > 1]),
    }


def _case(name: str, build: Callable[[], dict[str, Call]], limit: float = 1.0, parts: tuple[str, ...] = ()) -> Case:
    # Of single precision the contenders agree to fewer digits than are compared, and a copy is another result.
    return Case(name, build, limit=limit, parts=parts, check="float32" not in name)


CASES = (
    _case("harmonic energy, 1e7", partial(_energy, 10**7), 0.25, ("numpy",)),
    _case("ten operations, 1e7 float32", partial(_chain, 10**7), 0.25, ("numpy",)),
    _case("A + B transposed, 2048", partial(_transposed, 2048), 1 / 3, ("numpy",)),
    _case("softmax, 2048 float32", partial(_softmax, 2048)),
    _case("layer norm, 2048 float32", partial(_layer_norm, 2048)),
    _case("squared distances, 1000 x 1000 x 8", partial(_squared_distances, 1000, 8)),
    _case("kernel matrix, 2000", partial(_kernel_matrix, 2000)),
    _case("masked mean, 1e7", partial(_masked_mean, 10**7)),
)
