"""Rules for loops: generated kernels where the dialect has the words, else CuPy's own functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from backends.cupy.device import CudaProcessor
from backends.cupy.loop import CompiledLoop
from tensorlayer.codegen import CPP, loop_of
from tensorlayer.graph import Einsum, Fused, Map, Node, Reduce
from tensorlayer.interpreter import VOCABULARY
from tensorlayer.passes.fuse import product_body

if TYPE_CHECKING:
    from backends.cupy.backend import CupyBackend

__all__ = ["compiled", "einsum_kernel", "loop_kernel"]

PROCESSOR = CudaProcessor()


def loop_kernel(backend: CupyBackend, node: Map | Fused | Reduce) -> Callable[..., Any]:
    """Kernel of a Map, a Fused or a Reduce."""
    return compiled(backend, node, node)


def einsum_kernel(backend: CupyBackend, node: Einsum) -> Callable[..., Any]:
    """Kernel of an Einsum: a loop where all operands have the same labels, else by cuBLAS."""
    return compiled(backend, node, _as_loop(node))


def compiled(backend: CupyBackend, node: Node, same: Node) -> Callable[..., Any]:
    """The generated kernel of `same`, which computes what `node` does; CuPy's functions for what it cannot say."""
    plain: Callable[..., Any] = VOCABULARY[type(node)](backend, node)
    loop = loop_of(same, CPP)
    return plain if loop is None else CompiledLoop(loop, plain, PROCESSOR, node.dtype)


def _as_loop(node: Einsum) -> Node:
    labels = (*node.output, *sorted(node.summed))
    alike = all(len(one) == len(labels) and set(one) == set(labels) for one in node.labels)
    if not alike or (len(node.inputs) == 1 and not node.summed):
        return node
    axes = [[labels.index(x) for x in one] for one in node.labels]
    product = Map.of(node.inputs, axes, [node.extents[x] for x in labels], product_body(node))
    return Fused.of(product, "sum", range(len(node.output), len(labels))) if node.summed else product
