"""Contractions: each must be within 3 % of the best library."""

from __future__ import annotations

import string
from collections.abc import Callable
from functools import partial
from typing import Any

import cotengra
import numpy as np
import opt_einsum
import torch

from benchmarks.case import OURS, Call, Case
from benchmarks.program import einsum_call

__all__ = ["CASES", "contenders"]

Array = np.ndarray[Any, np.dtype[Any]]


def contenders(equation: str, *shapes: tuple[int, ...], native: Callable[..., Any] | None = None) -> dict[str, Call]:
    """Everyone who can compute `equation`, on the same random operands."""
    rng = np.random.default_rng(2)
    arrays = [rng.standard_normal(shape) / max(shape) ** 0.5 for shape in shapes]
    tensors = [torch.from_numpy(array) for array in arrays]
    calls: dict[str, Call] = {
        OURS: einsum_call(equation, *arrays),
        "np.einsum optimize": partial(np.einsum, equation, *arrays, optimize=True),
        "opt_einsum": partial(opt_einsum.contract, equation, *arrays),
        "opt_einsum expression": partial(opt_einsum.contract_expression(equation, *shapes), *arrays),
        "cotengra": partial(cotengra.einsum, equation, *arrays),
        "cotengra expression": partial(cotengra.einsum_expression(equation, *shapes), *arrays),
        "torch.einsum": partial(torch.einsum, equation, *tensors),
    }
    if native is not None:
        calls["numpy"] = partial(native, *arrays)
    return calls


def matrix_product_state_norm(sites: int, bond: int, physical: int) -> tuple[str, tuple[tuple[int, ...], ...]]:
    """Equation and shapes of <psi|psi> of an open chain: two operands per site."""
    symbols = iter(string.ascii_letters)
    ket = [next(symbols) for _ in range(sites - 1)]
    bra = [next(symbols) for _ in range(sites - 1)]
    leg = [next(symbols) for _ in range(sites)]
    terms = []
    for bonds in (ket, bra):
        terms += ["".join([*bonds[max(i - 1, 0) : i], leg[i], *bonds[i : i + 1]]) for i in range(sites)]
    shapes = tuple(tuple(physical if x in leg else bond for x in term) for term in terms)
    return ",".join(terms) + "->", shapes


FIVE = "pi,qj,ijkl,rk,sl->pqrs"


def _five(n: int) -> Callable[[], dict[str, Call]]:
    return partial(contenders, FIVE, (n, n), (n, n), (n, n, n, n), (n, n), (n, n))


def _norm() -> dict[str, Call]:
    equation, shapes = matrix_product_state_norm(10, 16, 2)
    return contenders(equation, *shapes)


def _ladder(T: Array, V: Array) -> Array:
    return np.tensordot(T, V, axes=((2, 3), (2, 3)))


def _ring(T: Array, V: Array) -> Array:
    return np.tensordot(T, V, axes=((1, 3), (0, 2))).transpose(0, 3, 1, 2)


def _matmul(n: int) -> Case:
    return Case(f"matmul {n}", partial(contenders, "ij,jk->ik", (n, n), (n, n), native=np.matmul))


o, v = 16, 32
CASES = (
    _matmul(512),
    _matmul(1024),
    Case(
        "batched matmul 64 x 128³",
        partial(contenders, "bij,bjk->bik", (64, 128, 128), (64, 128, 128), native=np.matmul),
    ),
    Case("CCSD ladder o16 v32", partial(contenders, "ijcd,abcd->ijab", (o, o, v, v), (v, v, v, v), native=_ladder)),
    Case("CCSD ring o16 v32", partial(contenders, "ikac,kbcj->ijab", (o, o, v, v), (o, v, v, o), native=_ring)),
    Case("MPS norm, 20 operands", _norm),
    Case("five operands n=10", _five(10)),
    Case("five operands n=32", _five(32)),
    Case("row dot 2048", partial(contenders, "ij,ij->i", (2048, 2048), (2048, 2048), native=np.vecdot)),
    Case("Hadamard 2048", partial(contenders, "ij,ij->ij", (2048, 2048), (2048, 2048), native=np.multiply)),
)
