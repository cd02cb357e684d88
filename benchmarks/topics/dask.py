"""Contractions of dask arrays: no slower than the best way that dask and opt_einsum have."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import dask.array as da
import numpy as np
import opt_einsum

from benchmarks.case import OURS, Call, Case
from tensorlayer.backend import get_backend
from tensorlayer.graph import Einsum, Input, OpGraph
from tensorlayer.options import Options
from tensorlayer.plan import make_plan

__all__ = ["CASES"]

Array = np.ndarray[Any, np.dtype[Any]]


def program(equation: str, *arrays: Array) -> Callable[..., Array]:
    """A function of dask arrays like `arrays` that computes `equation` and gives a NumPy array."""
    terms, output = equation.split("->")
    inputs = [Input.of(i, array.shape, array.dtype, ("dask", "cpu")) for i, array in enumerate(arrays)]
    labels = [tuple(map(ord, term)) for term in terms.split(",")]
    node = Einsum.of(inputs, labels, tuple(map(ord, output)))
    run = make_plan(OpGraph([node]), inputs, Options(backend="dask")).run
    backend = get_backend("dask")
    return lambda *given: backend.to_numpy(run(*given)[0])


def matrix_product(n: int, pieces: int) -> dict[str, Call]:
    """A matrix product in ``pieces x pieces`` chunks."""
    rng = np.random.default_rng(2)
    arrays = [rng.standard_normal((n, n)) for _ in range(2)]
    chunked = [da.from_array(array, chunks=n // pieces) for array in arrays]
    ours = program("ij,jk->ik", *arrays)
    return {
        OURS: partial(ours, *chunked),
        "da.matmul": lambda: da.matmul(*chunked).compute(),
        "da.einsum optimize": lambda: da.einsum("ij,jk->ik", *chunked, optimize=True).compute(),
    }


def five_operands(n: int, pieces: int) -> dict[str, Call]:
    """The five-operand transformation with the large operand in `pieces` chunks along its first mode."""
    equation = "pi,qj,ijkl,rk,tl->pqrt"
    rng = np.random.default_rng(2)
    arrays = [rng.standard_normal((n,) * len(term)) / n for term in equation.partition("->")[0].split(",")]
    chunks = [(-(-n // pieces), n, n, n) if array.ndim == 4 else (n, n) for array in arrays]
    chunked = [da.from_array(array, chunks=cut) for array, cut in zip(arrays, chunks, strict=True)]
    ours = program(equation, *arrays)
    return {
        OURS: partial(ours, *chunked),
        "opt_einsum on dask": lambda: opt_einsum.contract(equation, *chunked).compute(),
    }


CASES = (
    Case("dask matmul 1024 in 2 x 2 chunks", partial(matrix_product, 1024, 2), limit=1.0),
    *(
        Case(
            f"dask five operands n={n} in {pieces} chunk{'s' * (pieces > 1)}",
            partial(five_operands, n, pieces),
            limit=1.0,
        )
        for n in (10, 32)
        for pieces in (1, 2)
    ),
)
