"""Pairs of operands that several products contain, made products of their own where that saves work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

from tensorlayer.graph import Einsum, Node, postorder
from tensorlayer.passes.contraction_path import contraction_path
from tensorlayer.passes.pairs import Pairs

__all__ = ["share_pairs"]

#: Products of more operands, and graphs of more products, are not searched: the number of pairs is quadratic.
MOST_OPERANDS = 10
MOST_PRODUCTS = 64


class _Place(NamedTuple):
    """A product, and the positions of two of its operands."""

    product: Einsum
    pair: tuple[int, int]


def share_pairs(sinks: Iterable[Node], pairs: Pairs) -> tuple[Node, ...]:
    """Close the pairs of operands that more than one product contains, the one that saves most first.

    What is left of the products, all together, costs less than before, or nothing is changed. Products must
    be prepared.
    """
    sinks = tuple(sinks)
    while True:
        products = [n for n in postorder(sinks) if isinstance(n, Einsum) and 2 < len(n.inputs) <= MOST_OPERANDS]
        if not 0 < len(products) <= MOST_PRODUCTS:
            return sinks
        alone = {_key(n, 0, 1, pairs) for n in postorder(sinks) if isinstance(n, Einsum) and len(n.inputs) == 2}
        places = _best(_common(products, alone, pairs), alone, pairs)
        if not places:
            return sinks
        sinks = _replaced(sinks, {place.product: _closed(place, pairs) for place in places})


def _replaced(sinks: tuple[Node, ...], closed: dict[Node, Einsum]) -> tuple[Node, ...]:
    """The graph with some products in their closed form."""
    done: dict[Node, Node] = {}

    def rebuilt(node: Node) -> Node:
        return done[node] if node in done else node.with_inputs(map(rebuilt, node.inputs))

    for node in postorder(sinks):
        done[node] = closed.get(node, node).with_inputs(map(rebuilt, closed.get(node, node).inputs))
    return tuple(done[sink] for sink in sinks)


def _common(products: Sequence[Einsum], alone: set[Einsum], pairs: Pairs) -> dict[Einsum, list[_Place]]:
    """Every pair that occurs in several products, or in one and as a product of its own."""
    found: dict[Einsum, list[_Place]] = defaultdict(list)
    for product in products:
        for i, j in combinations(range(len(product.inputs)), 2):
            if set(product.labels[i]) & set(product.labels[j]):
                found[_key(product, i, j, pairs)].append(_Place(product, (i, j)))
    return {key: places for key, places in found.items() if len({p.product for p in places}) + (key in alone) > 1}


def _key(product: Einsum, i: int, j: int, pairs: Pairs) -> Einsum:
    rest = {x for k, labels in enumerate(product.labels) if k not in (i, j) for x in labels}
    left, right = ((product.inputs[k], product.labels[k]) for k in (i, j))
    return pairs.key(left, right, rest.union(product.output))[0]


def _best(common: dict[Einsum, list[_Place]], alone: set[Einsum], pairs: Pairs) -> list[_Place]:
    """The places, at most one in a product, of the pair that saves most; none if no pair saves anything."""
    best: list[_Place] = []
    most = 0.0
    for key, places in common.items():
        one_each = list({place.product: place for place in reversed(places)}.values())
        gains = [(_cost(place.product, pairs) - _cost(_closed(place, pairs), pairs), place) for place in one_each]
        helped = [(gain, place) for gain, place in gains if gain > 0]
        saved = sum(gain for gain, _ in helped) - (0.0 if key in alone else _cost(key, pairs))
        if saved > most:
            best, most = [place for _, place in helped], saved
    return best


def _cost(node: Einsum, pairs: Pairs) -> float:
    return contraction_path(node.labels, node.output, node.extents, pairs.optimizer)[1]


def _closed(place: _Place, pairs: Pairs) -> Einsum:
    """The product with two operands replaced by their product."""
    product, (i, j) = place
    rest = [k for k in range(len(product.inputs)) if k not in (i, j)]
    needed = {x for k in rest for x in product.labels[k]}.union(product.output)
    left, right = ((product.inputs[k], product.labels[k]) for k in (i, j))
    key, kept = pairs.key(left, right, needed)
    return Einsum.of(
        [product.inputs[k] for k in rest] + [key], [product.labels[k] for k in rest] + [kept], product.output
    )
