"""Arrays of other libraries beside tensors and expressions: a clear result or a clear error, and no hang."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import dask.array
import numpy as np
import pytest
import torch

import tensorlayer as tl

X = np.arange(1.0, 10.0).reshape(3, 3)
ARRAYS: dict[str, Callable[[], Any]] = {
    "numpy": lambda: X + 1,
    "torch": lambda: torch.as_tensor(X + 1),
    "dask": lambda: dask.array.from_array(X + 1, chunks=2),
    "torch scalar": lambda: torch.tensor(2.0, dtype=torch.float64),
}
OPERATORS = ["add", "sub", "mul", "truediv", "pow", "floordiv", "mod", "lt", "ge", "eq", "ne", "iadd", "imul"]


@pytest.mark.parametrize("backend", ["numpy", "torch", "dask"])
@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("kind", ARRAYS)
def test_beside_tensors(kind: str, name: str, backend: str) -> None:
    function = getattr(operator, name)
    plain = np.asarray(ARRAYS[kind]())
    expected = getattr(operator, name.removeprefix("i"))(plain, X)
    result = function(ARRAYS[kind](), tl.tensor(X, backend=backend))
    assert isinstance(result, tl.Tensor | np.ndarray)
    np.testing.assert_allclose(np.asarray(result), expected)
    mirrored = function(tl.tensor(X, backend=backend), ARRAYS[kind]())
    assert isinstance(mirrored, tl.Tensor)
    np.testing.assert_allclose(np.asarray(mirrored), getattr(operator, name.removeprefix("i"))(X, plain))


@pytest.mark.parametrize("kind", ["numpy", "torch", "dask"])
def test_matrix_products(kind: str) -> None:
    x = tl.tensor(X)
    np.testing.assert_allclose(np.asarray(ARRAYS[kind]() @ x), (X + 1) @ X)
    np.testing.assert_allclose(np.asarray(x @ ARRAYS[kind]()), X @ (X + 1))


@pytest.mark.parametrize("name", [*OPERATORS, "matmul"])
@pytest.mark.parametrize("kind", ARRAYS)
def test_beside_expressions(kind: str, name: str) -> None:
    expression = tl.tensor(X)["i,j"]
    for operands in ((ARRAYS[kind](), expression), (expression, ARRAYS[kind]())):
        with pytest.raises((tl.errors.LabelError, TypeError)) as caught:
            getattr(operator, name)(*operands)
        # Python's own words if neither side knows the operator; ours name the way out.
        assert any(words in str(caught.value) for words in ("unsupported operand", "A['i", "tensor(a)['", "closed"))


def test_gradients_flow_from_a_torch_tensor_on_the_left() -> None:
    weight = torch.ones(3, 3, dtype=torch.float64, requires_grad=True)
    (weight * tl.tensor(X, backend="torch")).unwrap().sum().backward()
    np.testing.assert_allclose(weight.grad, X)


@pytest.mark.parametrize(
    "other", [[1.0, 2.0, 3.0], "text", None, {}, object(), {1.0}], ids=["list", "str", "None", "dict", "object", "set"]
)
def test_what_is_no_array_is_refused_by_python(other: Any) -> None:
    x = tl.tensor(X)
    for function in (operator.sub, operator.truediv, operator.lt, operator.matmul):
        with pytest.raises(TypeError):
            function(x, other)
        with pytest.raises(TypeError):
            function(other, x)
    assert (x == other) is False
    assert (x != other) is True
