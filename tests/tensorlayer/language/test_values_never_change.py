"""Reading after writing without labels: what was recorded keeps the values it was recorded with."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tensorlayer as tl
from tensorlayer import array_api as xp

Wrap = Callable[[Any], tl.Tensor]
X = np.arange(6.0).reshape(2, 3)

#: Ways to record something of x, and the same of an array.
RECORDINGS: dict[str, Callable[[Any], Any]] = {
    "sum with a number": lambda x: x + 1,
    "itself": lambda x: x + x,
    "transposed": lambda x: x.T,
    "part": lambda x: x[0, 1:],
    "part of a part": lambda x: x[:, 1:][0],
    "backwards": lambda x: x[::-1],
    "new mode": lambda x: x[None],
    "product": lambda x: x @ x.T,
    "comparison": lambda x: x > 2,
    "absolute": lambda x: abs(-x),
    "NumPy ufunc": np.exp,
    "NumPy function": lambda x: np.concatenate([x, x]),
    "NumPy einsum": lambda x: np.einsum("ij->ji", x),
    "NumPy sum": lambda x: np.sum(x, axis=0),
}


@pytest.mark.parametrize("name", RECORDINGS)
def test_writing_later_is_not_seen(name: str, wrap: Wrap) -> None:
    x = wrap(X)
    recorded = RECORDINGS[name](x)
    x[0] = 100.0
    x[..., -1] = -7.0
    np.testing.assert_allclose(np.asarray(recorded), RECORDINGS[name](X))
    changed = X.copy()
    changed[0] = 100.0
    changed[..., -1] = -7.0
    np.testing.assert_array_equal(np.asarray(x), changed)
    np.testing.assert_allclose(np.asarray(RECORDINGS[name](x)), RECORDINGS[name](changed))


#: The same with the functions of the namespace.
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "reshape": lambda x: xp.reshape(x, (6,)),
    "permute_dims": lambda x: xp.permute_dims(x, (1, 0)),
    "broadcast_to": lambda x: xp.broadcast_to(x, (2, 2, 3)),
    "concat": lambda x: xp.concat([x, x]),
    "roll": lambda x: xp.roll(x, 0, axis=0),
    "flip": xp.flip,
    "sum": xp.sum,
    "astype": lambda x: xp.astype(x, xp.float32),
    "asarray copy": lambda x: xp.asarray(x, copy=True),
    "sort": xp.sort,
    "svdvals": xp.linalg.svdvals,
    "copy": lambda x: x.copy(),
    "to": lambda x: x.to("torch"),
    "unstack": lambda x: xp.unstack(x)[0],
    "iteration": lambda x: next(iter(x)),
    "expression": lambda x: (x["i,j"] * 2)["j,i"],
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_writing_later_is_not_seen_by_functions(name: str) -> None:
    expected = np.array(FUNCTIONS[name](tl.tensor(X)))
    x = tl.tensor(X)
    recorded = FUNCTIONS[name](x)
    x[0] = 100.0
    np.testing.assert_array_equal(np.asarray(recorded), expected)
    assert not np.array_equal(np.asarray(FUNCTIONS[name](x)), expected)


def test_the_case_that_naive_deferral_gets_wrong(wrap: Wrap) -> None:
    x = wrap(np.array([1.0, 2.0]))
    y = x + 1
    x[0] = 100.0
    assert y.numpy().tolist() == [2.0, 3.0]
    assert x.numpy().tolist() == [100.0, 2.0]


def test_arrays_that_are_wrapped_are_not_written_to(wrap: Wrap) -> None:
    array = X.copy()
    x = wrap(array)
    x[0] = 100.0
    x += 1
    np.testing.assert_array_equal(np.asarray(x)[0], np.full(3, 101.0))
    np.testing.assert_array_equal(array, X)


@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv", "pow", "floordiv", "mod"])
def test_in_place_operators_leave_what_was_recorded_alone(name: str, wrap: Wrap) -> None:
    x = wrap(X + 1)
    alias, recorded = x, x * 2
    x = getattr(operator, f"i{name}")(x, 2)
    np.testing.assert_allclose(np.asarray(x), getattr(operator, name)(X + 1, 2))
    np.testing.assert_allclose(np.asarray(alias), X + 1)
    np.testing.assert_allclose(np.asarray(recorded), (X + 1) * 2)


def test_parts_are_updated_in_place(wrap: Wrap) -> None:
    x = wrap(X)
    x[0] += 1
    x[:, 1] *= x[:, 0]
    x[1, 2] = x[0, 0]
    expected = X.copy()
    expected[0] += 1
    expected[:, 1] *= expected[:, 0]
    expected[1, 2] = expected[0, 0]
    np.testing.assert_array_equal(np.asarray(x), expected)


def test_a_part_written_from_the_tensor_itself_reads_the_old_values(wrap: Wrap) -> None:
    x = wrap(X)
    x[0], x[1] = x[1], x[0]
    np.testing.assert_array_equal(np.asarray(x), X[::-1])
    x = wrap(np.arange(5.0))
    x[1:] = x[:-1]
    assert x.numpy().tolist() == [0.0, 0.0, 1.0, 2.0, 3.0]


def test_handles_to_one_value_part_when_one_is_written_to() -> None:
    x = tl.tensor(X)
    copy, same = x.copy(), x
    x[0] = 9.0
    np.testing.assert_array_equal(np.asarray(copy), X)
    assert same is x


def test_a_refused_assignment_changes_nothing() -> None:
    x = tl.tensor(X)
    before = x.value
    for key, right in ((5, 1.0), (0, np.ones(2)), ((0, 0, 0), 1.0), (0, "text"), ("i", 1.0)):
        with pytest.raises((tl.errors.TensorlayerError, TypeError)):
            x[key] = right
    assert x.value is before


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(-9, 9)), max_size=8))
def test_any_sequence_of_writes_and_reads(writes: list[tuple[int, float]]) -> None:
    array, x = np.arange(4.0), tl.tensor(np.arange(4.0))
    recorded, expected = [], []
    for place, number in writes:
        recorded.append(x * 2 + x[place])
        expected.append(array * 2 + array[place])
        x[place] = number
        array[place] = number
    for one, other in zip([*recorded, x], [*expected, array], strict=True):
        np.testing.assert_array_equal(np.asarray(one), other)
