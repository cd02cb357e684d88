"""Which rule of the interpreter runs which operation."""

from __future__ import annotations

from typing import Any

from tensorlayer.graph import (
    Concatenate,
    Delta,
    Einsum,
    Fill,
    Fused,
    Generate,
    Linalg,
    Map,
    Node,
    Reduce,
    Reshape,
    Result,
    Slice,
    Update,
)
from tensorlayer.interpreter.einsum import einsum_kernel
from tensorlayer.interpreter.elementwise import fused_kernel, map_kernel
from tensorlayer.interpreter.linalg import linalg_kernel, result_kernel
from tensorlayer.interpreter.movement import (
    concatenate_kernel,
    delta_kernel,
    fill_kernel,
    generate_kernel,
    reshape_kernel,
    slice_kernel,
    update_kernel,
)
from tensorlayer.interpreter.reduce import reduce_kernel

__all__ = ["VOCABULARY"]

#: Operation -> rule that prepares its kernel for a backend with an array-API namespace.
VOCABULARY: dict[type[Node], Any] = {
    Concatenate: concatenate_kernel,
    Delta: delta_kernel,
    Einsum: einsum_kernel,
    Fill: fill_kernel,
    Fused: fused_kernel,
    Generate: generate_kernel,
    Linalg: linalg_kernel,
    Map: map_kernel,
    Reduce: reduce_kernel,
    Reshape: reshape_kernel,
    Result: result_kernel,
    Slice: slice_kernel,
    Update: update_kernel,
}
