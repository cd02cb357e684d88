"""A statement applied to metadata gives the metadata of its result (rules R1-R7)."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensorlayer.errors import LabelError, ShapeError
from tensorlayer.labels import Label
from tensorlayer.layout import LogicalLayout
from tensorlayer.shape import Nested, Smooth
from tensorlayer.sparsity import Dense, ElementSparsity, TileSparsity
from tensorlayer.symmetry import Symmetry

Kind = Callable[..., Any]


def smooth(*extents: int) -> Smooth:
    return Smooth(extents)


def symmetry(*extents: int) -> Symmetry:
    return Symmetry.none(len(extents))


def dense(*extents: int) -> Dense:
    return Dense(len(extents))


def empty(*extents: int) -> ElementSparsity:
    return ElementSparsity(extents)


def layout(*extents: int) -> LogicalLayout:
    return LogicalLayout(extents)


KINDS: list[Kind] = [smooth, symmetry, dense, layout]


@pytest.mark.parametrize("kind", KINDS)
def test_matrix_product(kind: Kind) -> None:
    assert (kind(3, 4)["i,k"] * kind(4, 5)["k,j"])["i,j"] == kind(3, 5)


@pytest.mark.parametrize("kind", KINDS)
def test_every_order_of_every_subset_of_labels(kind: Kind) -> None:
    extents = {"k": 2, "l": 3, "i": 2, "j": 3}
    product = kind(2, 3)["k,l"] * kind(2, 3)["i,j"]
    for n in range(5):
        for kept in itertools.permutations(extents, n):
            assert product[",".join(kept)] == kind(*(extents[label] for label in kept))


@pytest.mark.parametrize("kind", KINDS)
def test_permutation_reduction_and_diagonal(kind: Kind) -> None:
    assert kind(2, 3, 4)["i,j,k"]["k,i,j"] == kind(4, 2, 3)
    assert kind(2, 3, 4)["i,j,k"]["k"] == kind(4)
    assert kind(3, 4, 3)["i,j,i"]["i,j"] == kind(3, 4)
    assert kind(3, 3)["i,i"][""] == kind()


@pytest.mark.parametrize("kind", KINDS)
def test_terms_are_reduced_over_their_own_labels(kind: Kind) -> None:
    term = kind(3, 4)["i,k"] * kind(4, 5)["k,j"]
    assert (term - 2 * kind(5, 3)["j,i"] + -kind(3, 5, 7)["i,j,q"])["j,i"] == kind(5, 3)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sum_in_a_product_is_one_factor(kind: Kind) -> None:
    assert ((kind(3, 4)["i,k"] + kind(4, 3)["k,i"]) * kind(4, 5)["k,j"])["i,j"] == kind(3, 5)
    with pytest.raises(LabelError, match="same labels in all its summands"):
        (kind(3, 4)["i,k"] + kind(3)["i"]) * kind(4)["k"]


@pytest.mark.parametrize("kind", KINDS)
def test_broken_label_rules(kind: Kind) -> None:
    with pytest.raises(LabelError, match=r"did you mean 'i,j'\?"):
        kind(3, 4)["ij"]
    with pytest.raises(LabelError, match="rank 2, but 'i,j,k' are 3 labels"):
        kind(3, 4)["i,j,k"]
    with pytest.raises(LabelError, match="every target label occurs in every term"):
        (kind(3, 4)["i,j"] + kind(3)["i"])["i,j"]
    with pytest.raises(LabelError, match="repeats a label"):
        kind(3, 4)["i,j"]["i,i"]


@pytest.mark.parametrize("target", ["i,j", "i,k", ""])
@pytest.mark.parametrize("kind", [smooth, layout, empty])
def test_equal_labels_have_equal_extents(kind: Kind, target: str) -> None:
    with pytest.raises(ShapeError, match="'k' has the extents 4 and 1"):
        (kind(3, 4)["i,k"] * kind(1, 5)["k,j"] * kind(4, 5)["k,j"])[target]


def test_a_label_object_checks_its_extent_and_is_unique() -> None:
    one, other = Label("i"), Label("i")
    assert (Smooth(3)[one] * Smooth(4)[other])[one, other] == Smooth(3, 4)
    with pytest.raises(ShapeError, match="extents 4 and 3"):
        Smooth(3)[Label("i", extent=4)][""]


def test_kinds_do_not_mix() -> None:
    with pytest.raises(TypeError):
        Smooth(3)["i"] * Dense(1)["i"]  # type: ignore[operator]
    with pytest.raises(TypeError):
        Smooth(3)["i"] + 1  # type: ignore[operator]


def test_closing_again_relabels_by_position() -> None:
    closed = (Smooth(3, 4)["i,k"] * Smooth(4, 5)["k,j"])["i,j"]
    assert closed["a,b"]["b,a"] == Smooth(5, 3)


def test_layout_composes_all_three_at_once() -> None:
    tiles = TileSparsity(Nested.from_tiling((4, 4), (2, 2)), [(0, 0), (1, 1)])
    full = LogicalLayout((4, 4), Symmetry.symmetric(2), tiles)
    square = (full["i,j"] * full["i,j"])["i,j"]
    assert square.symmetry == Symmetry.symmetric(2)
    assert isinstance(square.sparsity, TileSparsity)
    assert np.array_equal(square.sparsity.mask, tiles.mask)
    assert (full["i,j"] + LogicalLayout((4, 4))["i,j"])["i,j"].is_plain


def test_a_complex_number_keeps_no_conjugation() -> None:
    hermitian = Symmetry.hermitian(2, 0, 1)
    assert (2.0 * hermitian["i,j"])["i,j"] == hermitian
    assert (2j * hermitian["i,j"])["i,j"].is_none


def test_labelled_expressions_are_values() -> None:
    expression = Smooth(3, 4)["i,k"] * Smooth(4, 5)["k,j"]
    assert pickle.loads(pickle.dumps(expression)) == expression
    assert hash(expression) == hash(Smooth(3, 4)["i,k"] * Smooth(4, 5)["k,j"])


@st.composite
def products(draw: st.DrawFn) -> tuple[list[str], str, dict[str, int]]:
    extents = {label: draw(st.integers(0, 3)) for label in "abcde"}
    inputs = draw(st.lists(st.text("abcde", max_size=3), min_size=1, max_size=3))
    present = sorted(set("".join(inputs)))
    output = draw(st.permutations(present))[: draw(st.integers(0, len(present)))]
    return inputs, "".join(output), extents


@settings(max_examples=100, deadline=None)
@given(products())
def test_shape_of_any_product_is_that_of_einsum(problem: tuple[list[str], str, dict[str, int]]) -> None:
    inputs, output, extents = problem
    arrays = [np.zeros([extents[x] for x in labels]) for labels in inputs]
    expression = Smooth()[""]
    for labels in inputs:
        expression = expression * Smooth(extents[x] for x in labels)[",".join(labels)]
    shape = expression[",".join(output)]
    assert shape.extents == np.einsum(",".join(inputs) + "->" + output, *arrays).shape
