"""Groups of symmetry operations against arrays that have them."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensorlayer.errors import LayoutError
from tensorlayer.shape import Nested
from tensorlayer.symmetry import Operation, Permutation, Symmetry

ERI = Symmetry.symmetric(4, (0, 1)) | Symmetry.symmetric(4, (2, 3)) | Symmetry.symmetric(4, [(0, 1), (2, 3)])
AMPLITUDES = Symmetry.antisymmetric(4, (0, 1)) | Symmetry.antisymmetric(4, (2, 3))
SYMMETRIES = [
    Symmetry.none(3),
    Symmetry.symmetric(3),
    Symmetry.antisymmetric(3),
    Symmetry.symmetric(3, (0, 2)),
    Symmetry.hermitian(2, 0, 1),
    Symmetry.antihermitian(2, 0, 1),
    Symmetry.hermitian(4, (0, 1), (2, 3)),
    Symmetry.antisymmetric(4, [(0, 1), (2, 3)]),
    ERI,
    AMPLITUDES,
    AMPLITUDES | Symmetry.hermitian(4, (0, 1), (2, 3)),
    Symmetry.hermitian(2, 0, 1) | Symmetry.symmetric(2),
    Symmetry.antisymmetric(2) | Symmetry.symmetric(2),
]


def array_with(symmetry: Symmetry, seed: int, extent: int = 3) -> np.ndarray:
    """The mean over the group, written out by the element."""
    rng = np.random.default_rng(seed)
    shape = (extent,) * symmetry.rank
    raw = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    mean = np.zeros(shape, dtype=complex)
    for op in symmetry.operations:
        for index in np.ndindex(shape):
            source = raw[op.permutation.apply(index)]
            mean[index] += op.sign * (source.conjugate() if op.conjugate else source)
    return mean / symmetry.order


@pytest.mark.parametrize("symmetry", SYMMETRIES, ids=repr)
def test_representatives_give_every_element(symmetry: Symmetry) -> None:
    array = array_with(symmetry, 1)
    for index in np.ndindex(array.shape):
        element, sign, conjugate = symmetry.representative(index)
        source = array[element].conjugate() if conjugate else array[element]
        assert array[index] == pytest.approx(sign * source, abs=1e-14)
        assert element <= index
        assert symmetry.representative(element).element == element


@pytest.mark.parametrize("symmetry", SYMMETRIES, ids=repr)
def test_orbits_partition_the_elements(symmetry: Symmetry) -> None:
    array = array_with(symmetry, 2)
    orbits = {frozenset(symmetry.orbit(index)) for index in np.ndindex(array.shape)}
    assert sum(map(len, orbits)) == array.size
    for index in np.ndindex(array.shape):
        for other, op in symmetry.orbit(index).items():
            assert array[other] == pytest.approx(complex(op.transform(array)[other]), abs=1e-14)
            assert op.permutation.apply(other) == index


@pytest.mark.parametrize("symmetry", SYMMETRIES, ids=repr)
def test_unique_indices_are_one_of_each_orbit_that_need_not_vanish(symmetry: Symmetry) -> None:
    array = array_with(symmetry, 3)
    unique = list(symmetry.unique_indices(array.shape))
    assert unique == sorted(unique)
    assert len(unique) == symmetry.count_unique(array.shape)
    covered = [other for index in unique for other in symmetry.orbit(index)]
    assert len(covered) == len(set(covered))
    assert {tuple(map(int, index)) for index in np.argwhere(np.abs(array) > 1e-12)} == set(covered)


@pytest.mark.parametrize("symmetry", SYMMETRIES, ids=repr)
def test_unique_blocks_and_their_mirrors_give_the_array(symmetry: Symmetry) -> None:
    array = array_with(symmetry, 4, extent=4)
    tiling = Nested.from_tiling(array.shape, ((1, 3),) * symmetry.rank)
    copy, written = np.full_like(array, np.nan), 0
    for tile in symmetry.unique_blocks(tiling):
        block = array[tiling.block(tile)]
        for other, op in symmetry.orbit(tile).items():
            copy[tiling.block(other)] = op.transform(block)
            written += block.size
    assert written == array.size
    np.testing.assert_allclose(copy, array, atol=1e-14)


@pytest.mark.parametrize("symmetry", SYMMETRIES, ids=repr)
def test_check_and_transform(symmetry: Symmetry) -> None:
    array = array_with(symmetry, 5)
    assert symmetry.check(array) < 1e-14
    raw = np.random.default_rng(6).normal(size=array.shape) + 1j
    np.testing.assert_allclose(symmetry.check(symmetry.transform(raw)), 0, atol=1e-14)
    assert symmetry.is_none or symmetry.check(raw) > 0.01


def test_check_is_the_largest_difference() -> None:
    assert Symmetry.symmetric(2).check(np.array([[0.0, 1.0], [4.0, 0.0]])) == 3
    assert Symmetry.antisymmetric(2).check(np.array([[1.0, 1.0], [-1.0, 0.0]])) == 2
    assert Symmetry.hermitian(2, 0, 1).check(np.array([[0, 1j], [1j, 0]])) == 2
    assert Symmetry.symmetric(2).check(np.zeros((0, 0))) == 0
    assert np.isnan(Symmetry.symmetric(2).check(np.array([[np.nan]])))


@pytest.mark.parametrize("symmetry", SYMMETRIES, ids=repr)
def test_values(symmetry: Symmetry) -> None:
    again = pickle.loads(pickle.dumps(symmetry))
    assert again == symmetry
    assert hash(again) == hash(symmetry)
    assert Symmetry(symmetry.rank, reversed(list(symmetry.operations))) == symmetry
    with pytest.raises(AttributeError):
        symmetry.rank = 7  # type: ignore[misc]


def test_equality_ignores_order_and_the_identity() -> None:
    one, two, same = (Operation(Permutation(p)) for p in [(1, 0, 2), (0, 2, 1), (0, 1, 2)])
    assert Symmetry(3, [one, two]) == Symmetry(3, [two, same, one]) == Symmetry.symmetric(3)
    assert Symmetry(3, [one]) != Symmetry(3, [two])
    assert Symmetry.none(2) != Symmetry.none(3)


def test_orders() -> None:
    assert ERI.order == 8
    assert Symmetry.symmetric(5).order == 120
    assert Symmetry.symmetric(4, [(0, 1), (2, 3)]).mode_orbits == ((0, 2), (1, 3))
    assert ERI.count_unique((10,) * 4) == 55 * 56 // 2
    assert AMPLITUDES.count_unique((10,) * 4) == 45 * 45


def test_even_operations_survive_an_even_function() -> None:
    assert AMPLITUDES.even().order == 2
    array = array_with(AMPLITUDES, 7)
    assert AMPLITUDES.even().check(np.abs(array)) < 1e-14


def test_contradictions_mean_zero() -> None:
    both = Symmetry.symmetric(2) | Symmetry.antisymmetric(2)
    assert both.is_zero
    assert list(both.unique_indices((2, 2))) == []
    assert not (Symmetry.hermitian(2, 0, 1) | Symmetry.antisymmetric(2)).is_zero


@pytest.mark.parametrize("symmetry", SYMMETRIES, ids=repr)
def test_slices_and_chips_keep_what_still_holds(symmetry: Symmetry) -> None:
    array, rank = array_with(symmetry, 8, extent=4), symmetry.rank
    for first, last in [([0] * rank, [2] * rank), ([0, 1, 1, 1][:rank], [2, 4, 4, 4][:rank])]:
        box = tuple(map(slice, first, last))
        assert symmetry.slice(first, last).check(array[box]) < 1e-14
    assert symmetry.slice([1] * rank, [3] * rank) == symmetry
    for at in ({0: 1}, {1: 3}, {0: 2, rank - 1: 2}):
        chip = array[tuple(at.get(mode, slice(None)) for mode in range(rank))]
        assert symmetry.chip(at).check(chip) < 1e-14


def test_the_stabiliser_of_a_slice() -> None:
    assert Symmetry.symmetric(3).slice((0, 0, 1), (2, 2, 3)) == Symmetry.symmetric(3, (0, 1))
    assert ERI.chip({0: 1}) == Symmetry.symmetric(3, (1, 2))
    assert ERI.chip({0: 1, 2: 1}) == Symmetry.symmetric(2)
    assert ERI.chip({0: 1, 2: 0}) == Symmetry.none(2)


def test_wrong_input() -> None:
    with pytest.raises(LayoutError, match="rank 2 in a symmetry of rank 3"):
        Symmetry(3, [Operation(Permutation((1, 0)))])
    with pytest.raises(LayoutError, match="equal lengths"):
        Symmetry.symmetric(3, [(0, 1), (2,)])
    with pytest.raises(LayoutError, match="need distinct modes"):
        Symmetry.symmetric(3, [0, 0])
    with pytest.raises(LayoutError, match="need distinct modes"):
        Symmetry.hermitian(4, (0, 1), (1, 2))
    with pytest.raises(LayoutError, match=r"exchanges the modes \(0, 1\), whose extents must be equal"):
        Symmetry.symmetric(2).count_unique((2, 3))
    with pytest.raises(LayoutError, match="there are 3 extents"):
        Symmetry.symmetric(2).check(np.zeros((2, 2, 2)))
    with pytest.raises(LayoutError, match="tilings must be equal"):
        list(Symmetry.symmetric(2).unique_blocks(Nested.from_tiling((4, 4), (2, 4))))
    with pytest.raises(LayoutError, match="rank 2 and 3"):
        Symmetry.none(2) | Symmetry.none(3)
    with pytest.raises(LayoutError, match="more than 50000 operations"):
        Symmetry.symmetric(9)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_group_is_a_group_and_holds_for_its_arrays(data: st.DataObject) -> None:
    rank = data.draw(st.integers(0, 4))
    operations = st.builds(
        Operation, st.permutations(range(rank)).map(tuple).map(Permutation), st.sampled_from([1, -1]), st.booleans()
    )
    symmetry = Symmetry(rank, data.draw(st.lists(operations, max_size=3)))
    for a in list(symmetry.operations)[:12]:
        for b in list(symmetry.operations)[:12]:
            assert a.compose(b) in symmetry.operations
    array = array_with(symmetry, 9, extent=2)
    assert symmetry.check(array) < 1e-14
    assert not symmetry.is_zero or np.abs(array).max() < 1e-14
    unique = list(symmetry.unique_indices(array.shape))
    assert symmetry.count_unique(array.shape) == len(unique)
    assert len({other for i in unique for other in symmetry.orbit(i)}) == np.count_nonzero(np.abs(array) > 1e-12)
