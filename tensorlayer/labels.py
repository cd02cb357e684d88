"""Labels: the names of modes in an expression, and the algebra of label lists."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, ClassVar

from tensorlayer.errors import LabelError, ShapeError

__all__ = ["Label", "LabelLike", "Labels", "as_labels", "labels"]

_serial = itertools.count()


class Label:
    """A label that is unique by identity.

    Two labels of the same name are two indices, so a dummy index made inside a function can never be
    captured by its caller. Strings are the convenient spelling, label objects the hygienic one.

    Parameters
    ----------
    name : str, optional
        For printing only; ``"l<n>"`` when left out.
    extent : int, optional
        The number of values the index takes. Checked wherever the label is used.
    tiling : tuple of int, optional
        Lengths of the tiles along this label; they sum to the extent.
    sparse_map : tuple of (Label, SparseMap), optional
        Another label, and for each of its values those that this label takes with it: an operand that carries
        both labels is zero elsewhere (see `tensorlayer.SparseMap`).

    Raises
    ------
    ShapeError
        If `extent` is negative or no integer, or `tiling` does not sum to it.

    Examples
    --------
    >>> k = Label("k", extent=4, tiling=(2, 2))
    >>> k
    Label('k', extent=4, tiling=(2, 2))
    >>> Label("k") == Label("k")
    False
    """

    __slots__ = ("__weakref__", "extent", "name", "sparse_map", "tiling")

    #: Whether any was made in this process: those who write strings need not pay for them.
    exist: ClassVar[bool] = False

    def __init__(
        self,
        name: str | None = None,
        *,
        extent: int | None = None,
        tiling: tuple[int, ...] | None = None,
        sparse_map: Any = None,
    ) -> None:
        Label.exist = True
        self.name = name if name is not None else f"l{next(_serial)}"
        if tiling is not None:
            tiling = tuple(tiling)
            if extent is None:
                extent = sum(tiling)
            if sum(tiling) != extent or any(length < 1 for length in tiling):
                raise ShapeError(
                    f"label {self.name!r}: the tiling {tiling} must be positive lengths that sum to the "
                    f"extent {extent}, not to {sum(tiling)}"
                )
        if extent is not None and (not isinstance(extent, int) or extent < 0):
            raise ShapeError(f"label {self.name!r}: the extent must be an integer >= 0, got {extent!r}")
        self.extent = extent
        self.tiling = tiling
        self.sparse_map = sparse_map

    def __repr__(self) -> str:
        parts = [repr(self.name)]
        parts += [f"{n}={v!r}" for n in ("extent", "tiling", "sparse_map") if (v := getattr(self, n)) is not None]
        return f"Label({', '.join(parts)})"

    def __str__(self) -> str:
        return self.name


LabelLike = str | Label


def labels(names: str, *, extent: int | None = None) -> tuple[Label, ...]:
    """Make label objects from blank- or comma-separated names.

    Parameters
    ----------
    names : str
        ``"i j k"`` or ``"i, j, k"``.
    extent : int, optional
        Extent given to every one of them.

    Returns
    -------
    tuple of Label
        One new label per name, in order.

    Examples
    --------
    >>> i, k = labels("i k")
    >>> i
    Label('i')
    """
    return tuple(Label(name, extent=extent) for name in names.replace(",", " ").split())


class Labels(tuple[LabelLike, ...]):
    """An ordered list of labels with the set algebra that planners need.

    Examples
    --------
    >>> Labels.parse(" p , qr ")
    Labels('p,qr')
    >>> Labels.parse("p,qr,s").permutation(Labels.parse("s,p,qr"))
    (1, 2, 0)
    """

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Labels:
        """Read a comma-separated list (rule R1); blanks are dropped, ``""`` is rank 0.

        Raises
        ------
        LabelError
            If a label is empty or is not an identifier (primes may follow it, as in ``i'``).
        """
        return _parse(text)

    def __repr__(self) -> str:
        return f"Labels({str(self)!r})"

    def __str__(self) -> str:
        return ",".join(map(str, self))

    @property
    def unique(self) -> Labels:
        """The labels without repeats, each at its first place."""
        return Labels(dict.fromkeys(self))

    @property
    def has_repeats(self) -> bool:
        """Whether a label occurs more than once."""
        return len(set(self)) != len(self)

    def find(self, label: LabelLike) -> tuple[int, ...]:
        """All positions of `label`."""
        return tuple(i for i, mine in enumerate(self) if mine == label)

    def is_permutation_of(self, other: Iterable[LabelLike]) -> bool:
        """Whether both hold the same labels equally often."""
        theirs = list(other)
        return len(theirs) == len(self) and all(self.count(x) == theirs.count(x) for x in self)

    def permutation(self, other: Labels) -> tuple[int, ...]:
        """For each of my labels, its position in `other`.

        Raises
        ------
        LabelError
            If the two are not the same set of labels, or a label is repeated.
        """
        if self.has_repeats or not self.is_permutation_of(other):
            raise LabelError(f"{str(self)!r} and {str(other)!r} are not two orders of the same distinct labels")
        return tuple(other.index(x) for x in self)

    def concatenation(self, other: Iterable[LabelLike]) -> Labels:
        """My labels, then the other's; repeats are kept."""
        return Labels((*self, *other))

    def intersection(self, other: Iterable[LabelLike]) -> Labels:
        """The distinct labels in both, in my order."""
        theirs = set(other)
        return Labels(x for x in self.unique if x in theirs)

    def difference(self, other: Iterable[LabelLike]) -> Labels:
        """My distinct labels that the other lacks, in my order."""
        theirs = set(other)
        return Labels(x for x in self.unique if x not in theirs)

    def is_hadamard_product(self, left: Labels, right: Labels) -> bool:
        """Whether left times right, with me as the result, is purely element-wise."""
        return not self.has_repeats and self.is_permutation_of(left) and self.is_permutation_of(right)

    def is_contraction(self, left: Labels, right: Labels) -> bool:
        """Whether left times right sums at least one shared label and keeps none of the shared ones."""
        if left.has_repeats or right.has_repeats or self.has_repeats:
            return False
        shared = left.intersection(right)
        free = left.difference(shared).concatenation(right.difference(shared))
        return bool(shared) and self.is_permutation_of(free)


def _name(piece: str, text: str) -> str:
    name = "".join(piece.split())
    if name.rstrip("'").isidentifier():
        return name
    if not name:
        raise LabelError(f"empty label in {text!r}: write labels separated by single commas, as in 'i,j'")
    if name.lstrip("-").isdigit():
        raise LabelError(f"{name!r} in {text!r} is a number: a chip is written in tuple form, as in A['i', {name}]")
    raise LabelError(f"{name!r} in {text!r} is not a label: use an identifier such as 'i' or 'mu1'")


@lru_cache(maxsize=4096)
def _parse(text: str) -> Labels:
    if not text or text.isspace():
        return Labels()
    return Labels(_name(piece, text) for piece in text.split(","))


def as_labels(key: object) -> Labels:
    """Turn ``"i,j"``, a label, or a tuple of names and labels into `Labels`.

    Raises
    ------
    LabelError
        If an entry is neither a string nor a `Label`.
    """
    if isinstance(key, Labels):
        return key
    if isinstance(key, str):
        return _parse(key)
    if isinstance(key, Label):
        return Labels((key,))
    if isinstance(key, (tuple, list)):
        return Labels(_each(key))
    raise LabelError(f"expected labels such as 'i,j', got {key!r} of type {type(key).__name__}")


def _each(entries: Iterable[object]) -> Iterator[LabelLike]:
    for entry in entries:
        if isinstance(entry, Label):
            yield entry
        elif isinstance(entry, str):
            yield from _parse(entry) or (_name(entry, ",".join(map(str, entries))),)
        else:
            raise LabelError(f"expected a label, got {entry!r} of type {type(entry).__name__} among {entries!r}")
