"""What is too small for compiled loops, or no better there: the numba backend beside the numpy backend."""

from __future__ import annotations

from functools import partial
from typing import Any

from benchmarks.case import OURS, Call, Case
from benchmarks.data import uniform
from benchmarks.program import compiled_call

__all__ = ["CASES"]

#: Name -> statement, and the shapes of its operands for an extent n.
WORK = {
    "A + B transposed": ("C[i,j] = A[i,j] + B[j,i]", 2, 2),
    "column sums": ("s[j] = sum(A[i,j], over=i)", 2, 1),
    "row dot": ("s[i] = A[i,j] * B[i,j]", 2, 2),
    "Hadamard": ("C[i,j] = A[i,j] * B[i,j]", 2, 2),
    "row maxima": ("s[i] = max(A[i,j], over=j)", 2, 1),
    "energy": ("E[] = 0.5 * A[i] * (B[i] - 1)**2", 1, 2),
    "logarithms": ("y[i] = log(A[i]) + 1", 1, 1),
}
SIZES = (100, 10_000, 1_000_000, 4_000_000)


def _work(text: str, rank: int, operands: int, size: int) -> dict[str, Call]:
    shape = (size,) if rank == 1 else (round(size**0.5),) * 2
    arrays: dict[str, Any] = dict(zip("AB", uniform(*[shape] * operands), strict=False))
    return {OURS: compiled_call(text, **arrays), "numpy backend": compiled_call(text, backend="numpy", **arrays)}


CASES = tuple(
    Case(f"{name}, {size:g} elements", partial(_work, *work, size), limit=1.05, allowance=1e-6)
    for name, work in WORK.items()
    for size in SIZES
)
