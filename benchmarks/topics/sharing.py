"""What several results have in common is computed once, without being told."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import opt_einsum

import tensorlayer as tl
from benchmarks.case import OURS, Call, Case

__all__ = ["CASES"]

CHAIN = "ab,bc,cd,de,ef"


def _marginals() -> dict[str, Call]:
    """The chain of five matrices, summed over all labels but one, for each of its six labels."""
    rng = np.random.default_rng(2)
    factors = [rng.standard_normal((500, 500)) / 500 for _ in CHAIN.split(",")]
    named = dict(zip("ABCDE", factors, strict=True))
    product = " * ".join(f"{name}[{','.join(term)}]" for name, term in zip("ABCDE", CHAIN.split(","), strict=True))
    statements = [f"m{label}[{label}] = {product}" for label in "abcdef"]
    together = tl.program("\n".join(statements))
    apart = [tl.program(statement) for statement in statements]

    def ours() -> Any:
        results = together(**named)
        return np.stack([results[f"m{label}"].numpy() for label in "abcdef"])

    def contract() -> Any:
        return np.stack([opt_einsum.contract(f"{CHAIN}->{label}", *factors) for label in "abcdef"])

    def shared() -> Any:
        with opt_einsum.shared_intermediates():
            return contract()

    return {
        OURS: ours,
        "one by one": lambda: np.stack([program(**named).numpy() for program in apart]),
        "opt_einsum": contract,
        "opt_einsum, shared_intermediates": shared,
    }


def _twice(n: int) -> dict[str, Call]:
    """AB + A / (AB) * B, in which the product AB occurs twice."""
    rng = np.random.default_rng(2)
    A, B = rng.uniform(0.5, 1, (n, n)), rng.uniform(0.5, 1, (n, n))
    text = "C[i,j] = (A[i,k] * B[k,j])[i,j] + A[i,j] / (A[i,k] * B[k,j])[i,j] * B[i,j]"

    def by_hand() -> Any:
        product = A @ B
        return product + A / product * B

    return {
        OURS: partial(tl.program(text), A=A, B=B),
        "numpy as written": lambda: A @ B + A / (A @ B) * B,
        "numpy, shared by hand": by_hand,
    }


CASES = (
    Case("six marginals of a chain of five, n=500", _marginals),
    Case("AB + A / (AB) * B, n=1024", partial(_twice, 1024)),
)
