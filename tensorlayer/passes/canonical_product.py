"""Canonical products: no permuted, identity, zero or scaled operands, and the rest in order."""

from __future__ import annotations

from itertools import groupby, permutations, product

import numpy as np

from tensorlayer.graph import Delta, Einsum, Fill, Map, Node, is_permutation
from tensorlayer.passes.canonical_map import canonical_map
from tensorlayer.passes.ranks import Ranks
from tensorlayer.passes.scale import pull_scales
from tensorlayer.scalar import argument

__all__ = ["canonical_product"]

#: Of more equal operands than this, not every order is tried.
EQUAL_OPERANDS = 4


def canonical_product(node: Einsum, ranks: Ranks | None = None) -> Node:
    """The canonical form of a product whose inputs are canonical."""
    if _is_zero(node):
        return Fill.of(node.shape, 0, node.dtype)
    node, body = pull_scales(_without_deltas(_through_permutations(node)))
    result = _of_one(node) if len(node.inputs) == 1 else _ordered(node, ranks)
    if body == argument(0):
        return result
    return canonical_map(Map.of([result], [range(result.ndim)], result.shape, body), ranks)


def _is_zero(node: Einsum) -> bool:
    if any(node.extents[x] == 0 for x in node.summed):
        return True
    # 0 * nan is nan: only a product whose other operands are known to be finite may be dropped.
    zero = any(isinstance(source, Fill) and source.value == 0 for source in node.inputs)
    return zero and all(map(_is_finite, node.inputs))


def _is_finite(node: Node) -> bool:
    if isinstance(node, Fill):
        return bool(np.isfinite(node.value))
    return isinstance(node, Delta) or node.dtype.kind in "biu"


def _of_one(node: Einsum) -> Node:
    (source,), (labels,) = node.inputs, node.labels
    if labels == node.output and source.dtype == node.dtype:
        return source
    if isinstance(source, Fill) and not node.summed:
        return Fill.of(node.shape, source.value, node.dtype)
    return node


def _through_permutations(node: Einsum) -> Einsum:
    """A transposed operand is the operand with its labels in another order.

    Only a permutation is merged: a product that was closed is a tensor that others may share; the order of
    contraction is searched across it by the pass *contract*.
    """
    inputs, labels = list(node.inputs), list(node.labels)
    for i, source in enumerate(inputs):
        if isinstance(source, Einsum) and is_permutation(source):
            renamed = dict(zip(source.output, labels[i], strict=True))
            inputs[i], labels[i] = source.inputs[0], tuple(renamed[x] for x in source.labels[0])
    return node if inputs == list(node.inputs) else Einsum.of(inputs, labels, node.output)


def _without_deltas(node: Einsum) -> Einsum:
    """A delta whose label is summed renames the other label: sum_j delta_ij A_jk = A_ik."""
    for i, (source, labels) in enumerate(zip(node.inputs, node.labels, strict=True)):
        if not isinstance(source, Delta) or labels[0] == labels[1]:
            continue
        rest = [x for k, one in enumerate(node.labels) if k != i for x in one]
        for gone, kept in (labels, labels[::-1]):
            if gone in node.summed and gone in rest and (kept in rest or kept in node.output):
                inputs = [s for k, s in enumerate(node.inputs) if k != i]
                renamed = [tuple(kept if x == gone else x for x in one) for k, one in enumerate(node.labels) if k != i]
                smaller = Einsum.of(inputs, renamed, node.output)
                if smaller.dtype == node.dtype:
                    return _without_deltas(smaller)
    return node


def _ordered(node: Einsum, ranks: Ranks | None) -> Einsum:
    """Operands by rank; among equal operands, the order that gives the smallest labels."""
    if ranks is None:
        return node
    places = sorted(range(len(node.inputs)), key=lambda i: ranks[node.inputs[i]])
    groups = [list(group) for _, group in groupby(places, key=lambda i: node.inputs[i])]
    orders = [list(permutations(g)) if 1 < len(g) <= EQUAL_OPERANDS else [tuple(g)] for g in groups]
    if all(len(choices) == 1 for choices in orders):
        return _permuted(node, places)
    return min((_permuted(node, [i for g in one for i in g]) for one in product(*orders)), key=lambda n: n.parameters)


def _permuted(node: Einsum, places: list[int]) -> Einsum:
    return Einsum.of([node.inputs[i] for i in places], [node.labels[i] for i in places], node.output)
