"""A tensor where Python wants a number, an index, a length, something to go through, or text."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorlayer as tl

Wrap = Callable[[Any], tl.Tensor]
X = np.arange(6.0).reshape(2, 3)


def never(*indices: Any) -> Any:
    raise AssertionError("the elements were asked for")


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)], ids=str)
def test_one_element_is_a_number(shape: tuple[int, ...], wrap: Wrap) -> None:
    x = wrap(np.full(shape, 2.5))
    assert (float(x), int(x), complex(x), bool(x), x.item()) == (2.5, 2, 2.5 + 0j, True, 2.5)
    assert [type(call(x)) for call in (float, int, complex, bool, tl.Tensor.item)] == [float, int, complex, bool, float]
    assert math.isclose(math.sqrt(x), 2.5**0.5)
    assert f"{x:.3f}" == "2.500"
    assert float(x * 2) == 5.0


@pytest.mark.parametrize("shape", [(2,), (0,), (1, 2)], ids=str)
def test_more_or_fewer_are_none(shape: tuple[int, ...]) -> None:
    x = tl.tensor(np.zeros(shape))
    for call in (float, int, complex, bool, tl.Tensor.item, "{:.2f}".format):
        with pytest.raises(tl.errors.ShapeError, match="one element"):
            call(x)


def test_a_complex_number_is_no_real_one() -> None:
    x = tl.tensor(1 + 2j)
    assert complex(x) == 1 + 2j
    for call in (float, int, operator.index):
        with pytest.raises(TypeError):
            call(x)


def test_only_an_integer_of_rank_zero_is_an_index(wrap: Wrap) -> None:
    assert [10, 20, 30][wrap(np.array(2))] == 30
    assert operator.index(wrap(np.array(3, "uint8"))) == 3
    for x in (1.0, True, [1]):
        with pytest.raises(TypeError, match="only an integer of rank 0"):
            operator.index(wrap(np.array(x)))


def test_length_is_the_first_extent() -> None:
    assert (len(tl.tensor(X)), len(tl.tensor(X[:0]))) == (2, 0)
    with pytest.raises(TypeError, match="rank 0"):
        len(tl.tensor(1.0))


def test_going_through_gives_the_parts_along_the_first_mode(wrap: Wrap) -> None:
    assert [row.numpy().tolist() for row in wrap(X)] == X.tolist()
    first, second = wrap(X)
    assert (first - second).numpy().tolist() == [-3.0, -3.0, -3.0]
    assert [float(x) for x in wrap(X[0])] == [0.0, 1.0, 2.0]
    assert list(wrap(X[:0])) == []
    assert [row.shape for row in wrap(np.zeros((2, 0)))] == [(0,), (0,)]


def test_a_scalar_has_no_parts() -> None:
    with pytest.raises(TypeError, match="rank 0"):
        iter(tl.tensor(1.0))


def test_going_through_computes_once() -> None:
    asked = []

    def ones(i: Any) -> Any:
        asked.append(i)
        return np.ones(np.shape(i))

    x = tl.tensor(ones, shape=(50,)) + 1
    assert sum(float(part) for part in x) == 100.0
    assert len(asked) == 1


def test_on_demand_tensors_are_gone_through_part_by_part() -> None:
    x = tl.tensor(lambda i, j: 1.0 * i + j, shape=(10**9, 2))
    parts = iter(x)
    assert [next(parts).numpy().tolist() for _ in range(2)] == [[0.0, 1.0], [1.0, 2.0]]


@pytest.mark.parametrize(
    "make",
    [lambda x: x["i,j"], lambda x: x["i,j"] * 2, lambda x: (x["i,j"] * 2)["j,i"]],
    ids=["leaf", "product", "closed"],
)
def test_what_has_labels_is_not_gone_through(make: Any) -> None:
    with pytest.raises(TypeError, match="not iterable"):
        iter(make(tl.tensor(X)))
    with pytest.raises(TypeError):
        3.0 in make(tl.tensor(X))  # noqa: B015


def test_membership(wrap: Wrap) -> None:
    assert 3.0 in wrap(X)
    assert 7.0 not in wrap(X)
    assert 3.0 not in wrap(X[:0])


# -- printing ----------------------------------------------------------------------------------------------------


def test_printing_computes_nothing() -> None:
    x = tl.tensor(never, shape=(2, 3))
    for tensor in (x, x + 1, x[0], (x["i,j"] * 2)["j,i"]):
        assert "not computed" in repr(tensor)
        assert "not computed" in tensor._repr_html_()
        assert repr(tensor) == str(tensor) == f"{tensor}"
        assert not tensor.is_computed


def test_printing_shows_type_shape_kind_and_place(wrap: Wrap) -> None:
    x = wrap(X)
    head = f"<Tensor float64 2x3, local on {x.backend}:cpu>"
    assert repr(x).splitlines()[0] == head
    assert head[8:-1] in x._repr_html_()
    assert repr(tl.Tensor()) == "<Tensor empty>"
    assert repr(tl.tensor(np.float32(1)) + np.float32(1)) == "<Tensor float32 scalar, not computed>"


def test_elements_are_shown_if_they_are_here_and_few() -> None:
    assert "3. 4. 5." in repr(tl.tensor(X))
    assert "3. 4. 5." in tl.tensor(X)._repr_html_()
    assert "3. 4. 5." in repr((tl.tensor(X) + 0).compute())
    assert repr(tl.tensor(np.zeros(2000))) == "<Tensor float64 2000, local on numpy:cpu>"


def test_formats_of_tensors_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(tl.errors.ShapeError, match="one element"):
        f"{tl.tensor(X):.2f}"
