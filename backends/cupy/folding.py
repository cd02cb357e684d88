"""Kernels of loops with reductions."""

from __future__ import annotations

from typing import Any

import numpy as np

from backends.cupy.writer import Writer, indented, repeated
from tensorlayer.codegen import CPP, Loop, Operand, Statement
from tensorlayer.graph import DType

__all__ = ["fold_function", "folding", "neutral"]

#: Reduction -> the function that takes one more element in.
_FOLDS = {
    "sum": "add",
    "prod": "multiply",
    "max": "maximum",
    "min": "minimum",
    "any": "logical_or",
    "all": "logical_and",
}


def fold_function(writer: Writer) -> list[str]:
    """The function that takes one more element in."""
    kind, dtype = writer.type, writer.loop.dtype
    operands = (Operand("x", 0, dtype), Operand("x", 1, dtype))
    names = [CPP.operand(operand, ["total", "value"]) for operand in operands]
    text = CPP.text(Statement(_FOLDS[writer.loop.kind], operands, dtype), names)
    return [
        f"FUNCTION {kind} fold{writer.tag}(const {kind} total, const {kind} value)",
        "{",
        f"    return {text};",
        "}",
    ]


def folding(writer: Writer) -> list[str]:
    """Some threads of a block fold a part of one element of the result, in an order that knows nothing of the grid."""
    plan, places = writer.plan, writer.plan.block.threads // writer.plan.lanes
    quick, slow, size = ("place", "lane", "PLACES") if plan.columns else ("lane", "place", "LANES")
    body = [
        "const index_t part = task % parts;",
        "const index_t result = task / parts * PLACES + place;",
        f"{writer.type} total = {neutral(writer.loop)};",
        "if (result < results) {",
        *indented(_own_part(writer)),
        "}",
        *_joining(writer),
    ]
    return [
        f"constexpr int LANES = {plan.lanes}, PLACES = {places};",
        *([f"__shared__ {writer.type} shared[LANES * PLACES];"] if plan.lanes > 1 else []),
        f"const int {quick} = threadIdx.x % {size}, {slow} = threadIdx.x / {size};",
        "const index_t tasks = (results + PLACES - 1) / PLACES * parts;",
        *repeated("index_t task = blockIdx.x; task < tasks; task += gridDim.x", body),
    ]


def _own_part(writer: Writer) -> list[str]:
    """What one thread folds."""
    kept, folded = writer.axes[: writer.plan.kept], writer.axes[writer.plan.kept :]
    outer = [i for i in writer.used if not any(writer.plan.strides[i][axis] for axis in folded)]
    inner = [i for i in writer.used if i not in outer]
    steps = [
        *writer.unravelled("step", folded),
        *writer.loads(inner),
        *writer.for_each_of_a_vector(f"total = fold(total, {writer.value()});"),
    ]
    return [
        *writer.unravelled("result", kept),
        *writer.loads(outer),
        "const index_t stop = folded < (part + 1) * chunk ? folded : (part + 1) * chunk;",
        "#pragma unroll 4",
        *repeated("index_t step = part * chunk + lane; step < stop; step += LANES", steps),
    ]


def _joining(writer: Writer) -> list[str]:
    """Pairs of threads join their totals, then pairs of pairs; the first stores."""
    if writer.plan.lanes == 1:
        return ["if (result < results) out[part * results + result] = total;"]
    there = "shared[threadIdx.x + half * PLACES]" if writer.plan.columns else "shared[threadIdx.x + half]"
    pair = ["__syncthreads();", f"if (lane < half) shared[threadIdx.x] = fold(shared[threadIdx.x], {there});"]
    return [
        "shared[threadIdx.x] = total;",
        "#pragma unroll",
        *repeated("int half = LANES / 2; half > 0; half /= 2", pair),
        "if (lane == 0 && result < results) out[part * results + result] = shared[threadIdx.x];",
        "__syncthreads();",
    ]


def neutral(loop: Loop) -> str:
    """The element that changes nothing."""
    # As in NumPy, a sum of minus zeros is zero.
    value: Any = {"sum": 0, "prod": 1, "any": False, "all": True}.get(loop.kind)
    if value is None:
        lowest, highest = _range(loop.dtype)
        value = lowest if loop.kind == "max" else highest
    return CPP.constant(np.asarray(value, loop.dtype)[()], loop.dtype)


def _range(dtype: DType) -> tuple[Any, Any]:
    if dtype.kind == "f":
        return -np.inf, np.inf
    return (False, True) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
