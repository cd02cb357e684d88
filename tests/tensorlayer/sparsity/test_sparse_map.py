"""The algebra of sparse maps against sets of pairs."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorlayer.errors import LayoutError
from tensorlayer.shape import Jagged, Nested, Smooth
from tensorlayer.sparsity import ElementSparsity, SparseMap, TileSparsity

A, B, C = Smooth(4), Smooth(3), Smooth(2, 2)
Pairs = set[tuple[tuple[int, ...], tuple[int, ...]]]


def maps(left: Smooth, right: Smooth) -> st.SearchStrategy[SparseMap]:
    pair = st.tuples(st.sampled_from(list(left)), st.sampled_from(list(right)))
    return st.lists(pair, max_size=8).map(lambda pairs: SparseMap.from_pairs(left, right, pairs))


def pairs(relation: SparseMap) -> Pairs:
    return set(relation.pairs())


@given(maps(A, B), maps(A, B))
def test_union_and_intersection(one: SparseMap, other: SparseMap) -> None:
    assert pairs(one + other) == pairs(one) | pairs(other)
    assert pairs(one ^ other) == pairs(one) & pairs(other)


@given(maps(A, B), maps(B, C))
def test_inverse_and_chain(one: SparseMap, after: SparseMap) -> None:
    assert pairs(one.inverse()) == {(b, a) for a, b in pairs(one)}
    assert one.inverse().inverse() == one
    assert pairs(one.chain(after)) == {(a, c) for a, b in pairs(one) for m, c in pairs(after) if m == b}
    assert one.chain(after).inverse() == after.inverse().chain(one.inverse())


@given(maps(A, B), maps(A, C))
def test_products(one: SparseMap, other: SparseMap) -> None:
    joint = one * other
    assert joint.dependent == Smooth(3, 2, 2)
    assert pairs(joint) == {(a, b + c) for a, b in pairs(one) for k, c in pairs(other) if k == a}
    direct = one.direct_product(other)
    assert direct.independent == Smooth(4, 4)
    assert pairs(direct) == {(a + k, b + c) for a, b in pairs(one) for k, c in pairs(other)}


@given(maps(A, C))
def test_sparsity_of_a_tensor_with_both_labels(relation: SparseMap) -> None:
    sparsity = relation.sparsity()
    assert sparsity == ElementSparsity((4, 2, 2), [a + b for a, b in relation.pairs()])


@given(maps(Smooth(5), Smooth(6)))
def test_tiles(relation: SparseMap) -> None:
    rows, columns = Nested.from_tiling((5,), (2,)), Nested.from_tiling((6,), ((1, 5),))
    both = relation.to_tiles(rows, columns)
    assert pairs(both) == {(rows.block_of(a), columns.block_of(b)) for a, b in relation.pairs()}
    left, right = relation.to_tiles(rows), relation.to_tiles(dependent=columns)
    assert pairs(left) == {(rows.block_of(a), b) for a, b in relation.pairs()}
    assert pairs(right) == {(a, columns.block_of(b)) for a, b in relation.pairs()}
    mask = np.zeros((5, 6), dtype=bool)
    for a, b in relation.pairs():
        mask[a + b] = True
    for coarse in (both, left, right):
        sparsity = coarse.sparsity()
        assert isinstance(sparsity, TileSparsity)
        elements = coarse.to_elements().sparsity()
        assert isinstance(elements, ElementSparsity)
        for index in np.ndindex(5, 6):
            assert sparsity.is_zero(index) == elements.is_zero(index)
            assert not (mask[index] and sparsity.is_zero(index))
    exact = TileSparsity.from_sparsity(relation.sparsity(), Nested(((2, 2, 1), (1, 5))))
    assert both.sparsity() == exact


def test_from_predicate() -> None:
    near = SparseMap.from_predicate(lambda i, j: abs(i - j) <= 1, Smooth(4), Smooth(4))
    expected = np.abs(np.subtract.outer(range(4), range(4))) <= 1
    assert near.sparsity() == ElementSparsity.from_array(expected)
    assert near[3] == {(2,), (3,)}
    tiles = Nested.from_tiling((4,), (2,))
    assert pairs(SparseMap.from_predicate(lambda i, j: i <= j, tiles, tiles)) == {
        ((0,), (0,)),
        ((0,), (1,)),
        ((1,), (1,)),
    }


def test_values() -> None:
    relation = SparseMap(A, B, {0: [1, 2], 3: [0], 2: []})
    assert relation == SparseMap(A, B, {(3,): [(0,)], (0,): [2, 1, 1]})
    assert hash(relation) == hash(SparseMap(A, B, {3: [0], 0: [1, 2]}))
    assert pickle.loads(pickle.dumps(relation)) == relation
    assert list(relation) == [(0,), (3,)]
    assert len(relation) == 2
    assert relation[1] == frozenset()
    with pytest.raises(AttributeError):
        relation.independent = B  # type: ignore[misc]
    assert repr(relation) == "SparseMap(Smooth(4), Smooth(3), {(0,): [(1,), (2,)], (3,): [(0,)]})"


def test_wrong_input() -> None:
    relation = SparseMap(A, B, {0: [1]})
    with pytest.raises(LayoutError, match="index 3 of a space"):
        SparseMap(A, B, {0: [3]})
    with pytest.raises(LayoutError, match="index 4 of a space"):
        SparseMap(A, B, {4: [0]})
    with pytest.raises(LayoutError, match="index 4 of a space"):
        relation[4]
    with pytest.raises(LayoutError, match="Smooth or Nested"):
        SparseMap(Jagged([Smooth(1)]), B, {})
    with pytest.raises(LayoutError, match="spaces must be equal"):
        relation + relation.inverse()
    with pytest.raises(LayoutError, match="one middle space"):
        relation.chain(relation)
    with pytest.raises(LayoutError, match="one independent space"):
        relation * relation.inverse()
    with pytest.raises(LayoutError, match="do not cover"):
        relation.to_tiles(Nested.from_tiling((5,), (2,)))
