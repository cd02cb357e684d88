"""Loops of the graph: compiled where they are large and numba is the faster one, else left to NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from backends.numba.loop import CompiledLoop, Loop
from backends.numba.source import Recipe
from backends.numpy import NumpyBackend
from tensorlayer.codegen import PYTHON, Operand, Statement, typed_statements
from tensorlayer.graph import Einsum, Fused, Map, Node, Reduce
from tensorlayer.passes.fuse import product_body
from tensorlayer.scalar import Body, argument, count_operations

if TYPE_CHECKING:
    from backends.numba.backend import NumbaBackend

__all__ = ["einsum_kernel", "fused_kernel", "is_loop", "map_kernel", "reduce_kernel"]

#: Operations on elements from which a loop is compiled; below, NumPy's temporaries stay in the caches, and waking
#: threads takes longer than they save.
LARGE = 1 << 19

#: Functions that generated code computes one element at a time, by calls of the C library, and NumPy several at once:
#: measured four to forty times as fast. Loops with them stay on NumPy.
ONE_BY_ONE = {
    "float32": frozenset(
        "acos asin asinh atan atan2 atanh cos cosh expm1 log log10 log1p log2 pow sin sinh tan tanh".split()
    ),
    "float64": frozenset("acos asin asinh atan atan2 atanh cosh expm1 log log10 log1p log2 pow sinh tan tanh".split()),
}


def map_kernel(backend: NumbaBackend, node: Map) -> Callable[..., Any]:
    """Kernel of a Map."""
    if node.body[0] in ("x", "c") or not _is_large(node.shape, node.body):
        return _numpy(backend, node)
    return _compiled(backend, node, _recipe(node, node.body), node.shape, node.axes)


def fused_kernel(backend: NumbaBackend, node: Fused) -> Callable[..., Any]:
    """Kernel of a Fused."""
    if not _is_large(node.extents, node.body):
        return _numpy(backend, node)
    return _compiled(backend, node, _recipe(node, node.body, node.kind), node.extents, node.axes, node.reduced)


def reduce_kernel(backend: NumbaBackend, node: Reduce) -> Callable[..., Any]:
    """Kernel of a Reduce."""
    shape, body = node.inputs[0].shape, argument(0)
    if not _is_large(shape, body):
        return _numpy(backend, node)
    return _compiled(backend, node, _recipe(node, body, node.kind), shape, (tuple(range(len(shape))),), node.axes)


def einsum_kernel(backend: NumbaBackend, node: Einsum) -> Callable[..., Any]:
    """Kernel of an Einsum: a loop where `is_loop`, else by BLAS."""
    extents = _loop_extents(node)
    body = product_body(node)
    if not is_loop(node) or not _is_large(extents, body):
        return _numpy(backend, node)
    labels = (*node.output, *sorted(node.summed))
    axes = tuple(tuple(labels.index(x) for x in one) for one in node.labels)
    recipe = _recipe(node, body, "sum" if node.summed else "")
    return _compiled(backend, node, recipe, extents, axes, tuple(range(len(node.output), len(extents))))


def is_loop(node: Einsum) -> bool:
    """Whether a product is one loop over its operands: all have the same labels, and it is no dot product for BLAS."""
    labels = set(node.extents)
    alike = all(len(one) == len(labels) and set(one) == labels for one in node.labels)
    moves_only = len(node.inputs) == 1 and not node.summed
    dot = len(node.inputs) > 1 and not node.output and node.dtype.kind in "fc"
    return alike and not moves_only and not dot


def _loop_extents(node: Einsum) -> tuple[int, ...]:
    return tuple(node.extents[x] for x in (*node.output, *sorted(node.summed)))


def _is_large(extents: Sequence[int], body: Body) -> bool:
    size = math.prod(extents)
    return size > 0 and size * max(count_operations(body), 1) >= LARGE


def _compiled(
    backend: NumbaBackend,
    node: Node,
    recipe: Recipe | None,
    extents: tuple[int, ...],
    axes: tuple[tuple[int, ...], ...],
    reduced: tuple[int, ...] = (),
) -> Callable[..., Any]:
    plain = _numpy(backend, node)
    return plain if recipe is None else CompiledLoop(Loop(recipe, extents, axes, reduced), plain)


def _numpy(backend: NumbaBackend, node: Node) -> Callable[..., Any]:
    kernel: Callable[..., Any] = NumpyBackend.vocabulary[type(node)](backend, node)
    return kernel


def _recipe(node: Node, body: Body, kind: str = "") -> Recipe | None:
    """What the kernel computes; None if NumPy does better, or the dialect lacks a function."""
    dtype, dtypes = node.dtype, tuple(source.dtype.newbyteorder("=") for source in node.inputs)
    statements, result = typed_statements(body, dtypes)
    if result.dtype != dtype:
        statements = (*statements, Statement("astype", (result,), dtype))
        result = Operand("t", len(statements) - 1, dtype)
    known = all(one.name in PYTHON.types for one in (*dtypes, dtype)) and PYTHON.lacks(statements) is None
    slow = any(one.name in ONE_BY_ONE.get(one.dtype.name, ()) for one in statements)
    return Recipe(statements, result, dtypes, np.dtype(dtype), kind) if known and not slow else None
