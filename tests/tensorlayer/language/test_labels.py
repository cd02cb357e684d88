"""The algebra of label lists, and label objects: two labels of one name are two indices."""

from __future__ import annotations

import gc

import numpy as np
import pytest

import tensorlayer as tl
from tensorlayer.errors import LabelError, ShapeError
from tensorlayer.labels import as_labels
from tensorlayer.language import bounded, expression, signature, tensor
from tensorlayer.language.evaluation import plan_cache

parse = tl.Labels.parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("  ", ()),
        ("p", ("p",)),
        (" p , qr ", ("p", "qr")),
        ("my index,k", ("myindex", "k")),
        ("i',i''", ("i'", "i''")),
    ],
)
def test_parsing(text: str, expected: tuple[str, ...]) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize("text", ["p,", ",p", "p,,q", ",", "p, ", "1", "i+j", "i;j", "i.j", "'", "-1"])
def test_malformed(text: str) -> None:
    with pytest.raises(LabelError):
        parse(text)


def test_repeats() -> None:
    labels = parse("p,p")
    assert (len(labels), len(labels.unique), labels.has_repeats) == (2, 1, True)
    assert labels.find("p") == (0, 1)
    assert labels.find("q") == ()
    assert labels.count("p") == 2


def test_equality() -> None:
    assert parse("p,Q") != parse("p,q")
    assert parse("p,q") != parse("q,p")
    assert parse(" p,q") == parse("p , q")


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [("p,q", "q,p", True), ("p,q", "p,r", False), ("p,p,q", "p,q,q", False), ("", "", True)],
)
def test_is_permutation(left: str, right: str, expected: bool) -> None:
    assert parse(left).is_permutation_of(parse(right)) is expected


def test_permutation_says_where_mine_are() -> None:
    assert parse("p,qr,s").permutation(parse("s,p,qr")) == (1, 2, 0)
    assert parse("s,p,qr").permutation(parse("p,qr,s")) == (2, 0, 1)
    for left, right in [("p,q", "p"), ("p,p", "p,p"), ("p,q", "p,r")]:
        with pytest.raises(LabelError, match="not two orders of the same distinct labels"):
            parse(left).permutation(parse(right))


def test_set_algebra() -> None:
    assert parse("p,q").concatenation(parse("p,r")) == parse("p,q,p,r")
    assert parse("p,q,p").intersection(parse("r,p")) == parse("p")
    assert parse("p,q,p").difference(parse("q")) == parse("p")


@pytest.mark.parametrize(
    ("out", "left", "right", "expected"),
    [
        ("p,q", "p,q", "q,p", True),
        ("p,q", "p,r", "r,q", False),
        ("p,q,r,t", "p,q", "r,t", False),
        ("p,p", "p,p", "p,p", False),
    ],
)
def test_is_hadamard_product(out: str, left: str, right: str, expected: bool) -> None:
    assert parse(out).is_hadamard_product(parse(left), parse(right)) is expected


@pytest.mark.parametrize(
    ("out", "left", "right", "expected"),
    [
        ("p,q", "p,r", "r,q", True),
        ("p,q", "p,q", "q,p", False),
        ("p,q", "p,q,r", "p,r,q", False),
        ("p,q,r,t", "p,q", "r,t", False),
        ("q,p", "p,r", "r,q", True),
    ],
)
def test_is_contraction(out: str, left: str, right: str, expected: bool) -> None:
    assert parse(out).is_contraction(parse(left), parse(right)) is expected


@pytest.mark.parametrize("key", [3, None, 1.5, ("i", 3), [None]])
def test_what_is_no_label(key: object) -> None:
    with pytest.raises(LabelError, match="expected"):
        as_labels(key)


# -- objects ---------------------------------------------------------------------------------------------------

A, B = np.arange(4.0).reshape(2, 2), np.array([[5.0, -1.0], [2.0, 8.0]])


def product(left: tl.Tensor, right: tl.Tensor) -> tl.Expression:
    """A factory whose dummy nobody can capture."""
    k = tl.Label("k")
    return left["i", k] * right[k, "j"]


def test_dummies_of_a_factory_are_never_captured() -> None:
    a, b, C = tl.tensor(A), tl.tensor(B), tl.Tensor()
    C["i,j"] = product(a, b) * product(b, a)
    np.testing.assert_allclose(C, (A @ B) * (B @ A))
    k = tl.Label("k")
    C["i,j"] = (a["i", k] * b[k, "j"]) * (b["i", k] * a[k, "j"])
    np.testing.assert_allclose(C, np.einsum("ik,kj,ik,kj->ij", A, B, B, A))


def test_strings_and_objects_of_one_name_are_two_labels() -> None:
    i = tl.Label("i")
    np.testing.assert_array_equal((tl.tensor(A)["i", i] * 1.0)["i"], A.sum(1))


def test_labels_with_extents_are_checked_where_they_are_used() -> None:
    i, j = tl.labels("i, j", extent=2)
    assert (i.name, j.extent) == ("i", 2)
    np.testing.assert_array_equal((tl.tensor(A)[i, j] * 1.0)[j, i], A.T)
    with pytest.raises(ShapeError, match="labels a mode of extent 3"):
        tl.tensor(np.ones((2, 3)))[i, j]


@pytest.mark.parametrize(
    "options", [{"extent": -1}, {"extent": 2.5}, {"tiling": (1, 2), "extent": 4}, {"tiling": (0, 2)}]
)
def test_bad_labels(options: dict[str, object]) -> None:
    with pytest.raises(ShapeError, match="label 'i'"):
        tl.Label("i", **options)  # type: ignore[arg-type]


def test_new_labels_ask_for_no_new_plan() -> None:
    a, b = tl.tensor(A), tl.tensor(B)
    np.testing.assert_allclose(product(a, b)["i,j"], A @ B)
    planned = plan_cache.misses
    for _ in range(3):
        np.testing.assert_allclose(product(b, a)["i,j"], B @ A)
    assert plan_cache.misses == planned
    i, k = tl.labels("i k")
    np.testing.assert_allclose((a[i, k] * b[i, k])[i], (A * B).sum(1))
    assert plan_cache.misses == planned + 1


def test_labels_made_in_a_loop_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "MOST", 200)
    a, b = tl.tensor(A), tl.tensor(B)
    for _ in range(500):
        recorded = product(a, b)["i,j"]
    for memory in (signature._combined, signature._targets, expression._MULTIPLY, tensor._LEAVES):
        assert len(memory) <= 200
    gc.collect()
    assert len(signature._signatures) <= 1000
    np.testing.assert_allclose(recorded, A @ B)


def test_another_label_of_the_same_name_is_told_apart() -> None:
    i, other = tl.Label("i"), tl.Label("i")
    with pytest.raises(
        LabelError, match=r"has 'i' \(with another label called 'i': a label object equals itself only\)"
    ):
        tl.tensor(np.ones(3))[i][other]
