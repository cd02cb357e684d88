"""Closing a set of symmetry operations to a group."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from tensorlayer.errors import LayoutError
from tensorlayer.symmetry.operation import Operation
from tensorlayer.symmetry.permutation import Permutation

__all__ = ["close_group"]

#: Larger groups are refused: all permutations of 8 modes have 40320 elements.
MAX_ORDER = 50_000

Element = tuple[tuple[int, ...], int, bool]


def close_group(rank: int, generators: Iterable[Operation]) -> frozenset[Operation]:
    """All operations that follow from `generators`, the identity among them.

    Raises
    ------
    LayoutError
        If a generator has another rank, or the group has more than `MAX_ORDER` elements.
    """
    listed = frozenset(generators)
    for operation in listed:
        if operation.rank != rank:
            raise LayoutError(f"an operation of rank {operation.rank} in a symmetry of rank {rank}: ranks must agree")
    return _closed(rank, listed)


@lru_cache(maxsize=512)
def _closed(rank: int, generators: frozenset[Operation]) -> frozenset[Operation]:
    elements: set[Element] = {(tuple(range(rank)), 1, False)}
    used: list[Element] = []
    for element in sorted((o.permutation.images, o.sign, o.conjugate) for o in generators):
        if element not in elements:
            used.append(element)
            _extend(elements, used)
    return frozenset(Operation(Permutation(images), sign, conjugate) for images, sign, conjugate in elements)


def _extend(elements: set[Element], generators: list[Element]) -> None:
    """Multiply by the generators until nothing new appears."""
    fresh = list(elements)
    while fresh:
        found = {_product(generator, element) for generator in generators for element in fresh}
        fresh = list(found - elements)
        elements.update(fresh)
        if len(elements) > MAX_ORDER:
            raise LayoutError(f"the symmetry has more than {MAX_ORDER} operations: declare fewer modes as exchangeable")


def _product(left: Element, right: Element) -> Element:
    images, sign, conjugate = left
    return tuple(images[image] for image in right[0]), sign * right[1], conjugate != right[2]
