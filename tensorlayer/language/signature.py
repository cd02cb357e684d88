"""What the rules of the language need to know about an expression, interned so that checks are look-ups.

A signature says which labels an expression carries, with their extents; which of them every summand has
(R3, R6); and which the enclosing statement may not reduce because two readings would be possible (R8).
Signatures are made once per combination and cached, so that recording an operator costs one dictionary
look-up (`combine`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import final
from weakref import WeakValueDictionary

from tensorlayer.errors import AmbiguousError, LabelError, ShapeError
from tensorlayer.labels import Label, LabelLike, Labels
from tensorlayer.language.bounded import remember
from tensorlayer.scalar import FUNCTIONS

__all__ = ["SCALAR", "Signature", "check_target", "combine", "leaf_signature", "reduce_signature"]

LabelSet = frozenset[LabelLike]
_EMPTY: LabelSet = frozenset()
_signatures: WeakValueDictionary[tuple[object, ...], Signature] = WeakValueDictionary()
_leaves: dict[tuple[Labels, tuple[int, ...]], Signature] = {}
_combined: dict[tuple[object, ...], Signature] = {}
_targets: dict[tuple[object, Labels], tuple[int, ...]] = {}


@final
class Signature:
    """Labels and rule-relevant facts of an expression; equal signatures are one object.

    Attributes
    ----------
    labels : Labels
        Distinct labels in order of appearance.
    extents : dict
        Extent of each.
    common : frozenset
        Labels that every summand carries.
    products : frozenset
        Labels of products that stand bare, not inside a function: a function around them would be ambiguous
        in these.
    ambiguous : frozenset
        Labels that an enclosing statement must keep.
    has_scalar : bool
        Whether a Python scalar is among the summands.
    """

    __slots__ = ("__weakref__", "ambiguous", "common", "extents", "has_scalar", "labels", "products")

    labels: Labels
    extents: dict[LabelLike, int]
    common: LabelSet
    products: LabelSet
    ambiguous: LabelSet
    has_scalar: bool

    @classmethod
    def of(
        cls,
        extents: dict[LabelLike, int],
        common: LabelSet,
        products: LabelSet = _EMPTY,
        ambiguous: LabelSet = _EMPTY,
        has_scalar: bool = False,
    ) -> Signature:
        """The one signature with these facts."""
        key = (tuple(extents.items()), common, products, ambiguous, has_scalar)
        found = _signatures.get(key)
        if found is None:
            found = object.__new__(cls)
            found.labels = Labels(extents)
            found.extents = extents
            found.common = common
            found.products = products
            found.ambiguous = ambiguous
            found.has_scalar = has_scalar
            found = _signatures.setdefault(key, found)
        return found

    @property
    def uneven(self) -> LabelSet:
        """Labels that some summand lacks."""
        return frozenset(self.labels) - self.common

    def __repr__(self) -> str:
        return f"<signature {_extents(self)}>"

    def __reduce__(self) -> str | tuple[object, ...]:
        if self is SCALAR:
            return "SCALAR"
        return Signature.of, (self.extents, self.common, self.products, self.ambiguous, self.has_scalar)


#: The signature of a Python scalar: no label, and outside every sum over labels (R9).
SCALAR = Signature.of({}, _EMPTY, has_scalar=True)


def leaf_signature(labels: Labels, shape: tuple[int, ...]) -> Signature:
    """Signature of a labelled tensor.

    Raises
    ------
    LabelError
        If the number of labels is not the rank.
    ShapeError
        If equal labels have unequal extents (R4, R5), or a label object another extent.
    """
    key = (labels, shape)
    return _leaves.get(key) or remember(_leaves, key, _leaf_signature(labels, shape))


def _leaf_signature(labels: Labels, shape: tuple[int, ...]) -> Signature:
    if len(labels) != len(shape):
        raise LabelError(_rank_message(labels, shape))
    extents: dict[LabelLike, int] = {}
    for label, extent in zip(labels, shape, strict=True):
        if extents.setdefault(label, extent) != extent:
            raise ShapeError(
                f"label {str(label)!r} labels modes of extents {extents[label]} and {extent} of one tensor of shape "
                f"{shape}: equal labels take the diagonal and need equal extents"
            )
        if isinstance(label, Label) and label.extent not in (None, extent):
            raise ShapeError(f"{label!r} labels a mode of extent {extent} of a tensor of shape {shape}")
    return Signature.of(extents, frozenset(extents))


def _rank_message(labels: Labels, shape: tuple[int, ...]) -> str:
    message = f"{len(labels)} label{'s' * (len(labels) != 1)} {str(labels)!r} for a tensor of rank {len(shape)}"
    message += f" (shape {shape})"
    if len(labels) == 1 and len(str(labels[0])) == len(shape) > 1:
        message += f": separate labels by commas, as in {','.join(str(labels[0]))!r}"
    return message


def _join(*signatures: Signature) -> dict[LabelLike, int]:
    extents: dict[LabelLike, int] = {}
    for signature in signatures:
        for label, extent in signature.extents.items():
            if extents.setdefault(label, extent) != extent:
                raise ShapeError(
                    f"label {str(label)!r} has extents {extents[label]} and {extent}: equal labels need equal extents, "
                    f"and an extent of 1 is not stretched; the operands have {' and '.join(map(_extents, signatures))}"
                )
    return extents


def _extents(signature: Signature) -> str:
    return ", ".join(f"{label}={extent}" for label, extent in signature.extents.items()) or "no labels"


def _even(signature: Signature) -> Signature:
    if signature.uneven:
        missing = ",".join(sorted(map(str, signature.uneven)))
        raise LabelError(
            f"a sum inside a product needs the same labels in all its summands, and {missing!r} is not in all of them: "
            "its meaning would depend on multiplying out. Close the summands first, as in (expr)['i'], or multiply out"
        )
    return signature


def _multiply(left: Signature, right: Signature) -> Signature:
    if left is SCALAR or right is SCALAR:
        return right if left is SCALAR else left
    extents = _join(_even(left), _even(right))
    everything = frozenset(extents)
    both = bool(left.labels) and bool(right.labels)
    products = everything if both else left.products | right.products
    ambiguous = left.ambiguous | right.ambiguous
    ambiguous |= _scalar_summand(left, right) | _scalar_summand(right, left)
    return Signature.of(extents, everything, products, ambiguous)


def _scalar_summand(sum_: Signature, factor: Signature) -> LabelSet:
    # (v["i"] + 1) * w["j"] with i summed: is the 1 added once, or once per i? Refused unless w carries i.
    return frozenset(sum_.labels).difference(factor.labels) if sum_.has_scalar else _EMPTY


def _add(left: Signature, right: Signature) -> Signature:
    if left is SCALAR or right is SCALAR:
        kept = right if left is SCALAR else left
        # Without labels there is no sum the scalar could be outside of.
        return Signature.of(kept.extents, kept.common, kept.products, kept.ambiguous, has_scalar=bool(kept.extents))
    return Signature.of(
        _join(left, right),
        left.common & right.common,
        left.products | right.products,
        left.ambiguous | right.ambiguous,
        left.has_scalar or right.has_scalar,
    )


def _divide(left: Signature, right: Signature) -> Signature:
    if right is SCALAR:
        return left
    extents = _join(_even(left) if left is not SCALAR else left, right)
    inside = right.ambiguous | right.products | right.uneven
    lacking = frozenset(right.labels).difference(left.labels)
    ambiguous = left.ambiguous | inside | lacking
    if left is not SCALAR:
        ambiguous |= _scalar_summand(left, right)
    return Signature.of(extents, frozenset(extents), left.products, ambiguous)


def _function(*arguments: Signature) -> Signature:
    extents = _join(*arguments)
    ambiguous = _EMPTY
    for argument in arguments:
        if argument is SCALAR:
            continue
        lacking = frozenset(extents).difference(argument.labels)
        ambiguous |= argument.ambiguous | argument.products | argument.uneven | lacking
    return Signature.of(extents, frozenset(extents), _EMPTY, ambiguous)


_RULES: dict[str, Callable[..., Signature]] = {
    "add": _add,
    "subtract": _add,
    "multiply": _multiply,
    "divide": _divide,
    **{name: lambda operand: operand for name, function in FUNCTIONS.items() if function.additive},
}


def combine(operation: str, *signatures: Signature) -> Signature:
    """Signature of an operation on expressions.

    Raises
    ------
    LabelError
        If a sum inside a product has uneven labels (R6).
    ShapeError
        If a label has two extents (R5).
    """
    key = (operation, *signatures)
    found = _combined.get(key)
    return found or remember(_combined, key, _RULES.get(operation, _function)(*signatures))


def reduce_signature(kind: str, signature: Signature, over: Labels) -> Signature:
    """Signature of an explicit reduction, which acts on the expression element by element.

    Raises
    ------
    LabelError
        If `over` names a label that the expression, or one of its summands, lacks.
    """
    for label in over:
        if label not in signature.extents:
            raise LabelError(
                f"{kind} over {str(label)!r}: the expression has the labels {str(signature.labels)!r} only"
            )
    if signature.uneven:
        missing = ",".join(sorted(map(str, signature.uneven)))
        raise LabelError(f"{kind} over {str(over)!r}: {missing!r} is not in all summands; close them first")
    kept = {x: n for x, n in signature.extents.items() if x not in over}
    return Signature.of(kept, frozenset(kept), _EMPTY, signature.ambiguous.difference(over))


def check_target(signature: Signature, target: Labels) -> tuple[int, ...]:
    """Check a statement (R3, R8) and give the shape of its result.

    Raises
    ------
    LabelError
        If the target repeats a label, or has one that a term lacks.
    AmbiguousError
        If the statement would reduce a label that has two readings.
    """
    key = (signature, target)
    shape = _targets.get(key)
    return remember(_targets, key, _check_target(signature, target)) if shape is None else shape


def _likely_cause(label: LabelLike, signature: Signature) -> str:
    """What to add where a label of the target looks as if it were there."""
    names = {str(other) for other in signature.extents}
    if str(label) in names:
        return f" (with another label called {str(label)!r}: a label object equals itself only)"
    if len(str(label)) > 1 and names.issuperset(str(label)):
        return f" (labels are separated by commas, as in {','.join(str(label))!r})"
    return ""


def _shared(signature: Signature) -> str:
    return str(Labels(x for x in signature.labels if x in signature.common))


def _check_target(signature: Signature, target: Labels) -> tuple[int, ...]:
    named = repr(str(target))
    if target.has_repeats:
        raise LabelError(f"the target {named} repeats a label; a diagonal can be read but not assigned")
    for label in target:
        if label not in signature.extents:
            raise LabelError(
                f"label {str(label)!r} of the target {named} occurs nowhere on the right side, which has "
                f"{str(signature.labels)!r}{_likely_cause(label, signature)}; nothing is broadcast silently"
            )
        if label not in signature.common:
            raise LabelError(
                f"label {str(label)!r} of the target {named} is missing from a term; every term needs every label of "
                f"the target, and all that they share here is {_shared(signature)!r}"
            )
    torn = [x for x in signature.labels if x in signature.ambiguous and x not in target]
    if torn:
        labels = ",".join(map(str, torn))
        raise AmbiguousError(
            f"{labels!r} would be summed over, inside or outside of the function, power or quotient that carries it? "
            f"Close the inner part to sum inside, as in (inner)[{named}], or write sum(..., over={labels!r}) to sum "
            "outside"
        )
    return tuple(signature.extents[x] for x in target)
