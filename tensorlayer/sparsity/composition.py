"""The sparsity of a labelled product or sum."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorlayer.description import Factor, describe_product, describe_sum
from tensorlayer.labels import LabelLike, Labels
from tensorlayer.shape import Nested, Shape, Smooth, compose_shapes, label_extents
from tensorlayer.sparsity.base import Sparsity
from tensorlayer.sparsity.dense import Dense
from tensorlayer.sparsity.element import ElementSparsity
from tensorlayer.sparsity.join import Table
from tensorlayer.sparsity.tile import TileSparsity

__all__ = ["einsum_sparsity", "sum_sparsity"]

#: Longer lists of elements are not made; the result is then called dense, which is never wrong.
MAX_ROWS = 4_000_000

Extents = Mapping[LabelLike, int]
#: Lengths of the pieces along every label.
Tilings = Mapping[LabelLike, Sequence[int]]
#: What is known of a factor, and its labels.
Described = tuple[Sparsity, Labels]


def einsum_sparsity(
    inputs: Sequence[Sequence[LabelLike]],
    output: Sequence[LabelLike],
    sparsities: Sequence[Sparsity],
    extents: Extents | None = None,
) -> Sparsity:
    """The sparsity of a product that is summed over the labels missing in `output`.

    A tile of the result is bounded by the sum over tiles of products of Frobenius norms
    (Cauchy-Schwarz), so that it can be skipped before it is formed.

    Parameters
    ----------
    inputs : sequence of sequence of label
        The labels of each factor; a repeated label takes the diagonal.
    output : sequence of label
        The distinct labels of the result.
    sparsities : sequence of Sparsity
        The sparsity of each factor.
    extents : mapping of label to int, optional
        Extents of the labels that occur in dense factors only. Without them the result is dense where
        they are needed.

    Returns
    -------
    Sparsity
        By the tile where a factor is, else by the element; `Dense` where nothing is known.

    Raises
    ------
    ShapeError
        If a label has two extents (rule R5).

    Examples
    --------
    >>> diagonal = ElementSparsity((2, 2), [(0, 0), (1, 1)])
    >>> einsum_sparsity(["ij", "jk"], "ik", [diagonal, Dense(2)], {"k": 3})
    Dense(rank=2)
    >>> einsum_sparsity(["ij", "j"], "ij", [Dense(2), ElementSparsity((2,), [(1,)])], {"i": 3}).zero_fraction
    0.5
    """
    labels, target = [Labels(each) for each in inputs], Labels(output)
    sparse = [(s.extents, x) for s, x in zip(sparsities, labels, strict=True) if s.extents is not None]
    known = label_extents([lengths for lengths, _ in sparse], [x for _, x in sparse])
    for label, length in (extents or {}).items():
        label_extents([(known.setdefault(label, length),), (length,)], [Labels((label,))] * 2)
    if not sparse or any(label not in known for label in target):
        return Dense(len(target))
    if any(isinstance(s, TileSparsity) for s in sparsities):
        return _by_tile(labels, target, sparsities, known)
    return _by_element(labels, target, sparsities, known)


def sum_sparsity(sparsities: Sequence[Sparsity]) -> Sparsity:
    """The sparsity of a sum of tensors whose modes are in the same order."""
    result = sparsities[0]
    for sparsity in sparsities[1:]:
        result = result.union(sparsity)
    return result


def _by_element(inputs: Sequence[Labels], output: Labels, sparsities: Sequence[Sparsity], extents: Extents) -> Sparsity:
    lengths = [extents[label] for label in output]
    tables = [
        Table.from_coordinates(labels, sparsity.coordinates)
        for labels, sparsity in zip(inputs, sparsities, strict=True)
        if isinstance(sparsity, ElementSparsity)
    ]
    # A dense factor restricts nothing; its labels in the result take every value.
    free = [label for label in output if not any(label in table.labels for table in tables)]
    tables += [Table((label,), np.arange(extents[label])[:, None]) for label in free]
    joined = tables[0]
    for place, table in enumerate(tables[1:], 1):
        if joined.count_join(table, extents) > MAX_ROWS:
            return Dense(len(output))
        needed = set(output).union(*(later.labels for later in tables[place + 1 :]))
        joined = joined.join(table, extents).project(needed)
    joined = joined.project(set(output))
    if len(joined.rows) == math.prod(lengths):
        return Dense(len(output))
    return ElementSparsity(lengths, joined.rows[:, [joined.labels.index(label) for label in output]])


def _by_tile(inputs: Sequence[Labels], output: Labels, sparsities: Sequence[Sparsity], extents: Extents) -> Sparsity:
    described = _described(inputs, output, sparsities)
    tilings = _common_tilings(described, extents)
    grids = [_on(sparsity, Nested([tilings[x] for x in labels])) for sparsity, labels in described]
    norms = _bound(grids, [labels for _, labels in described], output, tilings)
    if any(sparsity.extents is None for sparsity in sparsities):
        norms = np.where(norms > 0, np.inf, 0.0)  # nothing bounds a dense factor
    threshold = max(grid.threshold for grid in grids)
    result = TileSparsity.from_norms(Nested([tilings[label] for label in output]), norms, threshold)
    return Dense(result.rank) if np.isinf(norms).all() and norms.size else result


def _described(inputs: Sequence[Labels], output: Labels, sparsities: Sequence[Sparsity]) -> list[Described]:
    """The factors of which something is known; labels of the result that none of them has are those of a dense one."""
    described = [(s, x) for s, x in zip(sparsities, inputs, strict=True) if s.extents is not None]
    free = output.difference(label for _, labels in described for label in labels)
    return [*described, (Dense(len(free)), free)] if free else described


def _common_tilings(described: Sequence[Described], extents: Extents) -> Tilings:
    """How each label is cut, so that no tile of a factor is cut anywhere but at an end of a piece."""
    labels = [own for _, own in described]
    every = Labels(label for own in labels for label in own).unique
    common: Any = compose_shapes([_shape(sparsity, own, extents) for sparsity, own in described], labels, every)
    return dict(zip(every, common.tilings, strict=True))


def _shape(sparsity: Sparsity, labels: Labels, extents: Extents) -> Shape:
    return sparsity.tiling if isinstance(sparsity, TileSparsity) else Smooth(extents[label] for label in labels)


def _on(sparsity: Sparsity, tiling: Nested) -> TileSparsity:
    if isinstance(sparsity, TileSparsity):
        return sparsity.refined(tiling)
    return TileSparsity.from_sparsity(sparsity, tiling)


def _bound(
    grids: Sequence[TileSparsity], inputs: Sequence[Labels], output: Labels, tilings: Tilings
) -> NDArray[np.float64]:
    """Sums of products of norms; a label that is merely summed over brings the norm of a vector of ones."""
    occurrences = Counter(label for labels in inputs for label in labels.unique)
    lone = [label for label in tilings if occurrences[label] == 1 and label not in output]
    factors = [*inputs, *(Labels((label,)) for label in lone)]
    norms = [*(grid.norms for grid in grids), *(np.sqrt(tilings[label]) for label in lone)]
    masks = [*(grid.mask for grid in grids), *(np.ones(len(tilings[label]), bool) for label in lone)]
    finite = [mask & np.isfinite(norm) for mask, norm in zip(masks, norms, strict=True)]
    total = _einsum([np.where(mask, norm, 0.0) for mask, norm in zip(finite, norms, strict=True)], factors, output)
    possible, bounded = (_einsum([mask.astype(float) for mask in each], factors, output) for each in (masks, finite))
    # Small products underflow to zero, but only exact zeros may claim to be zero.
    total = np.where((possible > 0) & (total == 0), np.finfo(float).tiny, total)
    return np.where(possible > bounded, np.inf, total)


def _einsum(arrays: Sequence[NDArray[Any]], inputs: Sequence[Labels], output: Labels) -> NDArray[np.float64]:
    numbers: dict[LabelLike, int] = defaultdict(itertools.count().__next__)
    sublists = [[numbers[label] for label in labels] for labels in (*inputs, output)]
    operands = [item for pair in zip(arrays, sublists[:-1], strict=True) for item in pair]
    with np.errstate(over="ignore", under="ignore"):
        result: NDArray[np.float64] = np.asarray(np.einsum(*operands, sublists[-1], optimize=len(arrays) > 2))
    return result


@describe_product.register(Sparsity)
def _product(_kind: Any, factors: Sequence[Factor], output: Labels, coefficient: complex) -> Sparsity:
    sparsities: list[Any] = [factor.value for factor in factors]
    result = einsum_sparsity([factor.labels for factor in factors], output, sparsities)
    return result.scaled(coefficient) if isinstance(result, TileSparsity) else result


@describe_sum.register(Sparsity)
def _sum(_kind: Any, values: Sequence[Sparsity]) -> Sparsity:
    return sum_sparsity(values)
