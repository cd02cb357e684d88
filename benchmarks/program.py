"""Our side of every case: an expression compiled once, called on arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tensorlayer.graph import Einsum, Input, OpGraph
from tensorlayer.options import Options
from tensorlayer.plan import make_plan

__all__ = ["einsum_program"]


def einsum_program(equation: str, *arrays: np.ndarray[Any, Any]) -> Callable[..., Any]:
    """A function of arrays like `arrays` that computes `equation`."""
    terms, output = equation.split("->")
    inputs = [Input.of(i, array.shape, array.dtype) for i, array in enumerate(arrays)]
    labels = [tuple(map(ord, term)) for term in terms.split(",")]
    node = Einsum.of(inputs, labels, tuple(map(ord, output)))
    run = make_plan(OpGraph([node]), inputs, Options()).run
    return lambda *given: run(*given)[0]
