"""The shared interpreter: every operation in terms of the array API standard."""

from tensorlayer.interpreter.contraction import (
    LabelClasses,
    MatrixProduct,
    Move,
    classify,
    is_block,
    plan_matrix_product,
)
from tensorlayer.interpreter.einsum import einsum_kernel
from tensorlayer.interpreter.elementwise import (
    function_calls,
    fused_kernel,
    map_kernel,
    operand_types,
)
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
from tensorlayer.interpreter.reduce import reduce_kernel, reducer
from tensorlayer.interpreter.scratch import scratch_bytes
from tensorlayer.interpreter.vocabulary import VOCABULARY

__all__ = [
    "VOCABULARY",
    "LabelClasses",
    "MatrixProduct",
    "Move",
    "classify",
    "concatenate_kernel",
    "delta_kernel",
    "einsum_kernel",
    "fill_kernel",
    "function_calls",
    "fused_kernel",
    "generate_kernel",
    "is_block",
    "linalg_kernel",
    "map_kernel",
    "operand_types",
    "plan_matrix_product",
    "reduce_kernel",
    "reducer",
    "reshape_kernel",
    "result_kernel",
    "scratch_bytes",
    "slice_kernel",
    "update_kernel",
]
