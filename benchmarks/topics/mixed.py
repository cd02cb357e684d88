"""NumPy and torch in one program: neither's worker threads get in the way of the other's."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch

import tensorlayer as tl
from benchmarks.case import OURS, Call, Case

__all__ = ["CASES"]


def _two_products(n: int) -> dict[str, Call]:
    rng = np.random.default_rng(2)
    A, B = rng.standard_normal((n, n)), rng.standard_normal((n, n))
    T, U = torch.from_numpy(A.copy()), torch.from_numpy(B.copy())
    program = tl.program("C[i,k] = A[i,j] * B[j,k]; D[i,k] = T[i,j] * U[j,k]")

    def plainly() -> Any:
        return A @ B, T @ U

    return {
        OURS: partial(program, A=A, B=B, T=T, U=U),
        "numpy alone": partial(np.matmul, A, B),
        "torch alone": partial(torch.matmul, T, U),
        "numpy, then torch": plainly,
    }


CASES = (
    Case(
        "a product in numpy, then one in torch, n=1024",
        partial(_two_products, 1024),
        limit=1.1,
        parts=("numpy alone", "torch alone"),
        check=False,
    ),
)
