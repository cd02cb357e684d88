"""Rules for loops: generated kernels where the dialect has the words, else CuPy's own functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from backends.cupy.device import CudaProcessor
from backends.cupy.loop import CompiledLoop
from tensorlayer.codegen import CPP, loop_of
from tensorlayer.graph import Einsum, Fused, Map, Reduce
from tensorlayer.interpreter import VOCABULARY

if TYPE_CHECKING:
    from backends.cupy.backend import CupyBackend

__all__ = ["loop_kernel"]

PROCESSOR = CudaProcessor()


def loop_kernel(backend: CupyBackend, node: Map | Fused | Reduce | Einsum) -> Callable[..., Any]:
    """The generated kernel of a loop; CuPy's functions, and cuBLAS, for what it cannot say."""
    plain: Callable[..., Any] = VOCABULARY[type(node)](backend, node)
    loop = loop_of(node, CPP)
    return plain if loop is None else CompiledLoop(loop, plain, PROCESSOR, node.dtype)
