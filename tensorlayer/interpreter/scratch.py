"""How much memory a product takes beside its operands and its result: the copies that make matrices of them."""

from __future__ import annotations

from collections.abc import Sequence

from tensorlayer.graph import Einsum, Node, is_view
from tensorlayer.interpreter.contraction import classify, is_block, plan_matrix_product

__all__ = ["scratch_bytes"]


def scratch_bytes(node: Node) -> int:
    """Bytes of the operands that a product of two must copy before it can multiply them; 0 for all else.

    An operand is copied if it has another element type, or if labels that must be merged do not lie side by
    side in memory.
    """
    if not isinstance(node, Einsum) or len(node.inputs) != 2:
        return 0
    left, right = node.labels
    roles = classify(node.output, left, right)
    if not roles.is_matrix_product:
        return 0
    operands = list(zip(node.inputs, node.labels, (roles.lhs_free, roles.rhs_free), strict=True))
    return min(
        sum(_copied(node, source, labels, free, dummy) for source, labels, free in operands)
        for dummy in (roles.lhs_dummy, roles.rhs_dummy)
    )


def _copied(node: Einsum, source: Node, labels: Sequence[int], free: Sequence[int], dummy: Sequence[int]) -> int:
    merged = [tuple(group) for group in (free, dummy) if len(group) > 1]
    apart = not all(is_block(labels, group) for group in merged)
    if source.dtype == node.dtype and not apart and not (merged and _is_strided(source)):
        return 0
    return source.size * node.dtype.itemsize


def _is_strided(node: Node) -> bool:
    """Whether the elements of `node` may lie in memory in another order than that of its modes."""
    if is_view(node):
        return True
    if not isinstance(node, Einsum) or len(node.inputs) != 2 or len(set(node.labels[0])) < len(node.labels[0]):
        return False
    roles = classify(node.output, *node.labels)
    if not roles.is_matrix_product:
        return False
    left, right = node.labels
    return plan_matrix_product(node.output, left, right, node.extents).result.axes is not None
