"""In which slices a product must be formed to fit into memory: as few as possible."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tensorlayer.graph import Einsum, Input, Node, OpGraph, peak_bytes
from tensorlayer.interpreter import scratch_bytes
from tensorlayer.passes.arrange import arrange
from tensorlayer.passes.contraction_path import EXACT_OPERANDS, Path, contraction_path, sliced_labels
from tensorlayer.passes.pairs import Pairs
from tensorlayer.passes.placement import Target
from tensorlayer.passes.slices import Parts, in_slices

__all__ = ["MOST_SLICES", "Slicing", "find_slicing"]

#: More slices than this are not tried: each is a set of steps of its own in the plan.
MOST_SLICES = 1024
#: So many slices are formed in all to find out what slicings take, before what has been found must do.
MOST_EFFORT = 1024


class Slicing(NamedTuple):
    """A way to form a product.

    Attributes
    ----------
    parts : mapping
        In how many parts each sliced label is taken.
    path : Path
        The order of contraction of every slice.
    extra : int
        Bytes that it takes at its peak beside its operands.
    """

    parts: Parts
    path: Path
    extra: int

    @property
    def slices(self) -> int:
        """The number of slices."""
        return math.prod(self.parts.values())


def _extra_bytes(node: Einsum, parts: Parts, path: Path | None, pairs: Pairs, *, first: int | None = None) -> int:
    """Bytes alive at the peak of a product formed in slices, beside its operands.

    With `first`, of only so many slices of each label: a lower bound, found sooner.
    """
    alone = Einsum.of(_stand_ins(node), node.labels, node.output)
    formed = in_slices(alone, parts, pairs, path, first=first)
    held = sum(source.nbytes for source in set(alone.inputs) if isinstance(source, Input))
    return peak_bytes(arrange(OpGraph([formed]), Target()).sink_nodes, scratch_bytes) - held


def _stand_ins(node: Einsum) -> list[Node]:
    """Inputs in place of the operands; what has no operands itself is made slice by slice, and stays."""
    number = {source: i for i, source in enumerate(dict.fromkeys(node.inputs))}
    return [
        Input.of(number[source], source.shape, source.dtype) if source.inputs or isinstance(source, Input) else source
        for source in node.inputs
    ]


def find_slicing(node: Einsum, limit: int, optimizer: str) -> Slicing:
    """The slicing of a prepared product into fewest slices that takes at most `limit` bytes.

    Where none fits, the one that takes least of those that were tried.
    """
    measure = _Measure(node, limit, optimizer)
    tried = [measure({})]
    if tried[0].extra > limit and len(node.inputs) > EXACT_OPERANDS:
        tried += _by_cotengra(node, measure)
    if node.nbytes <= limit:
        tried += _one_label_more(node, tried[0], measure)
    return min(tried, key=lambda one: (one.slices, one.extra) if one.extra <= limit else (math.inf, one.extra))


class _Measure:
    """What slicings of one product take: exactly, where they may fit; a lower bound else."""

    def __init__(self, node: Einsum, limit: int, optimizer: str) -> None:
        self.node = node
        self.limit = limit
        self.optimizer = optimizer
        self.path, _ = contraction_path(node.labels, node.output, node.extents, optimizer)
        self._slices_left = MOST_EFFORT

    def __call__(self, parts: Parts, path: Path | None = None) -> Slicing:
        along = path or self.path
        slicing = Slicing(parts, along, _extra_bytes(self.node, parts, along, Pairs(self.optimizer), first=3))
        if slicing.extra > self.limit or not parts:
            return slicing
        # What does not depend on an inner label is kept for the outer loop, so the order of loops matters.
        orders = [parts, dict(list(parts.items())[::-1])] if len(parts) > 1 else [parts]
        self._slices_left -= len(orders) * slicing.slices
        if self._slices_left < 0:
            return slicing._replace(extra=2 * self.limit + 1)
        exact = [Slicing(one, along, _extra_bytes(self.node, one, along, Pairs(self.optimizer))) for one in orders]
        return min(exact, key=lambda one: one.extra)


def _by_cotengra(node: Einsum, measured: _Measure) -> Iterator[Slicing]:
    """Whole labels, chosen by cotengra for intermediates that get smaller until all is small enough."""
    largest = measured.limit // node.dtype.itemsize
    while largest > 0:
        found = sliced_labels(node.labels, node.output, node.extents, largest)
        parts = {label: node.extents[label] for label in found[0]} if found else {}
        if found is None or math.prod(parts.values()) > MOST_SLICES:
            return
        slicing = measured(parts, found[1])
        yield slicing
        if slicing.extra <= measured.limit:
            return
        largest //= 2


def _one_label_more(node: Einsum, slicing: Slicing, measured: _Measure) -> Iterator[Slicing]:
    """Slice one label into as few parts as will do; where no label will do, that which helps most, and go on."""
    while slicing.extra > measured.limit:
        parts = slicing.parts
        choices = []
        for label in _candidates(node, slicing):
            for count in _counts(node.extents[label], MOST_SLICES // slicing.slices):
                choices.append(measured({**parts, label: count}))
                if choices[-1].extra <= measured.limit:
                    choices += _fewer(label, choices[-1], measured)
                    break
        yield from choices
        best = min(choices, key=lambda one: one.extra, default=slicing)
        if best.extra >= slicing.extra or any(one.extra <= measured.limit for one in choices):
            return
        slicing = best


def _counts(extent: int, most: int) -> Iterator[int]:
    """Two, four, eight, ... parts, and as many as there may be."""
    most = min(extent, most)
    count = 2
    while count < most:
        yield count
        count *= 2
    if most > 1:
        yield most


def _fewer(label: int, enough: Slicing, measured: _Measure) -> Iterator[Slicing]:
    """Fewer parts of `label` that still do, by bisection."""
    low, high = enough.parts[label] // 2 + 1, enough.parts[label]
    while low < high:
        middle = (low + high) // 2
        slicing = measured({**enough.parts, label: middle})
        if slicing.extra <= measured.limit:
            high = middle
            yield slicing
        else:
            low = middle + 1


def _candidates(node: Einsum, slicing: Slicing) -> list[int]:
    """Labels of the largest tensors along the path: slicing others leaves those as they are."""
    extents = {x: -(-n // slicing.parts.get(x, 1)) for x, n in node.extents.items()}
    terms = list(_intermediates(node, slicing.path))
    sizes = [math.prod(extents[x] for x in term) for term in terms]
    large = [term for term, size in zip(terms, sizes, strict=True) if 4 * size >= max(sizes)]
    found = sorted(set().union(*large)) if large else []
    return [x for x in found if x not in slicing.parts and extents[x] > 1]


def _intermediates(node: Einsum, path: Path) -> Iterable[frozenset[int]]:
    terms, kept = [frozenset(labels) for labels in node.labels], frozenset(node.output)
    for step in path:
        merged = frozenset().union(*(terms[i] for i in step))
        terms = [term for i, term in enumerate(terms) if i not in step]
        terms.append(merged & kept.union(*terms))
        yield terms[-1]
