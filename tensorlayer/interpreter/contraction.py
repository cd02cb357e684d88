"""How a product of two operands becomes one matrix product.

Every label is a batch (in both operands and the result), dummy (in both, summed), free (in one and the
result) or trace label (in one only, summed). The operands are brought to (batch, free, dummy) and
(batch, dummy, free) order, free and dummy labels are merged, the matrices are multiplied, and the result is
split and permuted. Orders are chosen so that as few elements as possible must be copied: a permutation is
free, and so is merging labels that lie side by side.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

__all__ = ["LabelClasses", "MatrixProduct", "Move", "classify", "is_block", "plan_matrix_product"]

Group = tuple[Any, ...]


class LabelClasses(NamedTuple):
    """Labels of a product of two operands by role, each in the order of the operand it is named after.

    ``lhs`` and ``rhs`` are the left and the right operand.
    """

    lhs_trace: Group
    rhs_trace: Group
    lhs_dummy: Group
    rhs_dummy: Group
    lhs_free: Group
    rhs_free: Group
    result_batch: Group
    lhs_batch: Group
    rhs_batch: Group

    @property
    def is_matrix_product(self) -> bool:
        """Whether the operands, as they are, become matrices: they share a summed label, and each sums no other."""
        return bool(self.lhs_dummy) and not self.lhs_trace and not self.rhs_trace


def classify(output: Sequence[Hashable], left: Sequence[Hashable], right: Sequence[Hashable]) -> LabelClasses:
    """Sort the labels of ``output = left * right`` by role.

    Examples
    --------
    >>> classify("bij", "bik", "bkj").lhs_dummy
    ('k',)
    """
    kept, in_left, in_right = set(output), set(left), set(right)

    def pick(labels: Iterable[Hashable], *, keep: bool, shared: bool) -> Group:
        return tuple(
            x for x in dict.fromkeys(labels) if (x in kept) is keep and (x in in_left and x in in_right) is shared
        )

    return LabelClasses(
        lhs_trace=pick(left, keep=False, shared=False),
        rhs_trace=pick(right, keep=False, shared=False),
        lhs_dummy=pick(left, keep=False, shared=True),
        rhs_dummy=pick(right, keep=False, shared=True),
        lhs_free=pick(left, keep=True, shared=False),
        rhs_free=pick(right, keep=True, shared=False),
        result_batch=pick(output, keep=True, shared=True),
        lhs_batch=pick(left, keep=True, shared=True),
        rhs_batch=pick(right, keep=True, shared=True),
    )


class Move(NamedTuple):
    """A permutation, then a reshape; None where it changes nothing."""

    axes: tuple[int, ...] | None
    shape: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class MatrixProduct:
    """A recipe: move both operands, multiply (the second by the first if `swap`), move the result."""

    left: Move
    right: Move
    result: Move
    swap: bool


def plan_matrix_product(
    output: Sequence[Hashable],
    left: Sequence[Hashable],
    right: Sequence[Hashable],
    extents: Mapping[Any, int],
) -> MatrixProduct:
    """Find the recipe that copies least.

    Parameters
    ----------
    output, left, right : sequence of labels
        Distinct labels each; no trace labels (sum those first), at least one dummy label.
    extents : mapping
        Extent of every label.
    """
    roles = classify(output, left, right)
    choices = dict.fromkeys((roles.lhs_dummy, roles.rhs_dummy))
    dummy = min(choices, key=lambda group: _copied(left, right, group, roles, extents))
    batch = roles.result_batch
    # In the operand's own order even where it must be copied: its contiguous mode stays contiguous.
    free_left, free_right = roles.lhs_free, roles.rhs_free
    swap = bool(free_left) and bool(free_right) and _position(output, free_right) < _position(output, free_left)
    first, second = (free_right, free_left) if swap else (free_left, free_right)
    sizes = [math.prod(extents[x] for x in group) for group in (first, dummy, second)]
    operands = (right, left) if swap else (left, right)
    many = bool(batch)
    moves = (
        _move(operands[0], batch, first, dummy, extents, keep_vector=many, vector_first=True),
        _move(operands[1], batch, dummy, second, extents, keep_vector=many, vector_first=False),
    )
    split = _split(batch, first, second, sizes, extents, many)
    axes = tuple((*batch, *first, *second).index(x) for x in output)
    result = Move(None if axes == tuple(range(len(axes))) else axes, split)
    return MatrixProduct(moves[swap], moves[not swap], result, swap)


def _position(output: Sequence[Hashable], group: Group) -> int:
    # The place of the last mode decides: it is the one that should stay contiguous.
    return max(list(output).index(x) for x in group)


def is_block(labels: Sequence[Hashable], group: Group) -> bool:
    """Whether `group` lies in `labels` consecutively and in this order, so that merging it is a view."""
    if len(group) < 2:
        return True
    start = list(labels).index(group[0])
    return tuple(labels[start : start + len(group)]) == group


def _copied(
    left: Sequence[Hashable],
    right: Sequence[Hashable],
    dummy: Group,
    roles: LabelClasses,
    extents: Mapping[Any, int],
) -> int:
    """Number of elements that are copied when the dummy labels are in this order."""
    operands = ((left, roles.lhs_free), (right, roles.rhs_free))
    moved = (one for one, free in operands if not (is_block(one, free) and is_block(one, dummy)))
    return sum(math.prod(extents[x] for x in one) for one in moved)


def _move(
    labels: Sequence[Hashable],
    batch: Group,
    rows: Group,
    columns: Group,
    extents: Mapping[Any, int],
    *,
    keep_vector: bool,
    vector_first: bool,
) -> Move:
    order = (*batch, *rows, *columns)
    axes = tuple(list(labels).index(x) for x in order)
    shape = [extents[x] for x in batch]
    free = rows if vector_first else columns
    kept = [group for group in (rows, columns) if group or keep_vector or group is not free]
    shape += [math.prod(extents[x] for x in group) for group in kept]
    ordered = tuple(extents[x] for x in order)
    return Move(
        None if axes == tuple(range(len(axes))) else axes,
        None if tuple(shape) == ordered else tuple(shape),
    )


def _split(
    batch: Group, first: Group, second: Group, sizes: Sequence[int], extents: Mapping[Any, int], many: bool
) -> tuple[int, ...] | None:
    full = tuple(extents[x] for x in (*batch, *first, *second))
    merged = [extents[x] for x in batch]
    if first or many:
        merged.append(sizes[0])
    if second or many:
        merged.append(sizes[2])
    return None if tuple(merged) == full else full
