"""What the user means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

from tensorlayer.description import Description, Factor, describe_product, describe_sum
from tensorlayer.errors import LayoutError
from tensorlayer.labels import Labels
from tensorlayer.shape import Index, Shape, Smooth, compose_shapes, label_extents
from tensorlayer.sparsity import Dense, Sparsity
from tensorlayer.sparsity.composition import einsum_sparsity, sum_sparsity
from tensorlayer.sparsity.tile import TileSparsity
from tensorlayer.symmetry import Symmetry

__all__ = ["LogicalLayout", "ShapeLike"]

ShapeLike = Shape | Iterable[int]


@final
@dataclass(frozen=True, slots=True, init=False, repr=False)
class LogicalLayout(Description["LogicalLayout"]):
    """Shape, symmetry and sparsity of a tensor, whatever it is stored as.

    A symmetry or sparsity that says nothing is made only when it is asked for.

    Parameters
    ----------
    shape : Shape or iterable of int
        The extents; plain integers mean `Smooth`.
    symmetry : Symmetry, optional
        Which elements are equal; none when left out.
    sparsity : Sparsity, optional
        Which elements are zero; none when left out.

    Raises
    ------
    LayoutError
        If the ranks differ, if modes of unequal extents are exchanged, or the sparsity has other extents.
    ShapeError
        If an extent is negative or no integer.

    Examples
    --------
    >>> from tensorlayer.symmetry import Symmetry
    >>> layout = LogicalLayout((3, 3), Symmetry.symmetric(2))
    >>> (layout["i,k"] * LogicalLayout((3, 4))["k,j"])["j,i"]
    LogicalLayout(Smooth(4, 3))
    """

    shape: Shape
    _symmetry: Symmetry | None
    _sparsity: Sparsity | None

    def __init__(self, shape: ShapeLike, symmetry: Symmetry | None = None, sparsity: Sparsity | None = None) -> None:
        known = shape if isinstance(shape, Shape) else Smooth(shape)
        if symmetry is not None:
            _require_rank("symmetry", symmetry, known)
            symmetry.require_extents(known.extents)
        if sparsity is not None:
            _require_rank("sparsity", sparsity, known)
            sparsity.require_extents(known.extents)
        put = object.__setattr__
        put(self, "shape", known)
        put(self, "_symmetry", None if symmetry is None or symmetry.is_none else symmetry)
        put(self, "_sparsity", None if isinstance(sparsity, Dense) else sparsity)

    def __repr__(self) -> str:
        shown = [repr(self.shape)]
        if self._symmetry is not None:
            shown.append(f"symmetry={self._symmetry!r}")
        if self._sparsity is not None:
            shown.append(f"sparsity={self._sparsity!r}")
        return f"LogicalLayout({', '.join(shown)})"

    @property
    def symmetry(self) -> Symmetry:
        """Which elements are equal; `Symmetry.none` where nothing was said."""
        return Symmetry.none(self.rank) if self._symmetry is None else self._symmetry

    @property
    def sparsity(self) -> Sparsity:
        """Which elements are zero; `Dense` where nothing was said."""
        return Dense(self.rank) if self._sparsity is None else self._sparsity

    @property
    def is_plain(self) -> bool:
        """Whether neither a symmetry nor zeros are known."""
        return self._symmetry is None and self._sparsity is None

    @property
    def rank(self) -> int:
        """Number of modes."""
        return self.shape.rank

    @property
    def extents(self) -> Index:
        """Length of every mode."""
        return self.shape.extents

    @property
    def size(self) -> int:
        """Number of elements, known zeros included."""
        return self.shape.size

    def slice(self, first: Sequence[int], last: Sequence[int]) -> LogicalLayout:
        """The layout of the half-open box from `first` to `last`, counted from zero.

        Raises
        ------
        ShapeError
            If a bound is missing, reversed, or outside.
        """
        shape = self.shape.slice(first, last)
        if self.is_plain:
            return LogicalLayout(shape)
        return LogicalLayout(shape, self.symmetry.slice(first, last), self.sparsity.slice(first, last))

    def chip(self, at: Mapping[int, int]) -> LogicalLayout:
        """The layout where some modes are fixed; these modes are dropped.

        Raises
        ------
        ShapeError
            If a mode does not exist or a position is outside.
        """
        shape = self.shape.chip(at)
        if self.is_plain:
            return LogicalLayout(shape)
        return LogicalLayout(shape, self.symmetry.chip(at), self.sparsity.chip(at))


def _require_rank(what: str, value: Symmetry | Sparsity, shape: Shape) -> None:
    if value.rank != shape.rank:
        raise LayoutError(f"a {what} of rank {value.rank} for {shape!r} of rank {shape.rank}: ranks must agree")


@describe_product.register
def _product(_kind: LogicalLayout, factors: Sequence[Factor], output: Labels, coefficient: complex) -> LogicalLayout:
    inputs = [factor.labels for factor in factors]
    layouts: list[Any] = [factor.value for factor in factors]
    shape = compose_shapes([layout.shape for layout in layouts], inputs, output)
    if all(layout.is_plain for layout in layouts):
        return LogicalLayout(shape)
    symmetries: list[Any] = [Factor(layout.symmetry, x) for layout, x in zip(layouts, inputs, strict=True)]
    symmetry: Any = describe_product(symmetries[0].value, symmetries, output, coefficient)
    extents = label_extents([layout.extents for layout in layouts], inputs)
    sparsity = einsum_sparsity(inputs, output, [layout.sparsity for layout in layouts], extents)
    if isinstance(sparsity, TileSparsity):
        sparsity = sparsity.scaled(coefficient)
    return LogicalLayout(shape, symmetry, sparsity)


@describe_sum.register
def _sum(_kind: LogicalLayout, values: Sequence[LogicalLayout]) -> LogicalLayout:
    shape: Any = describe_sum(values[0].shape, [value.shape for value in values])
    if any(value.is_plain for value in values):
        return LogicalLayout(shape)
    symmetry: Any = describe_sum(values[0].symmetry, [value.symmetry for value in values])
    return LogicalLayout(shape, symmetry, sum_sparsity([value.sparsity for value in values]))
