"""The sparsity of products against dense masks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorlayer.sparsity.composition as composition
from tensorlayer.errors import ShapeError
from tensorlayer.shape import Nested
from tensorlayer.sparsity import Dense, ElementSparsity, Sparsity, TileSparsity, einsum_sparsity, sum_sparsity

EXTENTS = {"i": 3, "j": 4, "k": 5, "l": 2}
TILINGS = {"i": [(3,), (1, 2)], "j": [(2, 2), (1, 3)], "k": [(2, 3), (5,), (4, 1)], "l": [(2,), (1, 1)]}


@st.composite
def products(draw: st.DrawFn) -> tuple[list[str], str, list[np.ndarray]]:
    inputs = draw(st.lists(st.text("ijkl", max_size=3), min_size=1, max_size=3))
    present = sorted(set("".join(inputs)))
    output = "".join(draw(st.permutations(present))[: draw(st.integers(0, len(present)))])
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    arrays = []
    for labels in inputs:
        shape = [EXTENTS[x] for x in labels]
        arrays.append(rng.uniform(0.5, 2, shape) * (rng.random(shape) < rng.choice([0.1, 0.3, 0.7])))
    return inputs, output, arrays


def result_of(inputs: list[str], output: str, arrays: list[np.ndarray]) -> np.ndarray:
    return np.asarray(np.einsum(",".join(inputs) + "->" + output, *arrays))


def possible(sparsity: Sparsity, shape: tuple[int, ...]) -> np.ndarray:
    mask = np.zeros(shape, dtype=bool)
    for index in np.ndindex(shape):
        mask[index] = not sparsity.is_zero(index)
    return mask


@settings(max_examples=200, deadline=None)
@given(products(), st.lists(st.booleans(), min_size=3, max_size=3))
def test_elements_are_exact(problem: tuple[list[str], str, list[np.ndarray]], known: list[bool]) -> None:
    """Positive elements cannot cancel, so the result is non-zero exactly where it may be."""
    inputs, output, arrays = problem
    told = known[: len(arrays)]
    sparsities = [ElementSparsity.from_array(a) if k else Dense(a.ndim) for a, k in zip(arrays, told, strict=True)]
    filled = [a if k else np.ones_like(a) for a, k in zip(arrays, told, strict=True)]
    expected = result_of(inputs, output, filled)
    found = einsum_sparsity(inputs, output, sparsities, EXTENTS)
    assert np.array_equal(possible(found, expected.shape), expected != 0)


@settings(max_examples=200, deadline=None)
@given(products(), st.lists(st.sampled_from("TED"), min_size=3, max_size=3), st.randoms())
def test_tiles_bound_the_result(
    problem: tuple[list[str], str, list[np.ndarray]], kinds: list[str], random: st.DataObject
) -> None:
    inputs, output, arrays = problem
    sparsities: list[Sparsity] = []
    for labels, array, kind in zip(inputs, arrays, kinds, strict=False):
        tiling = Nested([random.choice(TILINGS[x]) for x in labels])  # type: ignore[attr-defined]
        made = {
            "T": TileSparsity.from_array(array, tiling),
            "E": ElementSparsity.from_array(array),
            "D": Dense(array.ndim),
        }
        sparsities.append(made[kind])
    signs = np.random.default_rng(0)
    signed = [array * signs.choice([1, -1], array.shape) for array in arrays]
    found = einsum_sparsity(inputs, output, sparsities, EXTENTS)
    result, positive = result_of(inputs, output, signed), result_of(inputs, output, arrays)
    assert (possible(found, positive.shape) >= (positive != 0)).all()
    if isinstance(found, TileSparsity):
        for tile, block in found.tiling.blocks():
            assert np.linalg.norm(np.ravel(result[block])) <= found.norm(tile) * (1 + 1e-12)


@settings(max_examples=100, deadline=None)
@given(products())
def test_tiles_of_length_one_are_as_good_as_elements(problem: tuple[list[str], str, list[np.ndarray]]) -> None:
    inputs, output, arrays = problem
    tiles = [TileSparsity.from_array(a, Nested.from_tiling(a.shape, (1,) * a.ndim)) for a in arrays]
    expected = result_of(inputs, output, arrays)
    assert np.array_equal(possible(einsum_sparsity(inputs, output, tiles), expected.shape), expected != 0)


def test_a_contraction_of_dense_tiles_is_bounded_not_unknown() -> None:
    grid = Nested.from_tiling((4, 4), (2, 2))
    norms = np.array([[3.0, 0.0], [4.0, 5.0]])
    found = einsum_sparsity(["ik", "kj"], "ij", [TileSparsity.from_norms(grid, norms)] * 2)
    assert isinstance(found, TileSparsity)
    np.testing.assert_allclose(found.norms, norms @ norms)
    lone = einsum_sparsity(["ik"], "i", [TileSparsity.from_norms(grid, norms)])
    assert isinstance(lone, TileSparsity)
    np.testing.assert_allclose(lone.norms, norms.sum(1) * np.sqrt(2))


def test_nothing_bounds_a_product_with_a_dense_factor() -> None:
    tiles = TileSparsity.from_norms(Nested.from_tiling((4, 4), (2, 2)), np.array([[3.0, 1.0], [0.0, 0.0]]))
    found = einsum_sparsity(["ik", "kj"], "ij", [tiles, Dense(2)], {"j": 3})
    assert isinstance(found, TileSparsity)
    assert np.array_equal(found.norms, [[np.inf], [0]])


def test_a_threshold_skips_a_block_before_it_is_formed() -> None:
    grid = Nested.from_tiling((4, 4), (2, 2))
    tiles = TileSparsity.from_norms(grid, np.array([[1.0, 1e-3], [1e-3, 1e-3]]), threshold=1e-4)
    found = einsum_sparsity(["ij", "ij"], "ij", [tiles, tiles])
    assert isinstance(found, TileSparsity)
    assert list(found.non_zero_tiles()) == [(0, 0)]


def test_tiny_products_do_not_claim_to_be_zero() -> None:
    grid = Nested.from_tiling((2,), (1,))
    tiny = TileSparsity.from_norms(grid, np.array([1e-200, 0.0]))
    found = einsum_sparsity(["i", "i"], "i", [tiny, tiny])
    assert isinstance(found, TileSparsity)
    assert list(found.non_zero_tiles()) == [(0,)]


def test_dense_where_nothing_is_known() -> None:
    assert einsum_sparsity(["ij", "jk"], "ik", [Dense(2), Dense(2)], EXTENTS) == Dense(2)
    some = ElementSparsity((3,), [(1,)])
    assert einsum_sparsity(["i", "ij"], "ij", [some, Dense(2)]) == Dense(2)
    assert einsum_sparsity(["i", "ij"], "ij", [some, Dense(2)], {"j": 2}) == ElementSparsity((3, 2), [(1, 0), (1, 1)])
    full = ElementSparsity.from_array(np.ones((3, 3)))
    assert einsum_sparsity(["ij", "jk"], "ik", [full, full]) == Dense(2)


def test_long_lists_are_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composition, "MAX_ROWS", 10)
    some = ElementSparsity((5,), [(0,), (1,), (2,), (3,)])
    assert einsum_sparsity(["i", "j"], "ij", [some, some]) == Dense(2)


def test_unequal_extents() -> None:
    with pytest.raises(ShapeError, match="'j' has the extents 3 and 4"):
        einsum_sparsity(["ij", "jk"], "ik", [ElementSparsity((2, 3)), ElementSparsity((4, 2))])
    with pytest.raises(ShapeError, match="'j' has the extents 3 and 4"):
        einsum_sparsity(["ij"], "i", [ElementSparsity((2, 3))], {"j": 4})


def test_sums() -> None:
    one, other = ElementSparsity((3,), [(0,)]), ElementSparsity((3,), [(2,)])
    assert sum_sparsity([one, other, one]) == ElementSparsity((3,), [(0,), (2,)])
    assert sum_sparsity([one, Dense(1)]) == Dense(1)
