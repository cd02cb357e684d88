"""Operands held by several backends."""

import numpy as np
import pytest
import torch

import tensorlayer as tl


def test_a_larger_array_does_not_cut_the_gradients_of_a_tensor() -> None:
    weight = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64, requires_grad=True)
    data = np.arange(30.0).reshape(10, 3)
    loss = ((tl.tensor(data)["n,i"] * tl.tensor(weight)["i"])["n"] * 1.0)[""]
    assert loss.backend == "torch"
    loss.unwrap().backward()
    assert np.allclose(weight.grad.numpy(), data.sum(axis=0))


def test_otherwise_the_operand_with_most_bytes_decides() -> None:
    small, large = tl.tensor(np.ones(2)), tl.tensor(np.ones((2, 50)), backend="dask", chunks=(2, 25))
    product = (small["i"] * large["i,j"])["j"]
    assert product.backend == "dask"
    assert np.array_equal(product, np.full(50, 2.0))


def test_mixing_can_be_forbidden() -> None:
    with tl.options(mixed="error"), pytest.raises(tl.errors.ConversionError, match=r"numpy:cpu and torch:cpu"):
        (tl.tensor(np.ones(2))["i"] * tl.tensor(torch.ones(2))["i"])[""].compute()


@pytest.mark.parametrize("backend", ["numpy", "numba", "reference", "dask", "torch"])
def test_a_device_that_is_not_there_is_refused_at_once(backend: str) -> None:
    x = tl.tensor(np.ones((2, 2), np.float32))
    for ask in (lambda: x.to(backend, "gpu"), lambda: tl.tensor(0, shape=(2, 2), backend=backend, device="gpu")):
        with pytest.raises(tl.errors.ConversionError, match="'gpu'"):
            ask()
    assert np.array_equal(x.to(backend, "cpu").numpy(), np.ones((2, 2)))
