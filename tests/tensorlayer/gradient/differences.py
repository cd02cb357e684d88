"""Gradients of recorded scalars, measured: by central differences, and by torch through the same statements."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np
import torch

import tensorlayer as tl
from tensorlayer.graph import Concatenate

Array = np.ndarray[Any, Any]
Arrays = dict[str, Array]
FUNCTIONS = {name: getattr(tl, name) for name in tl.__all__}


def record(source: str, handles: dict[str, tl.Tensor], fixed: dict[str, Any] | None = None) -> tl.Tensor:
    """Run statements that assign to R, a scalar; what is differentiated is real: R, or a mixture of its parts."""
    scope: dict[str, Any] = {**FUNCTIONS, "np": np, "concatenate": concatenate, "R": tl.Tensor()}
    scope |= {name: tl.Tensor() for name in ("C", "F")}
    scope |= (fixed or {}) | handles
    exec(source, scope)
    R, E = scope["R"], tl.Tensor()
    E[""] = tl.real((0.3 - 0.7j) * R[""]) if R.dtype.kind == "c" else 1.0 * R[""]
    return E


def concatenate(*parts: tl.Tensor) -> tl.Tensor:
    return parts[0].from_node(Concatenate.of([part.node for part in parts], 0))


def symbolic(source: str, arrays: Arrays, backend: str = "numpy", fixed: Any = None) -> Arrays:
    handles = {name: tl.tensor(array, backend=backend) for name, array in arrays.items()}
    gradients = tl.grad(record(source, handles, fixed), list(handles.values()))
    assert [g.shape for g in gradients] == [array.shape for array in arrays.values()]
    assert [g.dtype for g in gradients] == [array.dtype for array in arrays.values()]
    return {name: g.numpy() for name, g in zip(handles, gradients, strict=True)}


def by_torch(source: str, arrays: Arrays, fixed: Any = None) -> Arrays:
    leaves = {name: torch.tensor(array, requires_grad=True) for name, array in arrays.items()}
    E = record(source, {name: tl.tensor(leaf) for name, leaf in leaves.items()}, fixed)
    with tl.use("torch"):
        E.unwrap().backward()
    return {
        name: np.zeros_like(arrays[name]) if leaf.grad is None else leaf.grad.numpy() for name, leaf in leaves.items()
    }


def by_differences(
    source: str, arrays: Arrays, fixed: Any = None, step: float = 1e-5, *, hermitian: bool = False
) -> Arrays:
    """dE/dRe + i dE/dIm of every element; of Hermitian matrices along Hermitian directions."""

    def value(name: str, array: Array) -> float:
        return float(record(source, {n: tl.tensor(a) for n, a in (arrays | {name: array}).items()}, fixed))

    result = {}
    for name, array in arrays.items():
        gradient = np.zeros_like(array)
        for place in np.ndindex(array.shape):
            for unit in (1.0, 1j) if array.dtype.kind == "c" else (1.0,):
                change = np.zeros_like(array)
                change[place] = step * unit
                if hermitian:
                    change = (change + change.swapaxes(-1, -2).conj()) / 2
                gradient[place] += unit * (value(name, array + change) - value(name, array - change)) / (2 * step)
        result[name] = gradient
    return result


def read(source: str, shapes: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Those of `shapes` whose names are in the statements."""
    names = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    return {name: shape for name, shape in shapes.items() if name in names}


def sample(shapes: dict[str, tuple[int, ...]], dtype: str = "float64", seed: int = 0) -> Arrays:
    """Numbers between 0.3 and 1.5 in size, of either sign; complex ones with a phase."""
    rng = np.random.default_rng(seed)
    arrays = {}
    for name, shape in shapes.items():
        array = rng.uniform(0.3, 1.5, shape)
        array = array * (
            np.exp(2j * np.pi * rng.random(shape)) if dtype == "complex128" else rng.choice([-1, 1], shape)
        )
        arrays[name] = array.astype(dtype)
    return arrays


def assert_close(found: Arrays, expected: Arrays, rtol: float) -> None:
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, rtol=rtol, atol=rtol * max(1.0, np.abs(array).max(initial=0)))
