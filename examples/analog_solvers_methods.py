"""Iterative methods as statements: each is written once, and runs wherever the matrix is held."""

from __future__ import annotations

import numpy as np

import tensorlayer as tl

__all__ = ["conjugate_gradient", "page_rank", "power_iteration", "refined", "sparse_solution", "spectrum"]

#: One step of conjugate gradients: the matrix is used once.
STEP = tl.program("""
q[i] = A[i,j] * p[j]
rho[] = r[i] * r[i]
curvature[] = p[i] * q[i]
alpha[] = rho[] / curvature[]
x_next[i] = x[i] + alpha[] * p[i]
r_next[i] = r[i] - alpha[] * q[i]
sigma[] = r_next[i] * r_next[i]
p_next[i] = r_next[i] + sigma[] / rho[] * p[i]
""")
#: Shrinking by a threshold after a step along the negative gradient of ``|M x - y|**2 / 2``.
SHRINK = tl.program("""
g[j] = x[j] - t[] * M[i,j] * e[i]
s[j] = sign(g[j]) * maximum(abs(g[j]) - t[] * u[], 0.0)
""")


def conjugate_gradient(A: tl.Tensor, b: tl.Tensor, steps: int) -> tl.Tensor:
    """The solution of ``A x = b`` for a symmetric, positive definite matrix, from 0."""
    x, r, p = tl.tensor(np.zeros(b.shape)), b, b
    for _ in range(steps):
        found = STEP(A=A, x=x, r=r, p=p)
        x, r, p = (found[name].compute() for name in ("x_next", "r_next", "p_next"))
    return x


def refined(A: tl.Tensor, exact: tl.Tensor, b: tl.Tensor, rounds: int, steps: int) -> tl.Tensor:
    """Mixed-precision iterative refinement (Le Gallo et al., Nat. Electron. 1, 246, 2018).

    `A` solves for corrections, roughly; `exact` gives the residuals, once a round.
    """
    x = tl.tensor(np.zeros(b.shape))
    for _ in range(rounds):
        r = tl.Tensor()
        r["i"] = b["i"] - exact["i,j"] * x["j"]
        z = conjugate_gradient(A, r.compute(), steps)
        x["i"] += z["i"]
        x.compute()
    return x


def power_iteration(A: tl.Tensor, steps: int) -> float:
    """The largest eigenvalue of a symmetric matrix; the mean over the second half of the steps."""
    v = tl.tensor(np.full(A.shape[0], A.shape[0] ** -0.5))
    values = []
    for _ in range(steps):
        w = (A["i,j"] * v["j"])["i"].compute()
        values.append(float((v["i"] * w["i"])[""]))
        v = (w["i"] / tl.sqrt((w["j"] * w["j"])[""])[""])["i"].compute()
    return float(np.mean(values[steps // 2 :]))


def spectrum(cosines: tl.Tensor, sines: tl.Tensor, signal: tl.Tensor) -> tl.Tensor:
    """The discrete Fourier transform of a real signal: two real matrices, one complex result."""
    return (cosines["k,n"] * signal["n"] - 1j * sines["k,n"] * signal["n"])["k"]


def page_rank(links: tl.Tensor, damping: float, steps: int) -> tl.Tensor:
    """The share of a random surfer's time on each page; column j of `links` holds where page j leads."""
    pages = links.shape[0]
    rank = tl.tensor(np.full(pages, 1 / pages))
    for _ in range(steps):
        moved = (damping * links["i,j"] * rank["j"] + (1 - damping) / pages)["i"].compute()
        rank = (moved["i"] / tl.sum(moved["j"], over="j")[""])["i"].compute()
    return rank


def sparse_solution(M: tl.Tensor, y: tl.Tensor, step: float, penalty: float, steps: int) -> tl.Tensor:
    """Compressed sensing by iterative shrinkage (Daubechies et al., 2004): the matrix is used both ways."""
    x = tl.tensor(np.zeros(M.shape[1]))
    t, u = tl.tensor(step), tl.tensor(penalty)
    for _ in range(steps):
        e = (M["i,j"] * x["j"] - y["i"])["i"].compute()
        x = SHRINK(M=M, x=x, e=e, t=t, u=u)["s"].compute()
    return x
