"""Products of two operands, made so that equal pairs in different products are one node."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tensorlayer.graph import DType, Einsum, Map, Node
from tensorlayer.passes.canonicalise import canonical
from tensorlayer.passes.contraction_path import Path, contraction_path
from tensorlayer.passes.ranks import Ranks
from tensorlayer.passes.scale import same_precision
from tensorlayer.scalar import argument, call

__all__ = ["Factor", "Pairs", "prepared"]

#: A tensor and the labels of its modes.
Factor = tuple[Node, tuple[int, ...]]
Labels = tuple[int, ...]


def prepared(node: Einsum) -> Einsum:
    """The product with operands of its own precision, none with a repeated label or one that it sums alone."""
    factors = [_prepared_factor(node, i) for i in range(len(node.inputs))]
    return Einsum.of([source for source, _ in factors], [labels for _, labels in factors], node.output)


def _prepared_factor(node: Einsum, place: int) -> Factor:
    source, labels = node.inputs[place], node.labels[place]
    elsewhere = {x for k, one in enumerate(node.labels) if k != place for x in one}.union(node.output)
    kept = tuple(dict.fromkeys(x for x in labels if x in elsewhere))
    if len(node.inputs) > 2 or kept != labels:
        # With two operands the kernel casts; sums and products of some of many must be of the final precision.
        source = _cast(source, node.dtype)
    return (source, labels) if kept == labels else (Einsum.of([source], [labels], kept), kept)


def _cast(node: Node, dtype: DType) -> Node:
    if node.dtype == dtype or same_precision(node.dtype, dtype):
        return node
    real = dtype.kind == "c" and node.dtype.kind != "c"
    body = ("astype", argument(0), np.finfo(dtype).dtype.name if real else dtype.name)
    return Map.of([node], [range(node.ndim)], node.shape, body)


class Pairs:
    """The pairs formed so far in one graph.

    Parameters
    ----------
    optimizer : str
        How contraction orders are searched.
    """

    def __init__(self, optimizer: str) -> None:
        self.optimizer = optimizer
        self._ranks = Ranks()
        self._formed: dict[Einsum, Factor] = {}

    def contract(self, node: Einsum, path: Path | None = None) -> Node:
        """Form a prepared product pair by pair, along `path` or the best path there is."""
        if path is None:
            path, _ = contraction_path(node.labels, node.output, node.extents, self.optimizer)
        factors: list[Factor] = list(zip(node.inputs, node.labels, strict=True))
        for step in path:
            chosen = [factors.pop(place) for place in sorted(step, reverse=True)][::-1]
            needed = {x for _, labels in factors for x in labels}.union(node.output)
            merged = chosen[0]
            for i, other in enumerate(chosen[1:], 2):
                rest = needed.union(*(labels for _, labels in chosen[i:]))
                merged = self.pair(merged, other, rest, node.output)
            factors.append(merged)
        ((result, labels),) = factors
        return canonical(Einsum.of([result], [labels], node.output))

    def pair(self, left: Factor, right: Factor, needed: Iterable[int], output: Labels = ()) -> Factor:
        """The product of two labelled tensors that keeps the labels in `needed`.

        Its modes are in the order of `output` where that has just these labels, unless an equal product
        exists already in another order.
        """
        key, kept = self.key(left, right, needed)
        if key not in self._formed:
            order = output if set(output) == set(kept) else kept
            wanted = tuple(kept.index(x) for x in order)
            product = Einsum.of(key.inputs, key.labels, [key.output[i] for i in wanted])
            self._formed[key] = (product if product.summed else _elementwise(product)), wanted
        product_node, order = self._formed[key]
        return product_node, tuple(kept[i] for i in order)

    def key(self, left: Factor, right: Factor, needed: Iterable[int]) -> tuple[Einsum, Labels]:
        """The product in its canonical form, which is the same for equal pairs, and the labels it keeps."""
        ordered = sorted((left, right), key=lambda factor: (-factor[0].size, self._ranks[factor[0]]))
        choices = [_canonical_pair(ordered[0], ordered[1], set(needed))]
        if left[0] is right[0]:
            choices.append(_canonical_pair(ordered[1], ordered[0], set(needed)))
        return min(choices, key=lambda choice: choice[0].parameters)


def _canonical_pair(first: Factor, second: Factor, needed: set[int]) -> tuple[Einsum, Labels]:
    every = dict.fromkeys((*first[1], *second[1]))
    batch = [x for x in every if x in first[1] and x in second[1] and x in needed]
    kept = tuple(dict.fromkeys((*batch, *(x for x in every if x in needed))))
    return Einsum.of([first[0], second[0]], [first[1], second[1]], kept), kept


def _elementwise(product: Einsum) -> Node:
    """A product that sums nothing is a map."""
    axes = [tuple(product.output.index(x) for x in labels) for labels in product.labels]
    return canonical(Map.of(product.inputs, axes, product.shape, call("multiply", argument(0), argument(1))))
