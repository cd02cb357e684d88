"""The symmetry of a labelled product or sum, from that of its operands and from exchanging equal ones."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from tensorlayer.description import Factor, describe_product, describe_sum
from tensorlayer.labels import LabelLike, Labels
from tensorlayer.symmetry.operation import Operation
from tensorlayer.symmetry.permutation import Permutation
from tensorlayer.symmetry.symmetry import Symmetry

__all__ = ["einsum_symmetry", "sum_symmetry"]

#: Longer products are not searched; their result is said to have no symmetry, which is never wrong.
MAX_FACTORS = 6
#: Steps of one search; what was found before is kept, for every operation found is one that holds.
MAX_STEPS = 5_000


@dataclass(frozen=True, slots=True)
class _Operand:
    """One factor or summand; equal keys are equal tensors. Labels are numbers."""

    key: int
    labels: tuple[int, ...]
    symmetry: Symmetry
    conjugated: bool = False
    weight: float = 1


def einsum_symmetry(
    keys: Sequence[Hashable],
    inputs: Sequence[Sequence[LabelLike]],
    output: Sequence[LabelLike],
    symmetries: Sequence[Symmetry],
    conjugated: Sequence[bool] | None = None,
) -> Symmetry:
    """The symmetry of a product that is summed over the labels missing in `output`.

    A real number in front changes nothing; with a complex one drop the operations that conjugate.

    Parameters
    ----------
    keys : sequence of hashable
        What each factor is: equal keys are the same tensor.
    inputs : sequence of sequence of label
        The labels of each factor; a repeated label takes the diagonal.
    output : sequence of label
        The distinct labels of the result.
    symmetries : sequence of Symmetry
        The symmetry of each factor.
    conjugated : sequence of bool, optional
        Which factors enter conjugated; none when left out.

    Returns
    -------
    Symmetry
        Of the result. If it `is_zero`, the result vanishes whatever the elements are. Products of more
        than six factors are not searched and give `Symmetry.none`.

    Examples
    --------
    >>> free = Symmetry.none(2)
    >>> einsum_symmetry("AA", ["ik", "jk"], "ij", [free, free])
    Symmetry(2, {+(0 1)})
    >>> einsum_symmetry("AA", ["ik", "jk"], "ij", [free, free], conjugated=[False, True])
    Symmetry(2, {+(0 1)*})
    >>> anti, even = Symmetry.antisymmetric(2), Symmetry.symmetric(2)
    >>> einsum_symmetry("AS", ["ij", "ij"], "", [anti, even]).is_zero
    True
    """
    flags = conjugated if conjugated is not None else (False,) * len(keys)
    if len(keys) > MAX_FACTORS or (len(set(keys)) == len(keys) and all(s.is_none for s in symmetries)):
        return Symmetry.none(len(output))
    operands, target = _numbered(keys, inputs, output, symmetries, flags, (1,) * len(keys))
    return _search(operands, target, "product")


def sum_symmetry(
    keys: Sequence[Hashable],
    inputs: Sequence[Sequence[LabelLike]],
    output: Sequence[LabelLike],
    symmetries: Sequence[Symmetry],
    weights: Sequence[float] | None = None,
) -> Symmetry:
    """The symmetry of a weighted sum of tensors that all have the labels of `output`.

    Parameters
    ----------
    keys : sequence of hashable
        What each summand is: equal keys are the same tensor.
    inputs : sequence of sequence of label
        The labels of each summand.
    output : sequence of label
        The distinct labels of the result.
    symmetries : sequence of Symmetry
        The symmetry of each summand.
    weights : sequence of float, optional
        The number in front of each summand; ones when left out.

    Returns
    -------
    Symmetry
        Of the result; sums of more than six terms are not searched and give `Symmetry.none`.

    Examples
    --------
    >>> free = Symmetry.none(2)
    >>> sum_symmetry("AA", ["ij", "ji"], "ij", [free, free], weights=[1, -1])
    Symmetry(2, {-(0 1)})
    """
    if len(keys) > MAX_FACTORS:
        return Symmetry.none(len(output))
    factors = tuple(weights) if weights is not None else (1,) * len(keys)
    operands, target = _numbered(keys, inputs, output, symmetries, (False,) * len(keys), factors)
    return _search(operands, target, "sum")


def _numbered(
    keys: Sequence[Hashable],
    inputs: Sequence[Sequence[LabelLike]],
    output: Sequence[LabelLike],
    symmetries: Sequence[Symmetry],
    conjugated: Sequence[bool],
    weights: Sequence[float],
) -> tuple[tuple[_Operand, ...], tuple[int, ...]]:
    """Names replaced by numbers, so that equal problems are found in the cache."""
    names: dict[LabelLike, int] = {label: i for i, label in enumerate(output)}
    serial: dict[Hashable, int] = {}
    operands = tuple(
        _Operand(
            serial.setdefault(key, len(serial)),
            tuple(names.setdefault(label, len(names)) for label in labels),
            symmetry,
            flag,
            weight,
        )
        for key, labels, symmetry, flag, weight in zip(keys, inputs, symmetries, conjugated, weights, strict=True)
    )
    return operands, tuple(range(len(output)))


@lru_cache(maxsize=2048)
def _search(operands: tuple[_Operand, ...], output: tuple[int, ...], rule: Literal["product", "sum"]) -> Symmetry:
    steps = _Steps()
    found = []
    for conjugate in (False, True):
        # Each term of a sum turns into another with the sign of the result; the signs in a product multiply.
        for sign in (1, -1) if rule == "sum" else (0,):
            search = _Search(operands, len(output), conjugate, sign, steps)
            found += [_operation(renamed, output, total, conjugate) for renamed, total in search.run()]
    return Symmetry(len(output), found)


def _operation(renamed: dict[int, int], output: tuple[int, ...], sign: int, conjugate: bool) -> Operation:
    images = [0] * len(output)
    for label in output:
        images[renamed[label]] = label
    return Operation(Permutation(tuple(images)), sign, conjugate)


@dataclass(slots=True)
class _Steps:
    """How many steps a search may still take."""

    left: int = MAX_STEPS

    def take(self) -> bool:
        self.left -= 1
        return self.left >= 0


@dataclass(frozen=True, slots=True)
class _Search:
    """Find the renamings of labels under which the operands become each other.

    Operand ``f`` becomes the equal operand ``t`` if one of its symmetry operations turns the labels of
    ``f`` into the renamed labels of ``t``. Labels of the result become such labels, summed ones summed ones.
    """

    operands: tuple[_Operand, ...]
    n_output: int
    conjugate: bool
    sign: int
    steps: _Steps
    used: set[int] = field(default_factory=set)

    def run(self, place: int = 0, renamed: dict[int, int] | None = None, sign: int = 1) -> Iterator[tuple[Any, int]]:
        """Yield renamings with the sign that comes with them."""
        renamed = renamed if renamed is not None else {}
        if place == len(self.operands):
            yield renamed, self.sign or sign
            return
        for target, other in enumerate(self.operands):
            if target in self.used or other.key != self.operands[place].key:
                continue
            self.used.add(target)
            for operation in self._operations(self.operands[place], other):
                extended = self._extended(renamed, other.labels, operation, self.operands[place].labels)
                if extended is not None:
                    yield from self.run(place + 1, extended, sign * operation.sign)
            self.used.remove(target)

    def _operations(self, one: _Operand, other: _Operand) -> Iterator[Operation]:
        conjugate = one.conjugated ^ other.conjugated ^ self.conjugate
        for operation in one.symmetry.operations:
            weight = one.weight if not self.sign else one.weight * operation.sign * self.sign
            if operation.conjugate == conjugate and weight == other.weight and self.steps.take():
                yield operation

    def _extended(
        self, renamed: dict[int, int], sources: tuple[int, ...], operation: Operation, labels: tuple[int, ...]
    ) -> dict[int, int] | None:
        found = dict(renamed)
        for source, image in zip(sources, operation.permutation.apply(labels), strict=True):
            if found.setdefault(source, image) != image or (source < self.n_output) != (image < self.n_output):
                return None
        # A complete renaming is one to one by construction; leaving early is what makes the search short.
        return found if len(set(found.values())) == len(found) else None


@describe_product.register
def _product(_kind: Symmetry, factors: Sequence[Factor], output: Labels, coefficient: complex) -> Symmetry:
    symmetries: list[Any] = [factor.value for factor in factors]
    result = einsum_symmetry(range(len(factors)), [factor.labels for factor in factors], output, symmetries)
    if isinstance(coefficient, complex) and coefficient.imag:
        return Symmetry(result.rank, (op for op in result.operations if not op.conjugate))
    return result


@describe_sum.register
def _sum(_kind: Symmetry, values: Sequence[Symmetry]) -> Symmetry:
    result = values[0]
    for value in values[1:]:
        result &= value
    return result
