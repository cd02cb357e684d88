"""Loops of the graph: compiled where that is faster, else left to NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from backends.numba.loop import CompiledLoop, Loop
from backends.numba.machine import converts_halves, thread_count
from backends.numba.recipe import Recipe
from backends.numba.tier import chosen_threads
from backends.numpy import NumpyBackend
from tensorlayer.codegen import PYTHON, Operand, Statement, typed_statements
from tensorlayer.graph import Einsum, Fused, Map, Node, Reduce
from tensorlayer.passes.fuse import product_body
from tensorlayer.scalar import Body, argument

if TYPE_CHECKING:
    from backends.numba.backend import NumbaBackend

__all__ = ["einsum_kernel", "fused_kernel", "is_loop", "map_kernel", "reduce_kernel"]


def map_kernel(backend: NumbaBackend, node: Map) -> Callable[..., Any]:
    """Kernel of a Map."""
    if node.body[0] in ("x", "c"):
        return _numpy(backend, node)
    return _kernel(backend, node, _recipe(node, node.body), node.shape, node.axes)


def fused_kernel(backend: NumbaBackend, node: Fused) -> Callable[..., Any]:
    """Kernel of a Fused."""
    return _kernel(backend, node, _recipe(node, node.body, node.kind), node.extents, node.axes, node.reduced)


def reduce_kernel(backend: NumbaBackend, node: Reduce) -> Callable[..., Any]:
    """Kernel of a Reduce."""
    shape = node.inputs[0].shape
    recipe = _recipe(node, argument(0), node.kind)
    return _kernel(backend, node, recipe, shape, (tuple(range(len(shape))),), node.axes, one_call=True)


def einsum_kernel(backend: NumbaBackend, node: Einsum) -> Callable[..., Any]:
    """Kernel of an Einsum: a loop where `is_loop`, else by BLAS."""
    if not is_loop(node):
        return _numpy(backend, node)
    labels = (*node.output, *sorted(node.summed))
    axes = tuple(tuple(labels.index(x) for x in one) for one in node.labels)
    recipe = _recipe(node, product_body(node), "sum" if node.summed else "")
    extents, reduced = tuple(node.extents[x] for x in labels), tuple(range(len(node.output), len(labels)))
    return _kernel(backend, node, recipe, extents, axes, reduced, one_call=node.dtype.kind in "fc")


def is_loop(node: Einsum) -> bool:
    """Whether a product is one loop over its operands: all have the same labels, and it is no dot product for BLAS."""
    labels = set(node.extents)
    alike = all(len(one) == len(labels) and set(one) == labels for one in node.labels)
    moves_only = len(node.inputs) == 1 and not node.summed
    dot = len(node.inputs) > 1 and not node.output and node.dtype.kind in "fc"
    return alike and not moves_only and not dot


def _kernel(
    backend: NumbaBackend,
    node: Node,
    recipe: Recipe | None,
    extents: tuple[int, ...],
    axes: tuple[tuple[int, ...], ...],
    reduced: tuple[int, ...] = (),
    *,
    one_call: bool = False,
) -> Callable[..., Any]:
    plain = _numpy(backend, node)
    if recipe is None or not math.prod(extents):
        return plain
    threads = chosen_threads(recipe, extents, axes, reduced, thread_count(), one_call=one_call)
    return CompiledLoop(Loop(recipe, extents, axes, reduced), plain, threads) if threads else plain


def _numpy(backend: NumbaBackend, node: Node) -> Callable[..., Any]:
    kernel: Callable[..., Any] = NumpyBackend.vocabulary[type(node)](backend, node)
    return kernel


def _recipe(node: Node, body: Body, kind: str = "") -> Recipe | None:
    """What the kernel computes; None if the dialect lacks a function."""
    dtype, dtypes = node.dtype, tuple(source.dtype.newbyteorder("=") for source in node.inputs)
    statements, result = typed_statements(body, dtypes)
    if result.dtype != dtype:
        statements = (*statements, Statement("astype", (result,), dtype))
        result = Operand("t", len(statements) - 1, dtype)
    used = {*dtypes, dtype, *(one.dtype for one in statements)}
    known = all(one.name in PYTHON.types for one in used) and PYTHON.lacks(statements) is None
    if not known or (np.dtype(np.float16) in used and not converts_halves()):
        return None
    return Recipe(statements, result, dtypes, np.dtype(dtype), kind)
