"""The sparsity of a labelled product or sum."""

from __future__ import annotations

import math
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
    described = [(s, x) for s, x in zip(sparsities, inputs, strict=True) if s.extents is not None]
    free = output.difference(label for _, labels in described for label in labels)
    if free:
        described.append((Dense(len(free)), free))
    shapes: list[Shape] = [_shape(sparsity, labels, extents) for sparsity, labels in described]
    listed = [labels for _, labels in described]
    every = Labels(label for labels in listed for label in labels).unique
    common: Any = compose_shapes(shapes, listed, every)
    tilings = dict(zip(every, common.tilings, strict=True))
    grids = [_on(sparsity, Nested([tilings[x] for x in labels])) for sparsity, labels in described]
    norms = _bound(grids, listed, output, {label: np.sqrt(tiling) for label, tiling in tilings.items()})
    if any(sparsity.extents is None for sparsity in sparsities):
        norms = np.where(norms > 0, np.inf, 0.0)  # nothing bounds a dense factor
    threshold = max(grid.threshold for grid in grids)
    result = TileSparsity.from_norms(Nested([tilings[label] for label in output]), norms, threshold)
    return Dense(result.rank) if np.isinf(norms).all() and norms.size else result


def _shape(sparsity: Sparsity, labels: Labels, extents: Extents) -> Shape:
    return sparsity.tiling if isinstance(sparsity, TileSparsity) else Smooth(extents[label] for label in labels)


def _on(sparsity: Sparsity, tiling: Nested) -> TileSparsity:
    if isinstance(sparsity, TileSparsity):
        return sparsity.refined(tiling)
    return TileSparsity.from_sparsity(sparsity, tiling)


def _bound(
    grids: Sequence[TileSparsity], inputs: Sequence[Labels], output: Labels, roots: Mapping[LabelLike, NDArray[Any]]
) -> NDArray[np.float64]:
    """Sums of products of norms; a label that is merely summed over brings the norm of a vector of ones."""
    number = {label: i for i, label in enumerate(roots)}
    occurrences = [label for labels in inputs for label in labels.unique]
    lone = [label for label in roots if occurrences.count(label) == 1 and label not in output]
    sublists = [[number[label] for label in labels] for labels in inputs] + [[number[label]] for label in lone]
    target = [number[label] for label in output]
    masks = [grid.mask for grid in grids]
    finite = [mask & np.isfinite(grid.norms) for mask, grid in zip(masks, grids, strict=True)]
    bounds = [np.where(mask, grid.norms, 0.0) for mask, grid in zip(finite, grids, strict=True)]
    total = _einsum(bounds + [roots[label] for label in lone], sublists, target)
    ones = [np.ones(len(roots[label])) for label in lone]
    possible = _einsum([m.astype(float) for m in masks] + ones, sublists, target)
    bounded = _einsum([m.astype(float) for m in finite] + ones, sublists, target)
    # Small products underflow to zero, but only exact zeros may claim to be zero.
    total = np.where((possible > 0) & (total == 0), np.finfo(float).tiny, total)
    return np.where(possible > bounded, np.inf, total)


def _einsum(arrays: Sequence[NDArray[Any]], sublists: Sequence[list[int]], target: list[int]) -> NDArray[np.float64]:
    operands = [item for pair in zip(arrays, sublists, strict=True) for item in pair]
    with np.errstate(over="ignore", under="ignore"):
        result: NDArray[np.float64] = np.asarray(np.einsum(*operands, target, optimize=len(arrays) > 2))
    return result


@describe_product.register(Sparsity)
def _product(_kind: Any, factors: Sequence[Factor], output: Labels, coefficient: complex) -> Sparsity:
    sparsities: list[Any] = [factor.value for factor in factors]
    result = einsum_sparsity([factor.labels for factor in factors], output, sparsities)
    return result.scaled(coefficient) if isinstance(result, TileSparsity) else result


@describe_sum.register(Sparsity)
def _sum(_kind: Any, values: Sequence[Sparsity]) -> Sparsity:
    return sum_sparsity(values)
