"""Small tensors: what recording and running cost beside the arithmetic."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch

import tensorlayer as tl
from benchmarks.case import OURS, Call, Case
from benchmarks.topics.contraction import FIVE, contenders

__all__ = ["CASES"]


def _matrices() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    return rng.standard_normal((3, 3)), rng.standard_normal((3, 3))


def _record() -> dict[str, Call]:
    A, B = map(tl.tensor, _matrices())
    return {OURS: lambda: A["i,j"] * B["j,k"]}


def _statement() -> dict[str, Call]:
    """Recording, planning (from the cache), running, and looking at the result."""
    A, B = map(tl.tensor, _matrices())

    def evaluate() -> np.ndarray:
        C = tl.Tensor()
        C["i,k"] = A["i,j"] * B["j,k"]
        return C.numpy()

    return {OURS: evaluate, "a @ b": lambda: A.numpy() @ B.numpy()}


def _product() -> dict[str, Call]:
    calls = contenders("ij,jk->ik", (3, 3), (3, 3))
    a, b = calls["opt_einsum"].args[1:]  # type: ignore[attr-defined]
    return {**calls, "a @ b": lambda: a @ b, "torch a @ b": partial(torch.matmul, *map(torch.from_numpy, (a, b)))}


CASES = (
    Case("record one product", _record, limit=0.0, allowance=1e-6, check=False),
    Case("one statement, written and looked at, 3 x 3", _statement, limit=1.0, allowance=15e-6),
    Case("compiled matrix product 3 x 3", _product, limit=1.0, parts=("a @ b",), allowance=4e-6),
    Case(
        "compiled five operands n=3",
        partial(contenders, FIVE, (3, 3), (3, 3), (3, 3, 3, 3), (3, 3), (3, 3)),
        limit=1.0,
        parts=("opt_einsum expression",),
    ),
)
