"""The symmetry of products and sums, checked on random arrays."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensorlayer.symmetry import Operation, Permutation, Symmetry, einsum_symmetry, sum_symmetry

FREE, EVEN, ODD = Symmetry.none(2), Symmetry.symmetric(2), Symmetry.antisymmetric(2)
HERMITIAN = Symmetry.hermitian(2, 0, 1)


def random_array(symmetry: Symmetry, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shape = (3,) * symmetry.rank
    return symmetry.transform(rng.normal(size=shape) + 1j * rng.normal(size=shape))


def all_operations(array: np.ndarray) -> Symmetry:
    """Every operation that holds for an array, found by trying."""
    tried = itertools.product(itertools.permutations(range(array.ndim)), (1, -1), (False, True))
    ops = [Operation(Permutation(images), sign, conjugate) for images, sign, conjugate in tried]
    return Symmetry(array.ndim, [op for op in ops if np.allclose(op.transform(array), array, atol=1e-10)])


CASES = [
    ("AA", "ik,jk->ij", [FREE, FREE], EVEN),
    ("AA", "ki,kj->ji", [FREE, FREE], EVEN),
    ("AB", "ik,jk->ij", [FREE, FREE], FREE),
    ("AB", "ij,ij->ij", [EVEN, EVEN], EVEN),
    ("AB", "ij,ij->ij", [EVEN, ODD], ODD),
    ("AB", "ij,ij->ij", [HERMITIAN, HERMITIAN], HERMITIAN),
    ("AB", "ik,kj->ij", [EVEN, EVEN], FREE),
    ("AA", "ik,kj->ij", [EVEN, EVEN], EVEN),
    ("AA", "ik,kj->ij", [ODD, ODD], EVEN),
    ("AA", "ik,kj->ij", [HERMITIAN, HERMITIAN], HERMITIAN),
    ("ABA", "ik,kl,jl->ij", [FREE, EVEN, FREE], EVEN),
    ("ABA", "ik,kl,jl->ij", [FREE, ODD, FREE], ODD),
    ("ABA", "ik,kl,jl->ij", [FREE, FREE, FREE], FREE),
    ("AA", "ij,kl->ijkl", [FREE, FREE], Symmetry.symmetric(4, [(0, 1), (2, 3)])),
    ("AAA", "i,j,k->ijk", [Symmetry.none(1)] * 3, Symmetry.symmetric(3)),
    ("AA", "ij,ij->", [FREE, FREE], Symmetry.none(0)),
    ("A", "ijk->ik", [Symmetry.symmetric(3)], EVEN),
    ("A", "iij->ij", [Symmetry.symmetric(3)], FREE),
    ("A", "ij->ji", [ODD], ODD),
    ("AAAA", "pi,qj,rk,sl->pqrsijkl", [FREE] * 4, Symmetry.symmetric(8, [(0, 4), (1, 5), (2, 6), (3, 7)])),
    (
        "CCCCV",
        "pi,qj,rk,sl,ijkl->pqrs",
        [FREE] * 4 + [Symmetry.symmetric(4, (0, 1)) | Symmetry.symmetric(4, [(0, 1), (2, 3)])],
        Symmetry.symmetric(4, (0, 1)) | Symmetry.symmetric(4, [(0, 1), (2, 3)]),
    ),
]


@pytest.mark.parametrize(
    ("keys", "expression", "symmetries", "expected"), CASES, ids=[f"{c[0]}-{c[1]}-{i}" for i, c in enumerate(CASES)]
)
def test_products(keys: str, expression: str, symmetries: list[Symmetry], expected: Symmetry) -> None:
    inputs, output = expression.split("->")
    found = einsum_symmetry(keys, inputs.split(","), output, symmetries)
    assert found == expected


@pytest.mark.parametrize(
    ("keys", "expression", "symmetries", "expected"),
    CASES[:-2],
    ids=[f"{c[0]}-{c[1]}-{i}" for i, c in enumerate(CASES[:-2])],
)
def test_nothing_more_holds(keys: str, expression: str, symmetries: list[Symmetry], expected: Symmetry) -> None:
    arrays = {key: random_array(symmetry, ord(key)) for key, symmetry in zip(keys, symmetries, strict=True)}
    result = np.einsum(expression, *(arrays[key] for key in keys))
    assert all_operations(result) == expected


def test_products_that_vanish() -> None:
    assert einsum_symmetry("AB", ["ij", "ij"], "", [EVEN, ODD]).is_zero
    assert einsum_symmetry("AB", ["kij", "ij"], "k", [Symmetry.antisymmetric(3), EVEN]).is_zero
    assert einsum_symmetry("A", ["iij"], "j", [Symmetry.antisymmetric(3)]).is_zero
    assert einsum_symmetry("AAB", ["i", "j", "ij"], "", [Symmetry.none(1)] * 2 + [ODD]).is_zero
    assert not einsum_symmetry("AB", ["ij", "ij"], "", [ODD, ODD]).is_zero


def test_conjugated_factors() -> None:
    flags = [False, True]
    assert einsum_symmetry("AA", ["ik", "jk"], "ij", [FREE, FREE], flags) == HERMITIAN
    assert einsum_symmetry("AAB", ["ik", "jl", "kl"], "ij", [FREE, FREE, HERMITIAN], [False, True, False]) == HERMITIAN
    gram = einsum_symmetry("AA", ["ij", "ji"], "ij", [HERMITIAN, HERMITIAN], flags)
    array = random_array(HERMITIAN, 1)
    assert gram.check(array * array.T.conj()) < 1e-14
    assert gram == all_operations(array * array.T.conj())


def test_sums_of_one_tensor_with_its_transpose() -> None:
    pair = ["ij", "ji"]
    assert sum_symmetry("AA", pair, "ij", [FREE, FREE]) == EVEN
    assert sum_symmetry("AA", pair, "ij", [FREE, FREE], [2, -2]) == ODD
    assert sum_symmetry("AA", pair, "ij", [FREE, FREE], [2, -1]) == FREE
    assert sum_symmetry("AB", ["ij", "ij"], "ij", [EVEN, ODD]) == FREE
    assert sum_symmetry("AB", ["ij", "ij"], "ij", [ODD, ODD], [3, -1]) == ODD
    assert sum_symmetry("AA", ["ij", "ij"], "ij", [FREE, FREE], [1, -1]).is_zero
    cyclic = sum_symmetry("AAA", ["ijk", "jki", "kij"], "ijk", [Symmetry.none(3)] * 3)
    assert cyclic == Symmetry(3, [Operation(Permutation((1, 2, 0)))])


def test_long_products_are_given_up_and_hard_ones_are_cheap() -> None:
    assert einsum_symmetry("A" * 7, list("ijklmno"), "ijklmno", [Symmetry.none(1)] * 7).is_none
    start = time.perf_counter()
    labels = ["abcd", "cdef", "efgh", "ghij", "ijkl", "klab"]
    found = einsum_symmetry("A" * 6, labels, "", [Symmetry.symmetric(4)] * 6)
    assert not found.is_zero
    assert time.perf_counter() - start < 2


def test_labels_and_keys_are_names_only() -> None:
    same = [einsum_symmetry([key] * 2, [(x, z), (y, z)], (x, y), [FREE, FREE]) for key, x, y, z in ["Aijk", "Bkji"]]
    assert same[0] is same[1]


@st.composite
def products(draw: st.DrawFn) -> tuple[str, list[str], str, list[Symmetry], list[bool]]:
    kinds = {
        0: [Symmetry.none(0)],
        1: [Symmetry.none(1)],
        2: [FREE, EVEN, ODD, HERMITIAN, Symmetry.antihermitian(2, 0, 1)],
        3: [Symmetry.none(3), Symmetry.symmetric(3), Symmetry.antisymmetric(3), Symmetry.antisymmetric(3, (0, 2))],
    }
    tensors = {key: draw(st.sampled_from(kinds[draw(st.integers(0, 3))])) for key in "AB"}
    keys = draw(st.text("AB", min_size=1, max_size=4))
    inputs = [draw(st.text("ijkl", min_size=(n := tensors[key].rank), max_size=n)) for key in keys]
    present = sorted(set("".join(inputs)))
    output = "".join(draw(st.permutations(present))[: draw(st.integers(0, len(present)))])
    flags = draw(st.lists(st.booleans(), min_size=len(keys), max_size=len(keys)))
    return keys, inputs, output, [tensors[key] for key in keys], flags


@settings(max_examples=300, deadline=None)
@given(products())
def test_what_is_found_for_any_product_holds(problem: tuple[str, list[str], str, list[Symmetry], list[bool]]) -> None:
    keys, inputs, output, symmetries, flags = problem
    found = einsum_symmetry(keys, inputs, output, symmetries, flags)
    arrays = {key: random_array(symmetry, ord(key)) for key, symmetry in zip(keys, symmetries, strict=True)}
    factors = [arrays[key].conj() if flag else arrays[key] for key, flag in zip(keys, flags, strict=True)]
    result = np.einsum(",".join(inputs) + "->" + output, *factors)
    assert found.check(result) <= 1e-11 * (1 + np.abs(result).max())
    assert not found.is_zero or np.abs(result).max() < 1e-11


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_what_is_found_for_any_sum_holds(data: st.DataObject) -> None:
    tensors = {key: data.draw(st.sampled_from([FREE, EVEN, ODD, HERMITIAN])) for key in "AB"}
    keys = data.draw(st.text("AB", min_size=1, max_size=4))
    inputs = [data.draw(st.sampled_from(["ij", "ji"])) for _ in keys]
    weights = [data.draw(st.sampled_from([1, -1, 2])) for _ in keys]
    found = sum_symmetry(keys, inputs, "ij", [tensors[key] for key in keys], weights)
    arrays = {key: random_array(symmetry, ord(key)) for key, symmetry in tensors.items()}
    terms = zip(keys, inputs, weights, strict=True)
    result = sum(w * (arrays[key] if labels == "ij" else arrays[key].T) for key, labels, w in terms)
    assert found.check(result) < 1e-12
