"""Our side of a case: text that is compiled once and called on arrays."""

from __future__ import annotations

from functools import partial
from typing import Any

import tensorlayer as tl
from benchmarks.case import Call

__all__ = ["compiled_call", "einsum_call"]


def compiled_call(text: str, result: str = "", *, backend: str = "numba", **arrays: Any) -> Call:
    """A call of the program `text` on arrays that `backend` holds: gives its only result, or one of several."""
    program = tl.program(text)
    tensors = {name: tl.tensor(array, backend=backend) for name, array in arrays.items()}
    return (lambda: program(**tensors)[result]) if result else partial(program, **tensors)


def einsum_call(equation: str, *arrays: Any) -> Call:
    """A call that computes `equation`, written as a program, on `arrays`."""
    terms, output = equation.split("->")
    names = [f"x{i}" for i in range(len(arrays))]
    product = " * ".join(f"{name}[{','.join(term)}]" for name, term in zip(names, terms.split(","), strict=True))
    program = tl.program(f"result[{','.join(output)}] = {product}")
    return partial(program, **dict(zip(names, arrays, strict=True)))
