"""The rules of the language (R1-R9), said a second time: a tree, the faults it has, and its value in plain NumPy.

Nothing here knows how tensorlayer records or computes. A statement is evaluated as the rules read: every term
at all combinations of its labels, by broadcasting, then added up over the labels that the target lacks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Labelled = tuple[tuple[str, ...], Array]
SUMS = ("add", "subtract")
LINEAR = ("negative", "conj", "real", "imag")


@dataclass(frozen=True)
class Number:
    value: float | complex


@dataclass(frozen=True)
class Leaf:
    """A tensor; an entry is a label, a chip, or a label and the slice that it runs over."""

    name: str
    entries: tuple[str | int | tuple[str, slice], ...]

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(e if isinstance(e, str) else e[0] for e in self.entries if not isinstance(e, int))

    @property
    def indexed(self) -> bool:
        """Whether it is written in two steps, a standard index and then labels."""
        return any(isinstance(e, tuple) for e in self.entries) or (bool(self.entries) and not self.labels)


@dataclass(frozen=True)
class Call:
    """An operator or a function, by array-API name."""

    name: str
    arguments: tuple[Tree, ...]


@dataclass(frozen=True)
class Fold:
    """An explicit reduction."""

    kind: str
    inner: Tree
    over: tuple[str, ...]


@dataclass(frozen=True)
class Close:
    """``(inner)["labels"]``; of what is closed already, a relabelling."""

    inner: Tree
    labels: tuple[str, ...]

    @property
    def relabels(self) -> bool:
        """A relabelled tensor is an expression again, which the next subscript closes."""
        return isinstance(self.inner, Close) and not self.inner.relabels


Tree = Number | Leaf | Call | Fold | Close


@dataclass(frozen=True)
class Statement:
    """``C[target] = right``, or ``+=``; `arrays` are the tensors by name."""

    target: tuple[str, ...]
    right: Tree
    arrays: dict[str, Array] = field(hash=False)
    augmented: bool = False

    @property
    def whole(self) -> Tree:
        """What is assigned."""
        return Call("add", (Leaf("C", self.target), self.right)) if self.augmented else self.right


class Broken(Exception):
    """A rule is broken; the argument is the name of the error that must say so."""


# -- which rules are broken ------------------------------------------------------------------------------------


def fault_of(statement: Statement) -> str | None:
    """Name of the error that the statement must raise; None if it is legal."""
    try:
        if statement.augmented:
            check(statement.whole.arguments[0], statement.arrays)  # type: ignore[union-attr]
        check(statement.right, statement.arrays)
        check_call(statement.whole, statement.arrays)
        check_scope(statement.whole, statement.target)
    except Broken as broken:
        return str(broken)
    return None


def require(legal: bool, error: str) -> None:
    if not legal:
        raise Broken(error)


def check(tree: Tree, arrays: dict[str, Array]) -> None:
    """Check a tree in the order in which Python evaluates it."""
    if isinstance(tree, Leaf):
        check_leaf(tree, arrays)
    elif isinstance(tree, Close):
        check(tree.inner, arrays)
        if tree.relabels:
            check_labels(tree.labels, shape_of(tree.inner, arrays))
        else:
            check_scope(tree.inner, tree.labels)
    elif isinstance(tree, Fold):
        check(tree.inner, arrays)
        require(set(tree.over) <= labels_of(tree.inner) and not uneven(tree.inner), "LabelError")
        empty = 0 in (extents_of(tree.inner, arrays)[x] for x in tree.over)
        require(not empty or tree.kind in ("sum", "prod"), "ShapeError")
    elif isinstance(tree, Call):
        for argument in tree.arguments:
            check(argument, arrays)
        check_call(tree, arrays)


def check_leaf(leaf: Leaf, arrays: dict[str, Array]) -> None:
    shape = arrays[leaf.name].shape
    rank_error = "ShapeError" if leaf.indexed else "LabelError"
    require(len(leaf.entries) <= len(shape) if leaf.indexed else len(leaf.entries) == len(shape), rank_error)
    chips = [(entry, n) for entry, n in zip(leaf.entries, shape, strict=False) if isinstance(entry, int)]
    require(all(-n <= chip < n for chip, n in chips), "ShapeError")
    check_labels(leaf.labels, view_of(leaf, arrays).shape)


def check_labels(labels: tuple[str, ...], shape: tuple[int, ...]) -> None:
    require(len(labels) == len(shape), "LabelError")  # R1
    require(len(set(zip(labels, shape, strict=True))) == len(set(labels)), "ShapeError")  # R4, R5


def check_call(tree: Tree, arrays: dict[str, Array]) -> None:
    if not isinstance(tree, Call):
        return
    labelled = [argument for argument in tree.arguments if not isinstance(argument, Number)]
    pairs = {pair for argument in labelled for pair in extents_of(argument, arrays).items()}
    divided = tree.name == "divide" and len(labelled) == 2
    factors = labelled if tree.name == "multiply" and len(labelled) == 2 else labelled[:1] if divided else []
    require(not any(uneven(factor) for factor in factors), "LabelError")  # R6
    require(len(pairs) == len(labels_of(tree)), "ShapeError")  # R5


def check_scope(tree: Tree, target: tuple[str, ...]) -> None:
    everywhere = labels_of(tree) - uneven(tree)
    require(len(set(target)) == len(target) and set(target) <= everywhere, "LabelError")  # R3
    require(guarded(tree) <= set(target), "AmbiguousError")  # R8


def labels_of(tree: Tree) -> set[str]:
    if isinstance(tree, Leaf | Close):
        return set(tree.labels)
    if isinstance(tree, Fold):
        return labels_of(tree.inner) - set(tree.over)
    return set().union(*map(labels_of, tree.arguments)) if isinstance(tree, Call) else set()


def summands(tree: Tree) -> Iterator[Tree]:
    """What is added up, scalar factors and linear functions seen through (R2, R9)."""
    if isinstance(tree, Call) and (tree.name in SUMS or tree.name in LINEAR or scaled(tree) is not None):
        for argument in tree.arguments if tree.name in SUMS + LINEAR else (scaled(tree),):
            yield from summands(argument)  # type: ignore[arg-type]
    else:
        yield tree


def scaled(call: Call) -> Tree | None:
    """What a Python scalar multiplies or divides."""
    left, right = call.arguments if call.name in ("multiply", "divide") else (None, None)
    if isinstance(right, Number):
        return left
    return right if isinstance(left, Number) and call.name == "multiply" else None


def uneven(tree: Tree) -> set[str]:
    """Labels that some summand lacks."""
    sets = [labels_of(part) for part in summands(tree) if not isinstance(part, Number)]
    return set().union(*sets) - (reduce(set.intersection, sets) if sets else set())


def multiplied(tree: Tree) -> set[str]:
    """Labels of products that stand bare: not in a function, a closing or a reduction."""
    if not isinstance(tree, Call):
        return set()
    if tree.name == "multiply" and all(map(labels_of, tree.arguments)):
        return labels_of(tree)
    seen_through = {"divide": tree.arguments[:1], "multiply": tree.arguments}
    parts = tree.arguments if tree.name in SUMS + LINEAR else seen_through.get(tree.name, ())
    return set().union(*map(multiplied, parts))


def guarded(tree: Tree) -> set[str]:
    """Labels that the enclosing statement or closing must keep, because summing them has two readings."""
    if isinstance(tree, Fold):
        return guarded(tree.inner) - set(tree.over)
    if not isinstance(tree, Call):
        return set()
    guards = set().union(*map(guarded, tree.arguments))
    if tree.name in SUMS + LINEAR:
        return guards
    left, right = (*tree.arguments, None)[:2]
    if tree.name in ("multiply", "divide"):
        guards |= stray(left, right) | (stray(right, left) if tree.name == "multiply" else set())
    inside = {"multiply": (), "divide": (right,)}.get(tree.name, tree.arguments)
    for argument in inside:
        if not isinstance(argument, Number):
            guards |= multiplied(argument) | uneven(argument)
            other = labels_of(argument) - labels_of(left) if tree.name == "divide" else labels_of(tree)
            guards |= other if tree.name == "divide" else other - labels_of(argument)
    return guards


def stray(total: Tree, factor: Tree) -> set[str]:
    """In ``(v["i"] + 1) * w["j"]``: is the 1 added once, or once per i?"""
    loose = not isinstance(factor, Number) and any(isinstance(part, Number) for part in summands(total))
    return labels_of(total) - labels_of(factor) if loose else set()


# -- what a statement means ------------------------------------------------------------------------------------


def value_of(statement: Statement) -> tuple[Array, float]:
    """The assigned array, and the largest finite number met on the way (for tolerances)."""
    meaning = Meaning(statement.arrays)
    with np.errstate(all="ignore"):
        shape = tuple(extents_of(statement.whole, statement.arrays)[x] for x in statement.target)
        return np.broadcast_to(meaning.summed(statement.whole, statement.target), shape), meaning.largest


class Meaning:
    def __init__(self, arrays: dict[str, Array]) -> None:
        self.arrays = arrays
        self.largest = 1.0

    def summed(self, tree: Tree, target: tuple[str, ...]) -> Any:
        """Each term summed over its own labels that the target lacks (R2, R9)."""
        if isinstance(tree, Number):
            return tree.value
        if isinstance(tree, Call) and (tree.name in SUMS or tree.name in LINEAR or scaled(tree) is not None):
            return self.met(apply(tree.name, *(self.summed(part, target) for part in tree.arguments)))
        labels, array = self.everywhere(tree)
        dropped = tuple(axis for axis, x in enumerate(labels) if x not in target)
        return aligned((tuple(x for x in labels if x in target), self.met(array.sum(axis=dropped))), target)

    def everywhere(self, tree: Tree) -> Labelled:
        """The tree at all combinations of its labels."""
        if isinstance(tree, Leaf):
            return diagonal(tree.labels, view_of(tree, self.arrays))
        if isinstance(tree, Close) and tree.relabels:
            return diagonal(tree.labels, self.everywhere(tree.inner)[1])
        if isinstance(tree, Close):
            shape = tuple(extents_of(tree.inner, self.arrays)[x] for x in tree.labels)
            return tree.labels, np.broadcast_to(self.summed(tree.inner, tree.labels), shape)
        if isinstance(tree, Fold):
            labels, array = self.everywhere(tree.inner)
            axes = tuple(labels.index(x) for x in sorted({*tree.over}))
            return tuple(x for x in labels if x not in tree.over), self.met(getattr(np, tree.kind)(array, axis=axes))
        assert isinstance(tree, Call)
        labels = tuple(sorted(labels_of(tree)))
        parts = [p.value if isinstance(p, Number) else aligned(self.everywhere(p), labels) for p in tree.arguments]
        shape = tuple(extents_of(tree, self.arrays)[x] for x in labels)
        return labels, np.broadcast_to(self.met(apply(tree.name, *parts)), shape)

    def met(self, array: Any) -> Any:
        finite = np.abs(array)[np.isfinite(array)]
        self.largest = max(self.largest, float(finite.max(initial=0.0)))
        return array


def apply(name: str, *arguments: Any) -> Any:
    return getattr(np, name)(*arguments)


def diagonal(labels: tuple[str, ...], array: Array) -> Labelled:
    """Repeated labels, taken out one pair at a time (R4)."""
    for label in labels:
        if labels.count(label) > 1:
            first, second = [axis for axis, x in enumerate(labels) if x == label][:2]
            rest = tuple(x for axis, x in enumerate(labels) if axis not in (first, second))
            return diagonal((*rest, label), np.diagonal(array, axis1=first, axis2=second))
    return labels, array


def aligned(labelled: Labelled, target: tuple[str, ...]) -> Array:
    """Axes in the order of `target`, of extent one where the array lacks a label."""
    labels, array = labelled
    array = array.transpose([labels.index(x) for x in target if x in labels])
    return np.expand_dims(array, tuple(axis for axis, x in enumerate(target) if x not in labels))


def view_of(leaf: Leaf, arrays: dict[str, Array]) -> Array:
    key = tuple(e if isinstance(e, int) else slice(None) if isinstance(e, str) else e[1] for e in leaf.entries)
    return arrays[leaf.name][key]


def shape_of(tree: Any, arrays: dict[str, Array]) -> tuple[int, ...]:
    return tuple(extents_of(tree, arrays)[x] for x in tree.labels)


def extents_of(tree: Tree, arrays: dict[str, Array]) -> dict[str, int]:
    if isinstance(tree, Leaf):
        return dict(zip(tree.labels, view_of(tree, arrays).shape, strict=True))
    if isinstance(tree, Close):
        inner = extents_of(tree.inner, arrays)
        if tree.relabels:
            return dict(zip(tree.labels, shape_of(tree.inner, arrays), strict=True))
        return {x: inner[x] for x in tree.labels}
    if isinstance(tree, Fold):
        return {x: n for x, n in extents_of(tree.inner, arrays).items() if x not in tree.over}
    if isinstance(tree, Call):
        return {x: n for argument in tree.arguments for x, n in extents_of(argument, arrays).items()}
    return {}


# -- how a statement is written --------------------------------------------------------------------------------

INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "pow": "**", "greater": ">", "less": "<"}


def source_of(statement: Statement, quote: str = '"') -> str:
    """The statement as Python (with quotes) or as text (without)."""
    target = f"{quote}{','.join(statement.target)}{quote}"
    return f"C[{target}] {'+=' if statement.augmented else '='} {written(statement.right, quote)}"


def written(tree: Tree, quote: str) -> str:
    if isinstance(tree, Number):
        return f"({tree.value!r})"
    if isinstance(tree, Leaf):
        return tree.name + written_entries(tree, quote)
    if isinstance(tree, Close):
        return f"({written(tree.inner, quote)})[{quote}{','.join(tree.labels)}{quote}]"
    if isinstance(tree, Fold):
        return f'{tree.kind}({written(tree.inner, quote)}, over="{",".join(tree.over)}")'
    parts = [written(argument, quote) for argument in tree.arguments]
    if tree.name in INFIX:
        return f"({parts[0]} {INFIX[tree.name]} {parts[1]})"
    return f"(-{parts[0]})" if tree.name == "negative" else f"{tree.name}({', '.join(parts)})"


def written_entries(leaf: Leaf, quote: str) -> str:
    if leaf.indexed:
        index = ", ".join(written_index(entry) for entry in leaf.entries)
        return f"[{index}][{quote}{','.join(leaf.labels)}{quote}]"
    if any(isinstance(entry, int) for entry in leaf.entries):
        return f"[{', '.join(str(e) if isinstance(e, int) else f'{quote}{e}{quote}' for e in leaf.entries)}]"
    return f"[{quote}{','.join(leaf.labels)}{quote}]"


def written_index(entry: str | int | tuple[str, slice]) -> str:
    if isinstance(entry, tuple):
        return ":".join("" if x is None else str(x) for x in (entry[1].start, entry[1].stop, entry[1].step))
    return str(entry) if isinstance(entry, int) else ":"
