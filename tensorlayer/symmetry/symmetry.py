"""Which elements of a tensor are equal up to sign or conjugation."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from tensorlayer.description import Description
from tensorlayer.errors import LayoutError
from tensorlayer.shape import Index, Nested
from tensorlayer.symmetry.group import close_group
from tensorlayer.symmetry.operation import Operation
from tensorlayer.symmetry.permutation import Permutation

__all__ = ["Representative", "Symmetry"]

Modes = int | Sequence[int]


class Representative(NamedTuple):
    """The element that stands for another: ``T[x] == sign * T[element]``, conjugated where `conjugate` is set.

    The sign is 0 where the symmetry makes the element vanish.
    """

    element: Index
    sign: int
    conjugate: bool


@final
@dataclass(frozen=True, init=False, repr=False)
class Symmetry(Description["Symmetry"]):
    """The group of operations under which a tensor is unchanged.

    Two symmetries are equal if their groups are, whatever the generators were.

    Parameters
    ----------
    rank : int
        Number of modes.
    generators : iterable of Operation, optional
        Operations the group is made from; the identity is implied.

    Raises
    ------
    LayoutError
        If a generator has another rank, or the group is too large to be listed.

    Examples
    --------
    >>> pair = Symmetry.antisymmetric(2, (0, 1))
    >>> pair.representative((3, 1))
    Representative(element=(1, 3), sign=-1, conjugate=False)
    >>> list(pair.unique_indices((3, 3)))
    [(0, 1), (0, 2), (1, 2)]
    """

    rank: int
    operations: frozenset[Operation]

    __slots__ = ("operations", "rank")

    def __init__(self, rank: int, generators: Iterable[Operation] = ()) -> None:
        object.__setattr__(self, "rank", rank)
        object.__setattr__(self, "operations", close_group(rank, generators))

    def __reduce__(self) -> tuple[Any, ...]:
        return Symmetry, (self.rank, tuple(self.operations))

    @classmethod
    def none(cls, rank: int) -> Symmetry:
        """No two elements are known to be equal."""
        return cls(rank)

    @classmethod
    def symmetric(cls, rank: int, modes: Sequence[Modes] | None = None) -> Symmetry:
        """Unchanged when any two of `modes` are exchanged.

        Parameters
        ----------
        rank : int
            Number of modes.
        modes : sequence of int or of sequence of int, optional
            Modes, or groups of modes that are exchanged together; all modes when left out.

        Examples
        --------
        >>> Symmetry.symmetric(4, [(0, 1), (2, 3)]).representative((3, 1, 2, 0)).element
        (2, 0, 3, 1)
        """
        return cls(rank, _exchanges(rank, range(rank) if modes is None else modes, 1))

    @classmethod
    def antisymmetric(cls, rank: int, modes: Sequence[Modes] | None = None) -> Symmetry:
        """Changes sign when any two of `modes` are exchanged; see `symmetric`."""
        return cls(rank, _exchanges(rank, range(rank) if modes is None else modes, -1))

    @classmethod
    def hermitian(cls, rank: int, rows: Modes, columns: Modes) -> Symmetry:
        """Conjugated when the modes `rows` are exchanged with the modes `columns`, one by one."""
        return cls(rank, _exchanges(rank, (rows, columns), 1, conjugate=True))

    @classmethod
    def antihermitian(cls, rank: int, rows: Modes, columns: Modes) -> Symmetry:
        """Conjugated with a change of sign when `rows` are exchanged with `columns`."""
        return cls(rank, _exchanges(rank, (rows, columns), -1, conjugate=True))

    def __repr__(self) -> str:
        listed = sorted(self.operations, key=_order)[1:]
        shown = ", ".join(map(_signature, listed[:6])) + (", ..." if len(listed) > 6 else "")
        return f"Symmetry({self.rank}, {{{shown}}})" if listed else f"Symmetry.none({self.rank})"

    def __or__(self, other: Symmetry) -> Symmetry:
        """The symmetry of a tensor that has both."""
        return Symmetry(self._same_rank(other), self.operations | other.operations)

    def __and__(self, other: Symmetry) -> Symmetry:
        """The symmetry that both have, which is that of a sum."""
        return Symmetry(self._same_rank(other), self.operations & other.operations)

    @property
    def order(self) -> int:
        """Number of operations, the identity included."""
        return len(self.operations)

    @property
    def is_none(self) -> bool:
        """Whether nothing is known."""
        return self.order == 1

    @property
    def is_zero(self) -> bool:
        """Whether the operations contradict each other, so that only the zero tensor has them."""
        return any(operation.is_zero for operation in self.operations)

    @property
    def mode_orbits(self) -> tuple[tuple[int, ...], ...]:
        """The modes, grouped by which of them can be exchanged; their extents and tilings must be equal."""
        orbits = {frozenset(op.permutation.images[mode] for op in self.operations) for mode in range(self.rank)}
        return tuple(sorted(tuple(sorted(orbit)) for orbit in orbits))

    def orbit(self, index: Sequence[int]) -> dict[Index, Operation]:
        """The elements, or blocks, that follow from one.

        Returns
        -------
        dict of tuple of int to Operation
            For each of them, itself included, an operation whose `transform` makes it from the one at `index`.
        """
        start = tuple(index)
        found: dict[Index, Operation] = {start: Operation(Permutation.identity(self.rank))}
        for operation in sorted(self.operations, key=_order):
            found.setdefault(operation.permutation.inverse().apply(start), operation)
        return found

    def representative(self, index: Sequence[int]) -> Representative:
        """The first element, in lexicographic order, that determines the one at `index`."""
        start = tuple(index)
        images = [(op.permutation.apply(start), op) for op in self.operations]
        least = min(image for image, _ in images)
        ways = {(op.sign, op.conjugate) for image, op in images if image == least}
        if any((-sign, conjugate) in ways for sign, conjugate in ways):
            return Representative(least, 0, conjugate=False)
        return Representative(least, *max(ways, key=lambda way: (not way[1], way[0])))

    def unique_indices(self, extents: Sequence[int]) -> Iterator[Index]:
        """The representatives that need not vanish, in lexicographic order.

        Raises
        ------
        LayoutError
            If modes that can be exchanged have unequal extents.
        """
        self.require_extents(extents)
        moves = [operation.permutation for operation in self.operations]
        for index in itertools.product(*map(range, extents)):
            if all(index <= move.apply(index) for move in moves) and self.representative(index).sign:
                yield index

    def unique_blocks(self, tiling: Nested) -> Iterator[Index]:
        """Indices of the outermost blocks that determine all others through `orbit`, in lexicographic order.

        Raises
        ------
        LayoutError
            If modes that can be exchanged have unequal tilings.
        """
        self._require_equal(tiling.tilings, "tilings")
        moves = [operation.permutation for operation in self.operations]
        for index in tiling.outer.offsets():
            if all(index <= move.apply(index) for move in moves):
                yield index

    def count_unique(self, extents: Sequence[int]) -> int:
        """Number of `unique_indices`, by Burnside's lemma where the group allows it."""
        self.require_extents(extents)
        kinds = {(op.sign, op.conjugate) for op in self.operations}
        if (-1, False) in kinds and len(kinds) > 2:
            return sum(1 for _ in self.unique_indices(extents))
        # The sum of signs over a stabiliser is its order, or 0 where it makes the element vanish.
        signed = (-1, False) in kinds
        fixed = ((op.sign if signed else 1) * _count_fixed(op.permutation, extents) for op in self.operations)
        return sum(fixed) // self.order

    def require_extents(self, extents: Sequence[int]) -> None:
        """Raise `LayoutError` unless exchanged modes have equal extents."""
        self._require_equal(extents, "extents")

    def slice(self, first: Sequence[int], last: Sequence[int]) -> Symmetry:
        """What is left in a half-open box: the operations that map the box to itself."""
        bounds = tuple(zip(first, last, strict=True))
        return Symmetry(self.rank, (op for op in self.operations if op.permutation.apply(bounds) == bounds))

    def chip(self, at: Mapping[int, int]) -> Symmetry:
        """What is left where some modes are fixed: the operations that map the chip to itself."""
        kept = [mode for mode in range(self.rank) if mode not in at]
        fixed = tuple(at.get(mode) for mode in range(self.rank))
        stable = [op for op in self.operations if op.permutation.apply(fixed) == fixed]
        return Symmetry(len(kept), (_restricted(op, kept) for op in stable))

    def even(self) -> Symmetry:
        """What is left after an element-wise function that is not odd: the operations without a sign."""
        return Symmetry(self.rank, (op for op in self.operations if op.sign > 0))

    def transform(self, array: NDArray[Any]) -> NDArray[Any]:
        """The nearest array with this symmetry: the mean over the group.

        Raises
        ------
        LayoutError
            If the rank or the extents do not fit.
        """
        self.require_extents(array.shape)
        mean: NDArray[Any] = sum((op.transform(array) for op in self.operations), np.zeros(())) / self.order
        return mean

    def check(self, array: NDArray[Any]) -> float:
        """How far an array is from having this symmetry.

        Returns
        -------
        float
            The largest absolute difference between elements that should be equal; 0 for an empty array.

        Raises
        ------
        LayoutError
            If the rank or the extents do not fit.
        """
        self.require_extents(array.shape)
        return max((float(np.abs(array - op.transform(array)).max(initial=0)) for op in self.operations), default=0.0)

    def _same_rank(self, other: Symmetry) -> int:
        if self.rank != other.rank:
            raise LayoutError(f"symmetries of rank {self.rank} and {other.rank} cannot be combined")
        return self.rank

    def _require_equal(self, values: Sequence[object], what: str) -> None:
        if len(values) != self.rank:
            raise LayoutError(f"{self!r} has rank {self.rank}, but there are {len(values)} {what}: {tuple(values)}")
        for orbit in self.mode_orbits:
            if any(values[mode] != values[orbit[0]] for mode in orbit):
                raise LayoutError(
                    f"{self!r} exchanges the modes {orbit}, whose {what} must be equal, "
                    f"but are {tuple(values[mode] for mode in orbit)}"
                )


def _exchanges(rank: int, groups: Iterable[Modes], sign: int, *, conjugate: bool = False) -> list[Operation]:
    """An operation for the exchange of each two consecutive groups of modes."""
    listed = [(group,) if isinstance(group, int) else tuple(group) for group in groups]
    if len({len(group) for group in listed}) > 1:
        raise LayoutError(f"groups of modes that are exchanged need equal lengths, got {listed}")
    found = []
    for left, right in itertools.pairwise(listed):
        permutation = Permutation.from_cycles(rank, *zip(left, right, strict=True))
        found.append(Operation(permutation, sign, conjugate))
    return found


def _restricted(operation: Operation, kept: Sequence[int]) -> Operation:
    place = {mode: i for i, mode in enumerate(kept)}
    images = tuple(place[operation.permutation.images[mode]] for mode in kept)
    return Operation(Permutation(images), operation.sign, operation.conjugate)


def _count_fixed(permutation: Permutation, extents: Sequence[int]) -> int:
    """Number of indices that a permutation maps to themselves: equal along each cycle."""
    moved = {mode for cycle in permutation.cycles for mode in cycle[1:]}
    return math.prod(extent for mode, extent in enumerate(extents) if mode not in moved)


def _order(operation: Operation) -> tuple[Any, ...]:
    return not operation.permutation.is_identity, operation.conjugate, -operation.sign, operation.permutation.images


def _signature(operation: Operation) -> str:
    sign = "-" if operation.sign < 0 else "+"
    cycles = "".join(f"({' '.join(map(str, cycle))})" for cycle in operation.permutation.cycles) or "()"
    return f"{sign}{cycles}{'*' if operation.conjugate else ''}"
