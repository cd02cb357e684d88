"""Hypothesis strategies: random statements, most of them legal, some with a label in the wrong place."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.tensorlayer.language.oracle import Call, Close, Fold, Leaf, Number, Statement, Tree

LABELS = "ijkl"
SMOOTH = ("sin", "cos", "tanh")
REAL_ONLY = ("maximum", "minimum", "where", "clip", "log1p")


class Writer:
    """Draws trees over four labels, and makes the tensors they name.

    Numbers are kept where rounding cannot be amplified: leaves are never zero, divisors stay away from it,
    comparisons are of leaves, and functions have slopes of at most one.
    """

    def __init__(self, draw: st.DrawFn, dtype: str, extents: list[int], wrong: int, nan: bool) -> None:
        self.draw = draw
        self.dtype = np.dtype(dtype)
        self.extents = {x: draw(st.sampled_from(extents)) for x in LABELS}
        self.wrong = wrong
        self.nan = nan
        self.arrays: dict[str, np.ndarray[Any, Any]] = {}

    def chance(self, one_in: int) -> bool:
        return bool(one_in) and self.draw(st.integers(1, one_in)) == one_in

    def some(self, labels: Any, least: int = 0, most: int | None = None) -> tuple[str, ...]:
        return tuple(self.draw(st.lists(st.sampled_from(sorted(labels)), unique=True, min_size=least, max_size=most)))

    def number(self) -> Number:
        values = [2, 0.5, -3, 1.5] + ([0.5j, 1 - 2j] if self.dtype.kind == "c" else [])
        return Number(self.draw(st.sampled_from(values)))

    # -- tensors ---------------------------------------------------------------------------------------------

    def tensor(self, shape: tuple[int, ...]) -> str:
        same = [name for name, array in self.arrays.items() if array.shape == shape]
        if same and self.chance(2):
            return self.draw(st.sampled_from(same))
        rng = np.random.default_rng(self.draw(st.integers(0, 2**16)))
        array = rng.choice([-2.0, -1.5, -1, -0.5, 0.5, 1, 1.5, 2], shape)
        if self.dtype.kind == "c":
            array = array + 1j * rng.choice([-1.0, -0.5, 0, 0.5, 1], shape)
        if self.nan:
            array = np.where(rng.random(shape) < 0.2, np.nan, array)
        name = f"T{len(self.arrays)}"
        self.arrays[name] = np.asarray(array, self.dtype)
        return name

    def leaf(self, labels: tuple[str, ...]) -> Tree:
        """A tensor with these labels in any order; now and then with a diagonal, a chip or a slice."""
        order = list(self.draw(st.permutations(labels)))
        if order and len(order) < 4 and self.chance(6):
            order.insert(self.draw(st.integers(0, len(order))), self.draw(st.sampled_from(order)))
        shape, entries = [], []
        for label in order:
            extent = self.extents[label]
            if self.chance(10):
                shape.append(extent + 1)
                entries.append((label, slice(1, None) if self.chance(2) else slice(-1, -extent - 1, -1)))
            else:
                shape.append(extent)
                entries.append(label)
        if self.chance(10):
            place = self.draw(st.integers(0, len(order)))
            shape.insert(place, 3)
            entries.insert(place, self.draw(st.sampled_from([0, 2, -1])))
        return Leaf(self.tensor(tuple(shape)), tuple(self.misspelt(entries)))

    def misspelt(self, entries: list[Any]) -> list[Any]:
        if not self.chance(self.wrong) or not entries:
            return entries
        place = self.draw(st.integers(0, len(entries) - 1))
        wrong = [*LABELS, 5] if isinstance(entries[place], str | int) else [("i", slice(1))]
        changed = [*entries[:place], self.draw(st.sampled_from(wrong)), *entries[place + 1 :]]
        return changed[:-1] if self.chance(5) else changed

    def respelt(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(x for x in self.misspelt(list(labels)) if isinstance(x, str))

    # -- trees -----------------------------------------------------------------------------------------------

    def factor(self, labels: tuple[str, ...], depth: int, hidden: tuple[str, ...] = ()) -> Tree:
        """Something with exactly these labels; `hidden` ones are summed by the scope it stands in."""
        if depth <= 0:
            return self.leaf(labels)
        kinds = ["tip", "sum", "scaled", "function", "closed", "fold", "power", "quotient", "relabelled", "product"]
        kind = self.draw(st.sampled_from(kinds))
        build: Any = getattr(self, kind)
        return build(labels, depth - 1, hidden)

    def tip(self, labels: tuple[str, ...], depth: int, hidden: tuple[str, ...]) -> Tree:
        return self.leaf(labels)

    def sum(self, labels: tuple[str, ...], depth: int, hidden: tuple[str, ...]) -> Tree:
        # A number beside a label that is summed in other factors has two readings.
        loose = self.number() if self.chance(8) else self.factor(labels, depth, hidden)
        parts = (self.factor(labels, depth, hidden), loose)
        return Call(self.draw(st.sampled_from(["add", "subtract"])), parts[:: self.draw(st.sampled_from([1, -1]))])

    def scaled(self, labels: tuple[str, ...], depth: int, hidden: tuple[str, ...]) -> Tree:
        inner = self.factor(labels, depth, hidden)
        linear = ["negative", "conj", "real", "imag"] if self.dtype.kind == "c" else ["negative"]
        return self.draw(
            st.sampled_from(
                [
                    Call("multiply", (self.number(), inner)),
                    Call("multiply", (inner, self.number())),
                    Call("divide", (inner, self.number())),
                    *(Call(name, (inner,)) for name in linear),
                ]
            )
        )

    def product(self, labels: tuple[str, ...], depth: int, hidden: tuple[str, ...]) -> Tree:
        left = self.some(labels) if labels else ()
        right = {*labels} - {*left} | {*(self.some(labels) if labels else ())}
        return Call("multiply", (self.factor(left, depth, hidden), self.factor(tuple(sorted(right)), depth, hidden)))

    def inside(self, labels: tuple[str, ...], depth: int, hidden: tuple[str, ...]) -> Tree:
        """What may stand in a function: with hidden labels, mostly something that has one reading."""
        if {*labels} & {*hidden} and not self.chance(6):
            return self.leaf(labels) if self.chance(2) else Call("add", (self.leaf(labels), self.number()))
        return self.factor(labels, depth, hidden)

    def function(self, labels: tuple[str, ...], depth: int, hidden: tuple[str, ...]) -> Tree:
        inner = self.inside(labels, depth, hidden)
        name = self.draw(st.sampled_from(SMOOTH + REAL_ONLY if self.dtype.kind == "f" else ("abs", "square")))
        if name in ("maximum", "minimum"):
            return Call(name, (inner, self.leaf(labels) if self.chance(2) else self.number()))
        if name == "where":
            return Call(
                name, (Call("greater", (self.leaf(labels), Number(0.25))), inner, self.inside(labels, depth, hidden))
            )
        if name == "clip":
            return Call(name, (inner, Number(-0.75), Number(1.25)))
        return Call(name, (Call("square", (inner,)) if name == "log1p" else inner,))

    def power(self, labels: tuple[str, ...], depth: int, hidden: tuple[str, ...]) -> Tree:
        return Call("pow", (self.inside(labels, depth, hidden), Number(self.draw(st.sampled_from([2, 3, 2.0])))))

    def quotient(self, labels: tuple[str, ...], depth: int, hidden: tuple[str, ...]) -> Tree:
        below = self.some(labels) if labels else ()
        if self.chance(8):
            above = self.some(labels) if labels else ()
            below = tuple(sorted({*labels} - {*above} | {*below}))
        else:
            above = labels
        divisor = self.leaf(below)
        if self.chance(5):
            divisor = Call("multiply", (divisor, self.leaf(self.some(below) if below else ())))
        elif self.chance(3):
            divisor = Call("add", (Call("abs", (self.inside(below, depth, hidden),)), Number(1)))
        return Call("divide", (self.number() if not labels else self.factor(above, depth, hidden), divisor))

    def closed(self, labels: tuple[str, ...], depth: int, hidden: tuple[str, ...]) -> Tree:
        order = tuple(self.draw(st.permutations(labels)))
        return Close(self.statement(order, depth), self.respelt(order))

    def relabelled(self, labels: tuple[str, ...], depth: int, hidden: tuple[str, ...]) -> Tree:
        """A closing under names of the same extents, put right by position."""
        order = tuple(self.draw(st.permutations(labels)))
        others = {x: [y for y in LABELS if self.extents[y] == self.extents[x]] for x in order}
        inner = tuple(self.draw(st.sampled_from(others[x])) for x in order)
        inner = inner if len(set(inner)) == len(inner) else order
        return Close(Close(self.statement(inner, depth), inner), self.respelt(order))

    def fold(self, labels: tuple[str, ...], depth: int, hidden: tuple[str, ...]) -> Tree:
        over = self.some({*LABELS} - {*labels}, 0, 2) if len(labels) < 4 else ()
        kinds = ["sum", "prod", "mean"] + (["max", "min"] if self.dtype.kind == "f" else [])
        inner = self.factor(tuple(sorted({*labels, *over})), depth, tuple(x for x in hidden if x not in over))
        kind = self.draw(st.sampled_from(kinds))
        return Fold(kind, inner, self.respelt(over))

    def term(self, target: tuple[str, ...], depth: int) -> Tree:
        hidden = self.some({*LABELS} - {*target}, 0, 2) if len(target) < 4 else ()
        everything = tuple(sorted({*target, *hidden}))
        build = self.product if self.chance(2) else self.factor
        return build(everything, depth, hidden)

    def statement(self, target: tuple[str, ...], depth: int) -> Tree:
        """A sum of terms that all have the labels of the target."""
        total = self.term(target, depth)
        for _ in range(self.draw(st.integers(0, 2)) if depth else 0):
            term = self.number() if self.chance(8) else self.term(target, depth)
            total = Call(self.draw(st.sampled_from(["add", "subtract"])), (total, term))
        return total


@st.composite
def statements(
    draw: st.DrawFn,
    *,
    dtype: str = "float64",
    extents: tuple[int, ...] = (1, 2, 3),
    wrong: int = 0,
    nan: bool = False,
) -> Statement:
    """A statement; about one label list in `wrong` is misspelt (0: none)."""
    writer = Writer(draw, dtype, list(extents), wrong, nan)
    target = writer.some(LABELS, 0, 3)
    right = writer.statement(target, draw(st.integers(1, 3)))
    augmented = writer.chance(6)
    if augmented:
        shape = tuple(writer.extents[x] for x in target)
        writer.arrays["C"] = np.ones(shape, writer.dtype) * 0.25
    return Statement(writer.respelt(target), right, writer.arrays, augmented)
