"""The shared interpreter: every operation in terms of the array API standard."""

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
from tensorlayer.interpreter.contraction import LabelClasses, MatrixProduct, Move, classify, plan_matrix_product
from tensorlayer.interpreter.einsum import einsum_kernel
from tensorlayer.interpreter.elementwise import body_function, function_calls, fused_kernel, map_kernel, placer
from tensorlayer.interpreter.linalg import linalg_kernel, result_kernel
from tensorlayer.interpreter.movement import (
    as_slices,
    concatenate_kernel,
    delta_kernel,
    fill_kernel,
    generate_kernel,
    reshape_kernel,
    slice_kernel,
    update_kernel,
)
from tensorlayer.interpreter.reduce import reduce_kernel, reducer

__all__ = [
    "VOCABULARY",
    "LabelClasses",
    "MatrixProduct",
    "Move",
    "as_slices",
    "body_function",
    "classify",
    "einsum_kernel",
    "function_calls",
    "fused_kernel",
    "linalg_kernel",
    "map_kernel",
    "placer",
    "plan_matrix_product",
    "reduce_kernel",
    "reducer",
]

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
