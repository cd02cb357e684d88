"""Expressions with an operand on crossbars, beside the crossbar's own product."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import tensorlayer as tl
from analog.config import SingleRPUConfig
from benchmarks.case import OURS, Call, Case

__all__ = ["CASES"]

MVM = "its own mvm"


def _recorded(W: Any, X: Any) -> Call:
    def recorded() -> Any:
        return (W["o,i"] * X["b,i"])["b,o"].compute()

    return recorded


def _program(W: Any, X: Any) -> Call:
    program = tl.program("y[b,o] = W[o,i] * X[b,i]")
    return lambda: program(W=W, X=X)


def _contenders(made: Callable[[Any, Any], Call], size: int, batch: int) -> dict[str, Call]:
    rng = np.random.default_rng(0)
    w, x = (rng.uniform(-0.3, 0.3, shape).astype(np.float32) for shape in ((size, size), (batch, size)))
    W = tl.tensor(w, backend="analog", config=SingleRPUConfig(), seed=1)
    return {OURS: made(W, tl.tensor(x)), MVM: partial(W.buffer.grid.mvm, x)}


CASES = tuple(
    Case(
        f"expression on crossbars, {size} x {size}, batch {batch}, {name}",
        partial(_contenders, made, size, batch),
        limit=1.2,
        parts=(MVM,),
        check=False,
    )
    for size, batch in ((512, 64), (256, 32))
    for name, made in (("recorded anew", _recorded), ("a program", _program))
)
