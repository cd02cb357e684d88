"""Pass 1: one form for equal things, and nothing that does nothing."""

from __future__ import annotations

from tensorlayer.graph import Concatenate, Delta, Einsum, Fill, Map, Node, OpGraph, Reduce, Reshape, Slice, rewrite
from tensorlayer.passes.placement import Target
from tensorlayer.scalar import argument, arguments_of, simplify, substitute

__all__ = ["canonicalise"]


def canonicalise(graph: OpGraph, target: Target) -> OpGraph:
    """Merge nested products and maps, order operands, and remove identities and zeros.

    * a product of products is one product;
    * permutations (of one operand, by Einsum) are merged into the product or map that reads them;
    * a contraction with the identity matrix renames a label, a product with a zero tensor is zero;
    * scalar factors are pulled out of products;
    * scalar expressions are simplified; arguments read twice or not at all are merged or dropped;
    * full slices, reshapes to the same shape and concatenations of one part are removed.
    """
    del target
    return graph.with_sinks(rewrite(graph.sink_nodes, canonical))


def canonical(node: Node) -> Node:
    """The canonical form of a node whose inputs are canonical."""
    if isinstance(node, Einsum):
        return _einsum(node)
    if isinstance(node, Map):
        return _map(node)
    if isinstance(node, Reduce) and not node.axes and node.dtype == node.inputs[0].dtype:
        return node.inputs[0]
    if isinstance(node, Slice):
        return _slice(node)
    if isinstance(node, Reshape):
        source = node.inputs[0].inputs[0] if isinstance(node.inputs[0], Reshape) else node.inputs[0]
        return source if source.shape == node.shape else Reshape.of(source, node.shape)
    if isinstance(node, Concatenate) and len(node.inputs) == 1:
        return node.inputs[0]
    return node


def _slice(node: Slice) -> Node:
    source = node.inputs[0]
    if node.key == tuple((0, extent, 1) for extent in source.shape):
        return source
    return Fill.of(node.shape, source.value, source.dtype) if isinstance(source, Fill) else node


# -- products ----------------------------------------------------------------------------------------------


def _einsum(node: Einsum) -> Node:
    if any(isinstance(source, Fill) and source.value == 0 for source in node.inputs) and _finite_zero(node):
        return Fill.of(node.shape, 0, node.dtype)
    node = _contract_deltas(_flatten(node))
    if len(node.inputs) == 1:
        return _unary(node)
    return _ordered(node)


def _finite_zero(node: Einsum) -> bool:
    # 0 * nan is nan: only a product whose other operands are known to be finite may be dropped.
    return all(isinstance(source, Fill | Delta) or source.dtype.kind in "biu" for source in node.inputs)


def _unary(node: Einsum) -> Node:
    (source,), (labels,) = node.inputs, node.labels
    if labels == node.output and source.dtype == node.dtype:
        return source
    if isinstance(source, Fill) and not node.summed:
        return Fill.of(node.shape, source.value, node.dtype)
    return node


def _flatten(node: Einsum) -> Einsum:
    """Merge inner products and permutations that only move modes or sum labels of this very product."""
    inputs: list[Node] = []
    labels: list[tuple[int, ...]] = []
    fresh = 1 + max((x for one in node.labels for x in one), default=-1)
    for source, own in zip(node.inputs, node.labels, strict=True):
        if isinstance(source, Einsum) and _mergeable(source, node):
            renamed = dict(zip(source.output, own, strict=True))
            for label in source.extents:
                if label not in renamed:
                    renamed[label] = fresh
                    fresh += 1
            inputs += source.inputs
            labels += [tuple(renamed[x] for x in one) for one in source.labels]
        else:
            inputs.append(source)
            labels.append(own)
    if len(inputs) == len(node.inputs) and all(a is b for a, b in zip(inputs, node.inputs, strict=True)):
        return node
    return Einsum.of(inputs, labels, node.output)


def _mergeable(source: Einsum, node: Einsum) -> bool:
    # Only a permutation is free. A product that was closed is a tensor that others may share, and merging
    # it would hide that; the order of contraction is searched across it by the pass 'contract'.
    return source.dtype == node.dtype and len(source.inputs) == 1 and not source.summed and _distinct(source)


def _distinct(node: Einsum) -> bool:
    return all(len(set(labels)) == len(labels) for labels in node.labels)


def _contract_deltas(node: Einsum) -> Einsum:
    """A delta whose label is summed renames the other label: sum_j delta_ij A_jk = A_ik."""
    for i, (source, labels) in enumerate(zip(node.inputs, node.labels, strict=True)):
        if not isinstance(source, Delta) or len(node.inputs) == 1 or labels[0] == labels[1]:
            continue
        rest = [x for k, one in enumerate(node.labels) if k != i for x in one]
        gone, kept = labels if labels[0] in node.summed and labels[0] in rest else labels[::-1]
        if gone not in node.summed or gone not in rest or (kept not in rest and kept in node.summed):
            continue
        inputs = [s for k, s in enumerate(node.inputs) if k != i]
        renamed = [tuple(kept if x == gone else x for x in one) for k, one in enumerate(node.labels) if k != i]
        smaller = Einsum.of(inputs, renamed, node.output)
        return _contract_deltas(smaller) if smaller.dtype == node.dtype else node
    return node


def _ordered(node: Einsum) -> Einsum:
    """Sort operands by a content-based key, so that A*B and B*A are one node."""
    order = sorted(range(len(node.inputs)), key=lambda i: (_key(node.inputs[i]), node.labels[i]))
    if order == list(range(len(order))):
        return node
    return Einsum.of([node.inputs[i] for i in order], [node.labels[i] for i in order], node.output)


def _key(node: Node) -> tuple[str, str]:
    return (node.operation, repr(node.parameters))


# -- maps --------------------------------------------------------------------------------------------------


def _map(node: Map) -> Node:
    node = _merge_permutations(node)
    body = simplify(node.body, tuple(source.dtype for source in node.inputs))
    used = arguments_of(body)
    places: dict[tuple[Node, tuple[int, ...]], int] = {}
    replacement = [argument(0)] * len(node.inputs)
    for i in used:
        place = places.setdefault((node.inputs[i], node.axes[i]), len(places))
        replacement[i] = argument(place)
    body = substitute(body, replacement)
    identity = tuple(range(node.ndim))
    if body == argument(0) and next(iter(places))[1] == identity:
        return next(iter(places))[0]
    return Map.of([n for n, _ in places], [a for _, a in places], node.shape, body)


def _merge_permutations(node: Map) -> Map:
    """Read through permutations: a transposed operand is the operand with other axes."""
    inputs, axes = list(node.inputs), list(node.axes)
    for i, source in enumerate(inputs):
        if (
            isinstance(source, Einsum)
            and len(source.inputs) == 1
            and not source.summed
            and _distinct(source)
            and source.dtype == source.inputs[0].dtype
        ):
            inputs[i] = source.inputs[0]
            axes[i] = tuple(axes[i][source.output.index(x)] for x in source.labels[0])
    return Map.of(inputs, axes, node.shape, node.body)
