"""Pass 3: products of many operands become products of two, in a good order."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from tensorlayer.graph import Einsum, Map, Node, OpGraph, rewrite
from tensorlayer.passes.canonicalise import canonical
from tensorlayer.passes.contraction_path import contraction_path
from tensorlayer.passes.placement import Target
from tensorlayer.scalar import argument, call

__all__ = ["contract", "pair_product"]

Factor = tuple[Node, tuple[int, ...]]


def contract(graph: OpGraph, target: Target) -> OpGraph:
    """Split every product into pairs, and turn products that sum nothing into maps.

    The order of each product is searched by opt_einsum (cotengra for large networks, when installed).
    Pairs that an earlier product of the same graph has formed already are taken for free where that does
    not make the rest dearer; so statements evaluated together share their intermediates.
    """
    formed: set[Node] = set()

    def rule(node: Node) -> Node:
        return _contract(node, target, formed) if isinstance(node, Einsum) else canonical(node)

    return graph.with_sinks(rewrite(graph.sink_nodes, rule))


def _contract(node: Einsum, target: Target, formed: set[Node]) -> Node:
    if len(node.inputs) == 1:
        return canonical(node)
    factors: list[Factor] = [_presum(f, node, i) for i, f in enumerate(zip(node.inputs, node.labels, strict=True))]
    factors = _reuse(factors, node, target, formed)
    sizes = node.extents
    path, _ = contraction_path([labels for _, labels in factors], node.output, sizes, target.options.optimizer)
    for pair in path:
        chosen = [factors.pop(i) for i in sorted(pair, reverse=True)][::-1]
        for other in chosen[1:]:
            merged = _merge(chosen[0], other, [labels for _, labels in factors], node.output, node)
            formed.add(merged[0])
            chosen[0] = merged
        factors.append(chosen[0])
    (result, labels) = factors[0]
    return canonical(Einsum.of([result], [labels], node.output))


def _presum(factor: Factor, node: Einsum, index: int) -> Factor:
    """Sum labels that only this operand carries before anything is multiplied."""
    source, labels = factor
    elsewhere = {x for k, one in enumerate(node.labels) if k != index for x in one} | set(node.output)
    kept = tuple(dict.fromkeys(x for x in labels if x in elsewhere))
    if kept == labels:
        return factor
    return canonical(Einsum.of([source], [labels], kept)), kept


def _merge(
    left: Factor, right: Factor, rest: Sequence[tuple[int, ...]], output: tuple[int, ...], node: Einsum
) -> Factor:
    needed = {x for labels in rest for x in labels} | set(output)
    product, labels = pair_product(left, right, needed)
    return product, labels


def pair_product(left: Factor, right: Factor, needed: set[int]) -> Factor:
    """The product of two labelled nodes that keeps the labels in `needed`.

    Operands and result are in a canonical order, so that equal pairs of different products are one node.
    """
    first, second = sorted((left, right), key=_rank)
    batch = [x for x in first[1] if x in second[1] and x in needed]
    kept = (*batch, *(x for x in (*first[1], *second[1]) if x in needed and x not in batch))
    kept = tuple(dict.fromkeys(kept))
    product = Einsum.of([first[0], second[0]], [first[1], second[1]], kept)
    return (product, kept) if product.summed else (_as_map(product), kept)


def _rank(factor: Factor) -> tuple[Hashable, ...]:
    node, labels = factor
    return (-node.size, node.operation, repr(node.parameters), labels)


def _as_map(product: Einsum) -> Node:
    """A product that sums nothing is elementwise."""
    axes = [tuple(product.output.index(x) for x in labels) for labels in product.labels]
    body = call("multiply", argument(0), argument(1))
    return canonical(Map.of(product.inputs, axes, product.shape, body))


def _reuse(factors: list[Factor], node: Einsum, target: Target, formed: set[Node]) -> list[Factor]:
    """Merge pairs that exist already, as long as what is left costs no more than without."""
    if not formed or len(factors) < 3:
        return factors
    sizes, output = node.extents, node.output
    _, best = contraction_path([labels for _, labels in factors], output, sizes, target.options.optimizer)
    for i in range(len(factors)):
        for j in range(i + 1, len(factors)):
            rest = [f for k, f in enumerate(factors) if k not in (i, j)]
            needed = {x for _, labels in rest for x in labels} | set(output)
            merged = pair_product(factors[i], factors[j], needed)
            if merged[0] not in formed:
                continue
            smaller = [*rest, merged]
            _, cost = contraction_path([labels for _, labels in smaller], output, sizes, target.options.optimizer)
            if cost <= best:
                return _reuse(smaller, node, target, formed)
    return factors
