"""The labelled expression applied to metadata: what a statement does to shapes, symmetries, sparsities and layouts."""

from __future__ import annotations

import functools
import numbers
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from tensorlayer.errors import LabelError
from tensorlayer.labels import Labels, as_labels

__all__ = ["Description", "Factor", "Labelled", "Term", "describe_product", "describe_sum"]

D = TypeVar("D", bound="Description[Any]")


class Description(ABC, Generic[D]):
    """Something about a tensor that can be labelled as the tensor can: a shape, a symmetry, a sparsity, a layout."""

    __slots__ = ()

    @property
    @abstractmethod
    def rank(self) -> int:
        """Number of modes."""

    def __getitem__(self, key: object) -> Labelled[D]:
        """Name the modes; see `Labelled`.

        Raises
        ------
        LabelError
            If the number of labels is not the rank (rule R1).
        """
        labels = as_labels(key)
        if len(labels) != self.rank:
            raise LabelError(_wrong_count(self, labels, key))
        return Labelled((Term((Factor(self, labels),)),))


@dataclass(frozen=True, slots=True)
class Factor:
    """A description and the labels of its modes."""

    value: Description[Any]
    labels: Labels


@dataclass(frozen=True, slots=True)
class Term:
    """A product of factors and a number."""

    factors: tuple[Factor, ...]
    coefficient: complex = 1

    @property
    def labels(self) -> Labels:
        """The distinct labels, in order of appearance."""
        return Labels(label for factor in self.factors for label in factor.labels).unique


@functools.singledispatch
def describe_product(kind: Any, factors: Sequence[Factor], output: Labels, coefficient: complex) -> Description[Any]:
    """The description of a product summed to `output`; each kind of description registers its own rule.

    Parameters
    ----------
    kind : Description
        One of the values; only its type matters.
    factors : sequence of Factor
        What is multiplied.
    output : Labels
        Distinct labels of the result; all others are summed.
    coefficient : complex
        The number in front of the product.
    """
    raise NotImplementedError(f"no rule for the product of {type(kind).__name__}: register one with describe_product")


@functools.singledispatch
def describe_sum(kind: Any, values: Sequence[Any]) -> Description[Any]:
    """The description of a sum of terms that have the same labels in the same order."""
    raise NotImplementedError(f"no rule for the sum of {type(kind).__name__}: register one with describe_sum")


@dataclass(frozen=True, slots=True)
class Labelled(Generic[D]):
    """A labelled expression of descriptions of one kind: a sum of products, not yet closed.

    Subscripting closes it (rule R7): labels that are not named are summed, each term over its own.

    Parameters
    ----------
    terms : tuple of Term
        The summands.

    Examples
    --------
    >>> from tensorlayer.shape import Smooth
    >>> (Smooth(3, 4)["i,k"] * Smooth(4, 5)["k,j"])["i,j"]
    Smooth(3, 5)
    >>> (Smooth(3, 4)["i,j"] + 2 * Smooth(4, 3)["j,i"])["j,i"]
    Smooth(4, 3)
    """

    terms: tuple[Term, ...]

    @property
    def labels(self) -> Labels:
        """The distinct labels of all terms, in order of appearance."""
        return Labels(label for term in self.terms for label in term.labels).unique

    def __getitem__(self, key: object) -> D:
        """Close the expression.

        Raises
        ------
        LabelError
            If a label is repeated, or is missing in a term (rule R3).
        ShapeError
            If one label has two extents (rule R5).
        """
        output = as_labels(key)
        if output.has_repeats:
            raise LabelError(f"the target {str(output)!r} repeats a label: a target names every mode once")
        for term in self.terms:
            _require_labels(term, output)
        closed: list[D] = [_close(term, output) for term in self.terms]
        return closed[0] if len(closed) == 1 else cast(D, describe_sum(closed[0], closed))

    def __add__(self, other: Labelled[D]) -> Labelled[D]:
        if not self._is_same_kind(other):
            return NotImplemented
        return Labelled(self.terms + other.terms)

    def __sub__(self, other: Labelled[D]) -> Labelled[D]:
        if not self._is_same_kind(other):
            return NotImplemented
        return Labelled(self.terms + other._scaled(-1).terms)

    def __neg__(self) -> Labelled[D]:
        return self._scaled(-1)

    def __mul__(self, other: Labelled[D] | complex) -> Labelled[D]:
        if not isinstance(other, Labelled):
            return self._scaled(other) if isinstance(other, numbers.Number) else NotImplemented
        if not self._is_same_kind(other):
            return NotImplemented
        left, right = self._as_term(), other._as_term()
        return Labelled((Term(left.factors + right.factors, left.coefficient * right.coefficient),))

    __rmul__ = __mul__

    def _is_same_kind(self, other: object) -> bool:
        if not isinstance(other, Labelled):
            return False
        mine, theirs = (type(x.terms[0].factors[0].value) for x in (self, other))
        return describe_product.dispatch(mine) is describe_product.dispatch(theirs)

    def _scaled(self, number: Any) -> Labelled[D]:
        return Labelled(tuple(Term(term.factors, term.coefficient * number) for term in self.terms))

    def _as_term(self) -> Term:
        """A parenthesised sum as one factor; its summands need one label set (rule R6)."""
        if len(self.terms) == 1:
            return self.terms[0]
        labels = self.terms[0].labels
        for term in self.terms[1:]:
            if not term.labels.is_permutation_of(labels):
                raise LabelError(
                    f"a sum inside a product needs the same labels in all its summands, got {str(labels)!r} "
                    f"and {str(term.labels)!r}: close the summands first, as in (a + b)['i']"
                )
        return Term((Factor(self[labels], labels),))


def _close(term: Term, output: Labels) -> Any:
    return describe_product(term.factors[0].value, term.factors, output, term.coefficient)


def _require_labels(term: Term, output: Labels) -> None:
    missing = output.difference(term.labels)
    if missing:
        raise LabelError(
            f"the target {str(output)!r} has the label {str(missing[0])!r}, which the term with the labels "
            f"{str(term.labels)!r} lacks: every target label occurs in every term"
        )


def _wrong_count(value: Description[Any], labels: Labels, key: object) -> str:
    message = f"{type(value).__name__} has rank {value.rank}, but {str(labels)!r} are {len(labels)} labels"
    if isinstance(key, str) and len(labels) == 1 and len(key) == value.rank:
        message += f": did you mean {','.join(key)!r}?"
    return message
