"""Loops of the graph: compiled where that is faster, else left to NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from backends.numba.chain import Chain, Link
from backends.numba.loop import CompiledLoop, Loop
from backends.numba.machine import converts_halves, thread_count
from backends.numba.recipe import Recipe
from backends.numba.tier import chosen_threads
from backends.numpy import NumpyBackend
from tensorlayer.backend import assemble
from tensorlayer.codegen import PYTHON, Operand, Statement, typed_statements
from tensorlayer.graph import Einsum, Fused, Group, Input, Map, Node, Reduce
from tensorlayer.passes.fuse import product_body
from tensorlayer.scalar import Body, argument

if TYPE_CHECKING:
    from backends.numba.backend import NumbaBackend

__all__ = ["einsum_kernel", "fused_kernel", "group_kernel", "is_loop", "map_kernel", "reduce_kernel"]


def map_kernel(backend: NumbaBackend, node: Map) -> Callable[..., Any]:
    """Kernel of a Map."""
    return _kernel(backend, node)


def fused_kernel(backend: NumbaBackend, node: Fused) -> Callable[..., Any]:
    """Kernel of a Fused."""
    return _kernel(backend, node)


def reduce_kernel(backend: NumbaBackend, node: Reduce) -> Callable[..., Any]:
    """Kernel of a Reduce."""
    return _kernel(backend, node)


def einsum_kernel(backend: NumbaBackend, node: Einsum) -> Callable[..., Any]:
    """Kernel of an Einsum: a loop where `is_loop`, else by BLAS."""
    return _kernel(backend, node)


def _kernel(backend: NumbaBackend, node: Node) -> Callable[..., Any]:
    """A loop where that pays, else NumPy's kernel."""
    plain: Callable[..., Any] = NumpyBackend.vocabulary[type(node)](backend, node)
    loop = loop_of(node)
    threads = 0 if loop is None else threads_for(node, loop, thread_count())
    return CompiledLoop(loop, plain, threads) if loop is not None and threads else plain


def group_kernel(backend: NumbaBackend, node: Group) -> Callable[..., Any]:
    """Kernel of a Group: its loops block by block where several are large, else one after the other."""
    inputs = [Input.of(place, source.shape, source.dtype) for place, source in enumerate(node.inputs)]
    apart = assemble(node.sinks, inputs, backend.kernel).run
    plain = apart if len(node.sinks) > 1 else lambda *arrays: apart(*arrays)[0]
    loops = [loop_of(member) for member in node.members]
    known = [(member, loop) for member, loop in zip(node.members, loops, strict=True) if loop is not None]
    # As if there were two threads: whether sums are compiled must not depend on how many there are.
    busy = sorted(threads_for(*pair, 2) for pair in known)
    if len(known) < len(loops) or busy[-2:-1] in ([], [0]):
        return plain
    places: dict[Node, int] = {one: place for place, one in enumerate((*inputs, *node.members))}
    links = [
        Link(CompiledLoop(loop, plain, 1), tuple(places[source] for source in one.inputs), row, one in node.sinks)
        for (one, loop), row in zip(known, node.rows, strict=True)
    ]
    in_order = [one for one in node.members if one in node.sinks] == list(node.sinks)
    return (
        Chain(links, known[0][1].extents[node.rows[0]], plain, thread_count() if busy[-1] > 1 else 1)
        if in_order
        else plain
    )


def loop_of(node: Node) -> Loop | None:
    """The loop that computes a node; None if there is none, or a kernel cannot do it."""
    if isinstance(node, Map) and node.body[0] not in ("x", "c"):
        return _loop(_recipe(node, node.body), node.shape, node.axes)
    if isinstance(node, Fused):
        return _loop(_recipe(node, node.body, node.kind), node.extents, node.axes, node.reduced)
    if isinstance(node, Reduce):
        shape = node.inputs[0].shape
        return _loop(_recipe(node, argument(0), node.kind), shape, (tuple(range(len(shape))),), node.axes)
    if isinstance(node, Einsum) and is_loop(node):
        labels = (*node.output, *sorted(node.summed))
        axes = tuple(tuple(labels.index(x) for x in one) for one in node.labels)
        recipe = _recipe(node, product_body(node), "sum" if node.summed else "")
        extents = tuple(node.extents[x] for x in labels)
        return _loop(recipe, extents, axes, tuple(range(len(node.output), len(labels))))
    return None


def threads_for(node: Node, loop: Loop, threads: int) -> int:
    """How many of the threads are to run a loop; 0 if NumPy is to."""
    one_call = isinstance(node, Reduce) or (isinstance(node, Einsum) and node.dtype.kind in "fc")
    return chosen_threads(loop.recipe, loop.extents, loop.axes, loop.reduced, threads, one_call=one_call)


def is_loop(node: Einsum) -> bool:
    """Whether a product is one loop over its operands: all have the same labels, and it is no dot product for BLAS."""
    labels = set(node.extents)
    alike = all(len(one) == len(labels) and set(one) == labels for one in node.labels)
    moves_only = len(node.inputs) == 1 and not node.summed
    dot = len(node.inputs) > 1 and not node.output and node.dtype.kind in "fc"
    return alike and not moves_only and not dot


def _loop(
    recipe: Recipe | None,
    extents: tuple[int, ...],
    axes: tuple[tuple[int, ...], ...],
    reduced: tuple[int, ...] = (),
) -> Loop | None:
    empty = not all(extents)
    return None if recipe is None or empty else Loop(recipe, extents, axes, reduced)


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
