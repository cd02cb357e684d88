"""Expressions among Python's operators, NumPy's scalars and arrays, and containers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorlayer as tl
from tensorlayer.errors import LabelError

x, y = tl.tensor(np.ones(3)), tl.tensor(np.ones(4))
array = np.ones(3)

UNLABELLED = [
    "array * e",
    "e * array",
    "array - e",
    "array / e",
    "[1.0] * e",
    "'i' + e",
    "None * e",
    "x == e",
    "e == None",
    "np.add(array, e)",
]


@pytest.mark.parametrize("source", UNLABELLED)
def test_unlabelled_operands_are_refused_from_either_side(source: str) -> None:
    for expression in (x["i"], x["i"] * 2, (x["i"] * 2)["i"]):
        with pytest.raises(LabelError, match="no labels"):
            eval(source, {**globals(), "e": expression})


@pytest.mark.parametrize(
    "number", [2, 2.5, 2j, True, np.float64(2.5), np.float32(2.5), np.int64(2), np.complex128(2j)], ids=repr
)
def test_numpy_scalars_are_numbers(number: Any) -> None:
    """NumPy must not wrap an expression into an object array, nor iterate it."""
    C = tl.Tensor()
    vector = tl.tensor(np.array([1.0, 2.0]))
    for expression, expected in [
        (number * vector["i"], number * vector.numpy()),
        (vector["i"] - number, vector.numpy() - number),
        (number / vector["i"], number / vector.numpy()),
        (vector["i"] ** number, vector.numpy() ** number),
    ]:
        C["i"] = expression
        assert C.dtype == expected.dtype
        np.testing.assert_allclose(C, expected, rtol=1e-15)


@pytest.mark.parametrize("expression", [x["i"], x["i"] * y["j"], -x["i"]], ids=["leaf", "product", "sign"])
def test_expressions_are_no_containers(expression: Any) -> None:
    with pytest.raises(TypeError, match="not iterable"):
        list(expression)
    with pytest.raises(TypeError, match="not a container"):
        1.0 in expression  # noqa: B015
    with pytest.raises(TypeError, match="len"):
        len(expression)


def test_comparisons_are_elementwise_and_hashes_are_by_identity() -> None:
    v, C = tl.tensor([0.0, 1.0, 2.0]), tl.Tensor()
    C["i"] = tl.where(v["i"] == 1, 10.0, tl.where(v["i"] != 0, 20.0, 30.0))
    np.testing.assert_array_equal(C, [30.0, 10.0, 20.0])
    one, other = v["i"], v["i"]
    assert len({one, other, one}) == 2


def test_a_scalar_has_a_truth_value() -> None:
    norm = (x["i"] * x["i"])[""]
    assert norm > 2.5
    assert norm == 3.0
    assert norm != 2.5
    assert bool(norm)
    assert float(x[0][""] * 4.0) == 4.0


REFLECTED: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: a**b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


@pytest.mark.parametrize("operator", REFLECTED)
def test_operators_with_a_number_on_either_side(operator: str) -> None:
    v, C = tl.tensor([1.0, 2.0, 3.5]), tl.Tensor()
    for left, right in [(v["i"], 2), (2, v["i"]), (v["i"], v["i"])]:
        C["i"] = REFLECTED[operator](left, right)
        arrays = [side if isinstance(side, int) else v.numpy() for side in (left, right)]
        np.testing.assert_array_equal(C, REFLECTED[operator](*arrays))


@pytest.mark.parametrize("number", [10**30, -(10**30)])
def test_integers_of_more_than_64_bits(number: int, backend_name: str) -> None:
    """NumPy's: an integer takes the type of the tensor, if it fits."""
    with tl.use(backend_name):
        np.testing.assert_array_equal((number * x["i"])["i"], array * number)
        np.testing.assert_array_equal((number * x["i"] * x["j"])["j"], array * 3 * number)
        np.testing.assert_array_equal((x["i"] + number)["i"], array + number)
