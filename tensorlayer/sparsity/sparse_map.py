"""Relations between labels: which values of one index go with which values of another."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, final

from tensorlayer.errors import LayoutError
from tensorlayer.shape import Index, Nested, Shape, Smooth
from tensorlayer.shape.tiling import boundaries
from tensorlayer.sparsity.element import ElementSparsity
from tensorlayer.sparsity.tile import TileSparsity

__all__ = ["SparseMap"]

Domain = frozenset[Index]
Entry = int | tuple[int, ...]


@final
class SparseMap:
    """For each value of an independent index, the set of values of a dependent one: its domain.

    Either side may run over elements (a `Smooth` space) or over tiles (a `Nested` space, whose
    outermost blocks are the values). Values without a domain are related to nothing.

    Parameters
    ----------
    independent, dependent : Smooth or Nested
        The two spaces.
    domains : mapping of index to iterable of index
        An index is an int where the space has one mode, else a tuple of int.

    Raises
    ------
    LayoutError
        If an index lies outside its space.

    Examples
    --------
    >>> near = SparseMap.from_predicate(lambda i, j: abs(i - j) <= 1, Smooth(3), Smooth(3))
    >>> sorted(near[0])
    [(0,), (1,)]
    >>> far = near.chain(near)
    >>> far.sparsity().zero_fraction, near.sparsity().zero_fraction < 0.3
    (0.0, True)
    """

    __slots__ = ("_domains", "dependent", "independent")

    independent: Shape
    dependent: Shape
    _domains: dict[Index, Domain]

    def __init__(self, independent: Shape, dependent: Shape, domains: Mapping[Any, Iterable[Any]]) -> None:
        keys, values = _grid(independent), _grid(dependent)
        found: dict[Index, Domain] = {}
        for key, domain in domains.items():
            members = frozenset(_index(value, values) for value in domain)
            if members:
                found[_index(key, keys)] = members
        for name, value in (("independent", independent), ("dependent", dependent), ("_domains", found)):
            object.__setattr__(self, name, value)

    @classmethod
    def from_pairs(cls, independent: Shape, dependent: Shape, pairs: Iterable[tuple[Entry, Entry]]) -> SparseMap:
        """Build from pairs of related values."""
        domains: dict[Entry, list[Entry]] = {}
        for key, value in pairs:
            domains.setdefault(key, []).append(value)
        return cls(independent, dependent, domains)

    @classmethod
    def from_predicate(cls, predicate: Callable[..., bool], independent: Shape, dependent: Shape) -> SparseMap:
        """Relate the values for which ``predicate(*independent_index, *dependent_index)`` is true."""
        values = list(_grid(dependent).offsets())
        keys = _grid(independent).offsets()
        return cls(independent, dependent, {k: [v for v in values if predicate(*k, *v)] for k in keys})

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a sparse map is immutable: {name!r} cannot be set")

    def __reduce__(self) -> tuple[Any, ...]:
        return SparseMap, (self.independent, self.dependent, self._domains)

    def __repr__(self) -> str:
        shown = {key: sorted(self._domains[key]) for key in sorted(self._domains)[:4]}
        more = ", ..." if len(self._domains) > 4 else ""
        return f"SparseMap({self.independent!r}, {self.dependent!r}, {str(shown)[:-1]}{more}}})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SparseMap):
            return NotImplemented
        return self._spaces == other._spaces and self._domains == other._domains

    def __hash__(self) -> int:
        return hash((self._spaces, frozenset(self._domains.items())))

    def __getitem__(self, key: Entry) -> Domain:
        """The domain of a value; empty where it is related to nothing."""
        return self._domains.get(_index(key, _grid(self.independent)), frozenset())

    def __iter__(self) -> Iterator[Index]:
        """The independent values with a domain, in lexicographic order."""
        return iter(sorted(self._domains))

    def __len__(self) -> int:
        return len(self._domains)

    def pairs(self) -> Iterator[tuple[Index, Index]]:
        """Related values, in lexicographic order."""
        return ((key, value) for key in self for value in sorted(self._domains[key]))

    def __add__(self, other: SparseMap) -> SparseMap:
        """Union: values that one or the other relates."""
        self._require_spaces(other)
        return SparseMap(*self._spaces, {key: self[key] | other[key] for key in {*self, *other}})

    def __xor__(self, other: SparseMap) -> SparseMap:
        """Intersection: values that both relate."""
        self._require_spaces(other)
        return SparseMap(*self._spaces, {key: self[key] & other[key] for key in self})

    def __mul__(self, other: SparseMap) -> SparseMap:
        """The same independent value, and the Cartesian product of the domains."""
        if self.independent != other.independent:
            raise LayoutError(f"a product needs one independent space, got {self.independent} and {other.independent}")
        joint = _joint(self.dependent, other.dependent)
        return SparseMap(self.independent, joint, {key: _products(self[key], other[key]) for key in self})

    def direct_product(self, other: SparseMap) -> SparseMap:
        """Cartesian products of the independent values and of the domains."""
        spaces = _joint(self.independent, other.independent), _joint(self.dependent, other.dependent)
        return SparseMap(*spaces, {a + b: _products(self[a], other[b]) for a in self for b in other})

    def inverse(self) -> SparseMap:
        """The same relation, read from the dependent side."""
        return SparseMap.from_pairs(self.dependent, self.independent, ((b, a) for a, b in self.pairs()))

    def chain(self, after: SparseMap) -> SparseMap:
        """What `after` relates to the domain of each value."""
        if self.dependent != after.independent:
            raise LayoutError(f"a chain needs one middle space, got {self.dependent} and {after.independent}")
        return SparseMap(
            self.independent, after.dependent, {key: itertools.chain(*(after[m] for m in self[key])) for key in self}
        )

    def to_tiles(self, independent: Nested | None = None, dependent: Nested | None = None) -> SparseMap:
        """Relate the tiles that hold related elements.

        Parameters
        ----------
        independent, dependent : Nested, optional
            The tiles of a space of elements; a space that is left out stays as it is.

        Raises
        ------
        LayoutError
            If the tiles do not cover the space of elements.
        """
        left, right = _coarse(self.independent, independent), _coarse(self.dependent, dependent)
        pairs = ((_owner(a, independent), _owner(b, dependent)) for a, b in self.pairs())
        return SparseMap.from_pairs(left, right, pairs)

    def to_elements(self) -> SparseMap:
        """Relate all elements of related tiles."""
        left, right = (Smooth(space.extents) for space in self._spaces)
        expanded = {
            key: list(itertools.chain(*(_members(self.dependent, value) for value in domain)))
            for key, domain in self._domains.items()
        }
        return SparseMap(
            left, right, {e: domain for key, domain in expanded.items() for e in _members(self.independent, key)}
        )

    def sparsity(self) -> ElementSparsity | TileSparsity:
        """The sparsity of a tensor with the independent modes, then the dependent ones.

        By the tile as soon as one side runs over tiles; elements then are tiles of length one.
        """
        joint = _joint(self.independent, self.dependent)
        places = [a + b for a, b in self.pairs()]
        return TileSparsity(joint, places) if isinstance(joint, Nested) else ElementSparsity(joint.extents, places)

    @property
    def _spaces(self) -> tuple[Shape, Shape]:
        return self.independent, self.dependent

    def _require_spaces(self, other: SparseMap) -> None:
        if self._spaces != other._spaces:
            raise LayoutError(f"the maps relate {self._spaces} and {other._spaces}: the spaces must be equal")


def _grid(space: Shape) -> Smooth:
    """The values of a space."""
    if isinstance(space, Nested):
        return space.outer
    if isinstance(space, Smooth):
        return Smooth(space.extents)
    raise LayoutError(f"a sparse map relates Smooth or Nested spaces, got {space!r}")


def _index(value: Any, grid: Smooth) -> Index:
    index = tuple(map(operator.index, value)) if isinstance(value, tuple) else (operator.index(value),)
    if index not in grid:
        raise LayoutError(f"index {value!r} of a space of {grid.extents} values")
    return index


def _products(left: Domain, right: Domain) -> list[Index]:
    return [a + b for a in left for b in right]


def _joint(left: Shape, right: Shape) -> Smooth | Nested:
    """The product of two spaces; elements beside tiles are tiles of length one."""
    if isinstance(left, Nested) or isinstance(right, Nested):
        return Nested(_tilings(left) + _tilings(right))
    return Smooth(left.extents + right.extents)


def _tilings(space: Shape) -> tuple[tuple[int, ...], ...]:
    return space.tilings if isinstance(space, Nested) else tuple((1,) * extent for extent in space.extents)


def _coarse(space: Shape, tiles: Nested | None) -> Shape:
    if tiles is None:
        return space
    if isinstance(space, Nested) or space.extents != tiles.extents:
        raise LayoutError(f"the tiles {tiles!r} do not cover the space of elements {space!r}")
    return tiles


def _owner(index: Index, tiles: Nested | None) -> Index:
    return index if tiles is None else tiles.block_of(index)


def _members(space: Shape, index: Index) -> Iterable[Index]:
    if not isinstance(space, Nested):
        return [index]
    edges = (boundaries(tiling)[i : i + 2] for tiling, i in zip(space.tilings, index, strict=True))
    return itertools.product(*(range(*pair) for pair in edges))
