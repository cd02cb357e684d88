"""Loops of the graph: compiled where that is faster, else left to NumPy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from backends.numba.chain import Chain, Link
from backends.numba.loop import CompiledLoop
from backends.numba.machine import converts_halves, thread_count
from backends.numba.tier import chosen_threads
from backends.numpy import NumpyBackend
from tensorlayer.backend import assemble
from tensorlayer.codegen import PYTHON, Loop, loop_of
from tensorlayer.graph import Einsum, Fused, Group, Input, Map, Node, Reduce

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
    loop = kernel_loop(node)
    threads = 0 if loop is None else threads_for(node, loop, thread_count())
    return CompiledLoop(loop, node.dtype, plain, threads) if loop is not None and threads else plain


def group_kernel(backend: NumbaBackend, node: Group) -> Callable[..., Any]:
    """Kernel of a Group: its loops block by block where several are large, else one after the other."""
    inputs = [Input.of(place, source.shape, source.dtype) for place, source in enumerate(node.inputs)]
    apart = assemble(node.sinks, inputs, backend.kernel).run
    plain = apart if len(node.sinks) > 1 else lambda *arrays: apart(*arrays)[0]
    loops = [kernel_loop(member) for member in node.members]
    known = [(member, loop) for member, loop in zip(node.members, loops, strict=True) if loop is not None]
    # As if there were two threads: whether sums are compiled must not depend on how many there are.
    busy = sorted(threads_for(*pair, 2) for pair in known)
    if len(known) < len(loops) or busy[-2:-1] in ([], [0]):
        return plain
    places: dict[Node, int] = {one: place for place, one in enumerate((*inputs, *node.members))}
    links = [
        Link(CompiledLoop(loop, one.dtype, plain, 1), _places(one, places), row, one in node.sinks)
        for (one, loop), row in zip(known, node.rows, strict=True)
    ]
    in_order = [one for one in node.members if one in node.sinks] == list(node.sinks)
    return (
        Chain(links, known[0][1].extents[node.rows[0]], plain, thread_count() if busy[-1] > 1 else 1)
        if in_order
        else plain
    )


def _places(node: Node, places: Mapping[Node, int]) -> tuple[int, ...]:
    return tuple(places[source] for source in node.inputs)


def kernel_loop(node: Node) -> Loop | None:
    """The loop that computes a node; None if there is none, or a kernel cannot do it."""
    if isinstance(node, Einsum) and not is_loop(node):
        return None
    loop = loop_of(node, PYTHON)
    if loop is None or converts_halves():
        return loop
    used = {*loop.dtypes, loop.dtype, node.dtype, *(one.dtype for one in loop.statements)}
    return None if np.dtype(np.float16) in used else loop


def threads_for(node: Node, loop: Loop, threads: int) -> int:
    """How many of the threads are to run a loop; 0 if NumPy is to."""
    one_call = isinstance(node, Reduce) or (isinstance(node, Einsum) and node.dtype.kind in "fc")
    return chosen_threads(loop, threads, one_call=one_call)


def is_loop(node: Einsum) -> bool:
    """Whether a product is one loop over its operands: all have the same labels, and it is no dot product for BLAS."""
    labels = set(node.extents)
    alike = all(len(one) == len(labels) and set(one) == labels for one in node.labels)
    moves_only = len(node.inputs) == 1 and not node.summed
    dot = len(node.inputs) > 1 and not node.output and node.dtype.kind in "fc"
    return alike and not moves_only and not dot
