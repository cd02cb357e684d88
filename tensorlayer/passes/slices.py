"""Products in slices: the same product, formed for parts of its labels one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tensorlayer.graph import Concatenate, Einsum, Map, Node, Slice
from tensorlayer.passes.canonical_slice import canonical_slice
from tensorlayer.passes.contraction_path import Path
from tensorlayer.passes.pairs import Pairs
from tensorlayer.scalar import argument, call

__all__ = ["Parts", "chunks", "in_slices"]

#: In how many parts each sliced label is taken.
Parts = Mapping[int, int]


def chunks(extent: int, parts: int) -> list[tuple[int, int]]:
    """Start and stop of the parts of a label, as even as they can be.

    Examples
    --------
    >>> chunks(7, 3)
    [(0, 3), (3, 5), (5, 7)]
    """
    size, longer = divmod(extent, parts)
    stops = [size * (i + 1) + min(i + 1, longer) for i in range(parts)]
    return list(zip([0, *stops], stops, strict=False))


def in_slices(node: Einsum, parts: Parts, pairs: Pairs, path: Path | None = None, *, first: int | None = None) -> Node:
    """Form a prepared product in slices.

    Slices over a summed label are added up as they come; those over a label of the result are joined at the
    end. So that few results are alive at once, labels of the result are the outer loops.

    Parameters
    ----------
    node : Einsum
        The product.
    parts : mapping
        In how many parts each sliced label is taken.
    pairs : Pairs
        The pairs formed so far.
    path : Path, optional
        The order of contraction of every slice; the best one when left out.
    first : int, optional
        Form only so many slices of each label, to see what they take; all when left out.
    """
    order = sorted(parts, key=lambda label: label not in node.output)
    ranges = {label: chunks(node.extents[label], parts[label])[:first] for label in order}
    return _loop(node, order, ranges, {}, lambda part: pairs.contract(part, path))


def _loop(
    node: Einsum,
    order: list[int],
    ranges: Mapping[int, list[tuple[int, int]]],
    chosen: dict[int, tuple[int, int]],
    form: Callable[[Einsum], Node],
) -> Node:
    if not order:
        return form(_part(node, chosen))
    label, *rest = order
    results = (_loop(node, rest, ranges, {**chosen, label: chunk}, form) for chunk in ranges[label])
    if label in node.output:
        return Concatenate.of(results, node.output.index(label))
    total = next(results)
    for result in results:
        axes = tuple(range(total.ndim))
        total = Map.of([total, result], [axes, axes], total.shape, call("add", argument(0), argument(1)))
    return total


def _part(node: Einsum, ranges: Mapping[int, tuple[int, int]]) -> Einsum:
    inputs = []
    for source, labels in zip(node.inputs, node.labels, strict=True):
        key = tuple((*ranges.get(x, (0, n)), 1) for x, n in zip(labels, source.shape, strict=True))
        inputs.append(canonical_slice(Slice.of(source, key)))
    return Einsum.of(inputs, node.labels, node.output)
