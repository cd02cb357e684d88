"""Products of products: closed products become part of the product that reads them, where that is cheaper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tensorlayer.graph import Einsum, Node, consumers, is_permutation, postorder
from tensorlayer.passes.contraction_path import EXACT_OPERANDS, contraction_path
from tensorlayer.passes.scale import same_precision

__all__ = ["merge_products"]


def merge_products(sinks: Iterable[Node], optimizer: str) -> tuple[Node, ...]:
    """Open a product that one product alone reads, if all operands together can be contracted for less.

    A product with more readers stays: it is formed once for all of them.
    """
    sinks = tuple(sinks)
    if not any(isinstance(n, Einsum) and any(isinstance(s, Einsum) for s in n.inputs) for n in postorder(sinks)):
        return sinks
    counts = consumers(sinks)
    done: dict[Node, Node] = {}
    readers: Counter[Node] = Counter()
    for node in postorder(sinks):
        made = node.with_inputs(done[source] for source in node.inputs)
        done[node] = _merged(made, readers, optimizer) if isinstance(made, Einsum) else made
        readers[done[node]] += counts[node]
    return tuple(done[sink] for sink in sinks)


def _merged(node: Einsum, readers: Counter[Node], optimizer: str) -> Einsum:
    for place, source in enumerate(node.inputs):
        if readers[source] == 1 and isinstance(source, Einsum) and _may_open(source, node):
            opened = _open(node, place, source)
            if opened.dtype == node.dtype and _is_cheaper(opened, node, source, optimizer):
                return _merged(opened, readers, optimizer)
    return node


def _may_open(source: Einsum, node: Einsum) -> bool:
    # Whole numbers wrap around where they are summed, so the sums must be in the same type.
    return source.dtype == node.dtype or same_precision(source.dtype, node.dtype)


def _open(node: Einsum, place: int, source: Einsum) -> Einsum:
    fresh = 1 + max((x for one in node.labels for x in one), default=-1)
    renamed = dict(zip(source.output, node.labels[place], strict=True))
    for label in source.extents:
        renamed.setdefault(label, fresh + label)
    inputs = (*node.inputs[:place], *source.inputs, *node.inputs[place + 1 :])
    inner = (tuple(renamed[x] for x in one) for one in source.labels)
    return Einsum.of(inputs, (*node.labels[:place], *inner, *node.labels[place + 1 :]), node.output)


def _is_cheaper(opened: Einsum, node: Einsum, source: Einsum, optimizer: str) -> bool:
    if is_permutation(source):
        return True
    if len(opened.inputs) > EXACT_OPERANDS:
        return False
    return _product_cost(opened, optimizer) < _product_cost(node, optimizer) + _product_cost(source, optimizer)


def _product_cost(node: Einsum, optimizer: str) -> float:
    """Scalar operations of a product in its best order."""
    labels = [tuple(dict.fromkeys(one)) for one in node.labels]
    if len(labels) == 1:
        return float(node.inputs[0].size)
    return contraction_path(labels, node.output, node.extents, optimizer)[1]
