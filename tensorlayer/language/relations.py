"""Sparse maps of labels: what relates two labels makes operands that carry both sparse."""

from __future__ import annotations

from tensorlayer.errors import LabelError, ShapeError
from tensorlayer.labels import Label, Labels
from tensorlayer.language.signature import Signature
from tensorlayer.language.value import Value
from tensorlayer.sparsity import Dense, SparseMap, einsum_sparsity

__all__ = ["related"]


def related(value: Value, labels: Labels, signature: Signature) -> Value:
    """The value as an operand with these labels: declared zero where a label's sparse map relates nothing.

    What is declared is trusted, as everywhere: elements outside the map must be zero.

    Raises
    ------
    LabelError
        If a sparse map is not a pair of a label and a map of one mode each.
    ShapeError
        If the spaces of the map are not the extents of the two labels.
    """
    factors, sparsities = [tuple(labels)], [value.sparsity or Dense(len(labels))]
    for label in labels.unique:
        if isinstance(label, Label) and label.sparse_map is not None:
            other, relation = _pair(label)
            if other in labels:
                sparsity = relation.sparsity()
                _check(label, other, sparsity.extents, signature)
                factors.append((other, label))
                sparsities.append(sparsity)
    if len(factors) == 1:
        return value
    return value.declared(einsum_sparsity(factors, labels, sparsities, signature.extents))


def _pair(label: Label) -> tuple[Label, SparseMap]:
    try:
        other, relation = label.sparse_map
    except TypeError:
        raise LabelError(
            f"{label!r}: the sparse map of a label is a pair (other label, SparseMap from that label to this one)"
        ) from None
    return other, relation


def _check(label: Label, other: Label, spaces: tuple[int, ...], signature: Signature) -> None:
    extents = (signature.extents[other], signature.extents[label])
    if spaces != extents:
        raise ShapeError(
            f"the sparse map from {other} to {label} relates spaces of sizes {spaces}, but the labels have extents "
            f"{extents}"
        )
