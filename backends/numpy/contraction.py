"""Products of two operands on NumPy: one line of generated code around one call of BLAS."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from backends.numpy.source import compile_function
from tensorlayer.graph import Einsum
from tensorlayer.interpreter import LabelClasses, Move, classify, plan_matrix_product
from tensorlayer.interpreter import einsum_kernel as general_kernel

if TYPE_CHECKING:
    from backends.numpy.backend import NumpyBackend

__all__ = ["einsum_kernel"]

#: Extent of a contiguous batch label from which many dot products are best summed side by side.
SIDE_BY_SIDE = 16


def einsum_kernel(backend: NumpyBackend, node: Einsum) -> Callable[..., Any]:
    """Kernel of an Einsum; products with diagonals or lone sums are left to the general one."""
    if len(node.inputs) != 2 or any(len(set(labels)) != len(labels) for labels in node.labels):
        return general_kernel(backend, node)
    roles = classify(node.output, *node.labels)
    if not roles.is_matrix_product:
        return general_kernel(backend, node)
    if roles.result_batch and not roles.lhs_free and not roles.rhs_free:
        return _dot_products(node, roles)
    return _matrix_product(node)


def _dot_products(node: Einsum, roles: LabelClasses) -> Callable[..., Any]:
    """A batch of dot products: one label after the other, or all side by side where the batch is contiguous."""
    if all(labels[-1] in node.output and node.extents[labels[-1]] >= SIDE_BY_SIDE for labels in node.labels):
        return _loop(node)
    in_order = all(labels == (*roles.result_batch, *roles.lhs_dummy[:1]) for labels in node.labels)
    same_type = all(source.dtype == node.dtype and source.dtype.kind == "f" for source in node.inputs)
    return np.vecdot if in_order and same_type else _matrix_product(node)


def _loop(node: Einsum) -> Callable[..., Any]:
    """NumPy's own loop, which adds up along the outer labels."""
    einsum, (left, right), output, dtype = np.einsum, node.labels, node.output, node.dtype
    return lambda a, b: einsum(a, left, b, right, output, dtype=dtype, casting="unsafe")


def _matrix_product(node: Einsum) -> Callable[..., Any]:
    left, right = node.labels
    plan = plan_matrix_product(node.output, left, right, node.extents)
    operands = [
        _moved(_cast(name, source.dtype, node.dtype), move, source.ndim)
        for name, source, move in zip("ab", node.inputs, (plan.left, plan.right), strict=True)
    ]
    first, second = reversed(operands) if plan.swap else operands
    batched = bool(set(left) & set(right) & set(node.output))
    # Of vectors and matrices `dot` is the same call of BLAS as `matmul`, half a microsecond sooner.
    as_dot = not batched and node.dtype.char in "fdFD"
    product = f"{first}.dot({second})" if as_dot else f"matmul({first}, {second})"
    return compile_function("run", ["a", "b"], [f"return {_unmoved(product, plan.result)}"], {"matmul": np.matmul})


def _cast(name: str, own: np.dtype[Any], wanted: np.dtype[Any]) -> str:
    return name if own == wanted else f"{name}.astype('{wanted.name}')"


def _moved(text: str, move: Move, ndim: int) -> str:
    """Permute, then reshape."""
    if move.axes is not None:
        text += ".T" if _is_reversal(move.axes) and ndim > 1 else f".transpose({tuple(move.axes)})"
    return text if move.shape is None else f"{text}.reshape({tuple(move.shape)})"


def _unmoved(text: str, move: Move) -> str:
    """Reshape, then permute."""
    if move.shape is not None:
        text += f".reshape({tuple(move.shape)})"
    if move.axes is None:
        return text
    return text + (".T" if _is_reversal(move.axes) else f".transpose({tuple(move.axes)})")


def _is_reversal(axes: Sequence[int]) -> bool:
    return list(axes) == list(range(len(axes)))[::-1]
