"""Second and third derivatives: gradients are recorded tensors, and can be differentiated again."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import tensorlayer as tl
from tests.tensorlayer.gradient.differences import Arrays, assert_close, read, record, sample
from tests.tensorlayer.gradient.test_patterns import PATTERNS, REAL, SHAPES


def along(gradients: list[tl.Tensor], directions: list[np.ndarray]) -> tl.Tensor:
    """The derivative along directions, a scalar again."""
    total = tl.Tensor()
    total[""] = 0.0
    for gradient, direction in zip(gradients, directions, strict=True):
        labels = ",".join("abcd"[: gradient.ndim])
        total[""] += gradient[labels] * tl.tensor(direction)[labels]
    return total


def symbolic(source: str, arrays: Arrays, directions: Arrays, order: int) -> Arrays:
    handles = {name: tl.tensor(array) for name, array in arrays.items()}
    E = record(source, handles)
    for _ in range(order - 1):
        E = along(tl.grad(E, list(handles.values())), list(directions.values()))
    return {name: g.numpy() for name, g in zip(handles, tl.grad(E, list(handles.values())), strict=True)}


def by_torch(source: str, arrays: Arrays, directions: Arrays, order: int) -> Arrays:
    leaves = {name: torch.tensor(array, requires_grad=True) for name, array in arrays.items()}
    with tl.use("torch"):
        result = record(source, {name: tl.tensor(leaf) for name, leaf in leaves.items()}).unwrap()
    for _ in range(order - 1):
        gradients = torch.autograd.grad(result, list(leaves.values()), create_graph=True, materialize_grads=True)
        parts = zip(gradients, directions.values(), strict=True)
        result = sum((g * torch.tensor(d)).sum() for g, d in parts)
    gradients = torch.autograd.grad(result, list(leaves.values()), materialize_grads=True)
    return {name: g.numpy() for name, g in zip(leaves, gradients, strict=True)}


#: A copy is linear: its gradient is a constant, which torch does not differentiate.
CURVED = [name for name in [*PATTERNS, *REAL] if name != "copy"]


@pytest.mark.parametrize("pattern", CURVED)
def test_second(pattern: str) -> None:
    source = (PATTERNS | REAL)[pattern]
    arrays, directions = (sample(read(source, SHAPES), seed=seed) for seed in (0, 1))
    assert_close(symbolic(source, arrays, directions, 2), by_torch(source, arrays, directions, 2), 1e-10)


@pytest.mark.parametrize(
    "pattern", ["powers", "one operand many times", "late denominator", "softmax", "product over a label"]
)
def test_third(pattern: str) -> None:
    source = (PATTERNS | REAL)[pattern]
    arrays, directions = (sample(read(source, SHAPES), seed=seed) for seed in (0, 1))
    assert_close(symbolic(source, arrays, directions, 3), by_torch(source, arrays, directions, 3), 1e-10)


def test_product_with_zeros_to_second_order() -> None:
    """d2 (abcd) / da db = cd, also where a and b are zero."""
    x, v = tl.tensor([0.0, 0.0, 3.0, 5.0]), tl.tensor([1.0, 0.0, 0.0, 0.0])
    first = tl.grad(tl.prod(x["i"], over="i")[""], x)
    second = tl.grad((first["i"] * v["i"])[""], x)
    np.testing.assert_array_equal(first, [0, 0, 0, 0])
    np.testing.assert_array_equal(second, [0, 15, 0, 0])
