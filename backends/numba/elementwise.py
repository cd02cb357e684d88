"""Map, Fused and Reduce: compiled where the loop is large enough and numba knows its functions, else by NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from backends.numba.loop import CompiledLoop, Loop
from backends.numba.source import Recipe
from backends.numpy import NumpyBackend
from tensorlayer.codegen import PYTHON, Operand, Statement, typed_statements
from tensorlayer.graph import DType, Fused, Map, Node, Reduce
from tensorlayer.scalar import argument

if TYPE_CHECKING:
    from backends.numba.backend import NumbaBackend

__all__ = ["fused_kernel", "map_kernel", "reduce_kernel"]

#: Elements of a loop from which a kernel is compiled; below, the call alone takes as long as NumPy's.
LARGE = 1 << 16


def map_kernel(backend: NumbaBackend, node: Map) -> Callable[..., Any]:
    """Kernel of a Map."""
    plain = _numpy(backend, node)
    if node.size < max(LARGE, 1) or node.body[0] in ("x", "c"):
        return plain
    recipe = _recipe(node, node.body, node.dtype)
    return plain if recipe is None else CompiledLoop(Loop(recipe, node.shape, node.axes, ()), plain)


def fused_kernel(backend: NumbaBackend, node: Fused) -> Callable[..., Any]:
    """Kernel of a Fused."""
    plain = _numpy(backend, node)
    if math.prod(node.extents) < max(LARGE, 1):
        return plain
    recipe = _recipe(node, node.body, node.dtype, node.kind)
    return plain if recipe is None else CompiledLoop(Loop(recipe, node.extents, node.axes, node.reduced), plain)


def reduce_kernel(backend: NumbaBackend, node: Reduce) -> Callable[..., Any]:
    """Kernel of a Reduce."""
    plain = _numpy(backend, node)
    (source,) = node.inputs
    if source.size < max(LARGE, 1):
        return plain
    recipe = _recipe(node, argument(0), node.dtype, node.kind)
    axes = (tuple(range(source.ndim)),)
    return plain if recipe is None else CompiledLoop(Loop(recipe, source.shape, axes, node.axes), plain)


def _numpy(backend: NumbaBackend, node: Node) -> Callable[..., Any]:
    kernel: Callable[..., Any] = NumpyBackend.vocabulary[type(node)](backend, node)
    return kernel


def _recipe(node: Node, body: Any, dtype: DType, kind: str = "") -> Recipe | None:
    """What the kernel computes; None if that cannot be said in the dialect."""
    dtypes = tuple(source.dtype.newbyteorder("=") for source in node.inputs)
    statements, result = typed_statements(body, dtypes)
    if result.dtype != dtype:
        statements = (*statements, Statement("astype", (result,), dtype))
        result = Operand("t", len(statements) - 1, dtype)
    known = all(one.name in PYTHON.types for one in (*dtypes, dtype))
    return Recipe(statements, result, dtypes, np.dtype(dtype), kind) if known and not PYTHON.lacks(statements) else None
