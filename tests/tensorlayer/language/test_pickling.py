"""Pickling and copying of tensors, expressions, labels and programs."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorlayer as tl

Wrap = Callable[[Any], tl.Tensor]
array = np.arange(6.0).reshape(2, 3)


def sent(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))


def hilbert(i: Any, j: Any) -> Any:
    return 1.0 / (1 + i + j)


def test_given_and_computed_tensors(wrap: Wrap) -> None:
    A = wrap(array)
    C = (A["i,k"] * A["j,k"])["i,j"].compute()
    for tensor in (A, C):
        received = sent(tensor)
        assert (received.is_computed, received.backend) == (True, tensor.backend)
        np.testing.assert_array_equal(received, tensor)


def test_what_was_declared_is_kept() -> None:
    S = tl.tensor(np.eye(3), symmetry=tl.Symmetry.symmetric(2), name="S")
    received = sent(S)
    assert received.value.symmetry == S.value.symmetry
    assert received.value.name == "S"


def test_closed_tensors_keep_their_labels() -> None:
    closed = sent((tl.tensor(array)["i,k"] * 2.0)["k,i"])
    assert isinstance(closed, tl.Closed)
    assert closed.labels == ("k", "i")
    np.testing.assert_array_equal((closed * 1.0)["i,k"], array * 2)


def test_expressions() -> None:
    expression = sent(tl.exp(tl.tensor(array)["i,k"]) + 1.0)
    assert expression.labels == ("i", "k")
    np.testing.assert_allclose(expression["k,i"], np.exp(array).T + 1)


def test_signatures_stay_interned() -> None:
    """Rules are checked by identity of signatures, on the other side as well."""
    A = tl.tensor(array)
    assert sent(A["i,k"] * 2.0).signature is (A["i,k"] * 2.0).signature
    assert sent(A["i,k"] + 2.0).signature is (A["i,k"] + 2.0).signature


def test_shared_values_stay_shared() -> None:
    A, C, D = tl.tensor(array), tl.Tensor(), tl.Tensor()
    C["i,j"] = A["i,k"] * A["j,k"]
    D["i"] = C["i,i"] + A["i", 0]
    received_C, received_D = sent((C, D))
    leaf = received_D.value.expression.operands[0].operands[0]
    assert leaf is received_C.value
    tl.evaluate(received_C, received_D)
    np.testing.assert_array_equal(received_D, np.diag(array @ array.T) + array[:, 0])


def test_labels_are_the_same_within_a_pickle_only() -> None:
    i, k = tl.labels("i k")
    A, received_i, received_k = sent((tl.tensor(array)[i, k], i, k))
    assert A.labels == (received_i, received_k)
    assert received_i is not i
    assert (received_i.name, received_i.extent) == ("i", None)
    np.testing.assert_array_equal(A[received_k, received_i], array.T)


def test_label_with_everything() -> None:
    label = sent(tl.Label("k", extent=4, tiling=(1, 3)))
    assert (label.name, label.extent, label.tiling) == ("k", 4, (1, 3))


def test_on_demand_tensors_and_parts() -> None:
    G = tl.tensor(hilbert, shape=(5, 5))
    received = sent(G[1:, ::2])
    assert not received.is_computed
    np.testing.assert_allclose(received, hilbert(*np.indices((5, 5)))[1:, ::2])


def test_functions_without_a_name_are_refused() -> None:
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(tl.tensor(lambda i: i, shape=(3,)))


def test_empty_tensors() -> None:
    assert sent(tl.Tensor()).equals(tl.Tensor())


def test_gradients_can_be_taken_on_the_other_side() -> None:
    x = tl.tensor([1.0, 2.0])
    received, E = sent((x, (x["i"] ** 2)[""]))
    np.testing.assert_array_equal(tl.grad(E, received), [2, 4])


def test_programs() -> None:
    program = sent(tl.program("C[i] = 2.0 * A[i,k]"))
    assert program.inputs == ("A",)
    np.testing.assert_array_equal(program(A=array), 2 * array.sum(1))


def test_copies_share_the_value_and_part_on_assignment() -> None:
    A = tl.tensor(array)
    for twin in (copy.copy(A), copy.deepcopy(A), A.copy()):
        twin["i,j"] = twin["i,j"] * 10.0
        np.testing.assert_array_equal(twin, array * 10)
        np.testing.assert_array_equal(A, array)
    expression = A["i,j"] * 2.0
    assert copy.copy(expression) is expression
    assert copy.deepcopy(expression) is expression
