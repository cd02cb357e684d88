"""What decompositions take."""

import numpy as np
import pytest

import tensorlayer as tl

RNG = np.random.default_rng(5)
A, B = RNG.random((3, 3)) + 3 * np.eye(3), RNG.random((3, 3))


def test_an_open_product_is_ambiguous() -> None:
    product = tl.tensor(A)["i,k"] * tl.tensor(B)["k,j"]
    with pytest.raises(tl.errors.AmbiguousError, match=r"close it first, as in \(product\)\['i,j'\]"):
        tl.linalg.inv(product)
    assert np.allclose(tl.linalg.det(product["i,j"]), np.linalg.det(A @ B))


def test_sums_and_elementwise_products_of_matrices_are_matrices() -> None:
    a, b = tl.tensor(A), tl.tensor(B)
    assert np.allclose(tl.linalg.inv(a["i,j"] * b["i,j"] + 2.0 * a["j,i"]), np.linalg.inv(A * B + 2 * A.T))


def test_a_closed_stack_is_a_stack() -> None:
    stack = (tl.tensor(A)["i,j"] * tl.tensor([1.0, 2.0])["b"])["b,i,j"]
    assert np.allclose(tl.linalg.inv(stack), np.linalg.inv(np.stack([A, 2 * A])))
