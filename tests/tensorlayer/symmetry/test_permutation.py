"""Permutations and symmetry operations."""

from __future__ import annotations

import itertools
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorlayer.errors import LayoutError
from tensorlayer.symmetry import Operation, Permutation

permutations = st.integers(0, 5).flatmap(lambda n: st.permutations(range(n))).map(tuple).map(Permutation)


@pytest.mark.parametrize("images", [(0, 2), (0, 0), (1, 2, 3), (-1, 0)])
def test_one_line_notation_holds_every_mode_once(images: tuple[int, ...]) -> None:
    with pytest.raises(LayoutError, match="must hold each of 0 to"):
        Permutation(images)


@pytest.mark.parametrize("cycles", [[(0, 1), (1, 2)], [(0, 0)], [(0, 3)], [(-1, 0)]])
def test_cycles_are_disjoint_and_inside(cycles: Any) -> None:
    with pytest.raises(LayoutError, match="need distinct modes from 0 to 2"):
        Permutation.from_cycles(3, *cycles)


def test_apply_follows_the_cycles() -> None:
    assert Permutation.from_cycles(4, (0, 2, 3)).apply("abcd") == ("d", "b", "a", "c")
    assert Permutation((1, 0, 2)).apply("abc") == ("b", "a", "c")


def test_canonical_cycles() -> None:
    assert Permutation.from_cycles(5, (3, 1), (4,), (2, 0)).cycles == ((0, 2), (1, 3))
    assert Permutation.from_cycles(3, (2, 0, 1)) == Permutation.from_cycles(3, (0, 1, 2))
    assert Permutation.identity(3).cycles == ()
    assert Permutation((1, 0)) != Permutation((1, 0, 2))


@given(permutations)
def test_cycles_and_inverse_round_trip(permutation: Permutation) -> None:
    assert Permutation.from_cycles(permutation.rank, *permutation.cycles) == permutation
    assert permutation.compose(permutation.inverse()).is_identity
    assert pickle.loads(pickle.dumps(permutation)) == permutation


def test_compose_applies_the_argument_first() -> None:
    for a, b in itertools.product(map(Permutation, itertools.permutations(range(3))), repeat=2):
        assert a.compose(b).apply("xyz") == a.apply(b.apply("xyz"))
    with pytest.raises(LayoutError, match="rank 2 and 3"):
        Permutation((1, 0)).compose(Permutation((1, 0, 2)))


@given(permutations, st.sampled_from([1, -1]), st.booleans())
def test_transform_is_the_equality_written_out(permutation: Permutation, sign: int, conjugate: bool) -> None:
    operation = Operation(permutation, sign, conjugate)
    extents = tuple(range(2, 2 + permutation.rank))
    values = np.arange(np.prod(extents, dtype=int)) * (1 + 2j)
    array = values.reshape(permutation.apply(extents))
    made = operation.transform(array)
    assert made.shape == extents
    for index in np.ndindex(extents):
        source = array[permutation.apply(index)]
        assert made[index] == sign * (source.conjugate() if conjugate else source)


def test_signs() -> None:
    with pytest.raises(LayoutError, match="is 1 or -1, got 2"):
        Operation(Permutation((1, 0)), sign=2)
    turn = Operation(Permutation((1, 0)), -1, conjugate=True)
    assert turn.compose(turn) == Operation(Permutation.identity(2))
    assert Operation(Permutation((0, 1)), -1).is_zero
    assert not turn.is_zero
