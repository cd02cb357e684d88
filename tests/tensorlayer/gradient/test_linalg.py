"""Adjoints of decompositions, real and complex, of stacks too: against central differences and against torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlayer as tl
from tensorlayer import linalg
from tests.tensorlayer.gradient.differences import Arrays, assert_close, by_differences, by_torch, symbolic

DTYPES = ("float64", "complex128")
GENERAL = {
    "inv": 'C = linalg.inv(A["i,j"]); R[""] = C["i,j"] * W["j,i"]',
    "solve": 'C = linalg.solve(A["i,j"], B["i,k"]); R[""] = C["j,k"] * C["j,k"]',
    "solve for a vector": 'C = linalg.solve(A["i,j"], b["i"]); R[""] = C["j"] * C["j"]',
    "det": 'R = linalg.det(A["i,j"])',
    "matrix_power 0": 'R[""] = linalg.matrix_power(A, 0)["i,j"] * A["j,i"]',
    "matrix_power 1": 'R[""] = linalg.matrix_power(A, 1)["i,j"] * W["j,i"]',
    "matrix_power 3": 'R[""] = linalg.matrix_power(A, 3)["i,j"] * W["j,i"]',
    "matrix_power -2": 'R[""] = linalg.matrix_power(A, -2)["i,j"] * W["j,i"]',
    "qr": 'Q, S = linalg.qr(A["i,j"]); R[""] = Q["i,q"] * abs(Q["i,q"]) + S["q,j"] * W["q,j"] * S["q,j"]',
    "qr, Q alone": 'Q, S = linalg.qr(A["i,j"]); R[""] = Q["i,q"] * W["q,i"]',
    "qr, R alone": 'Q, S = linalg.qr(A["i,j"]); R[""] = S["q,j"] * W["q,j"]',
    "svd, values alone": 'U, S, V = linalg.svd(A["i,j"]); R[""] = S["s"] ** 3',
    "svd": 'U, S, V = linalg.svd(A["i,j"]); R[""] = U["i,s"] * b["s"] * V["s,j"] * W["j,i"] * S["s"]',
    "stacked inv": 'C = linalg.inv(T["b,i,j"]); R[""] = C["b,i,j"] * W["j,i"]',
    "stacked det": 'C = linalg.det(T["b,i,j"]); R[""] = C["b"] * C["b"]',
    "stacked svd": 'U, S, V = linalg.svd(T["b,i,j"]); R[""] = (U["b,i,s"] * V["b,s,j"])["b,i,j"] * W["j,i"] * S["b,k"]',
}
TALL = {
    "qr": 'Q, S = linalg.qr(A["i,j"]); R[""] = Q["i,q"] * abs(Q["i,q"]) + S["q,j"] * W["q,j"]',
    "svd": 'U, S, V = linalg.svd(A["i,j"]); R[""] = U["i,s"] * V["s,j"] * X["j,i"] + S["s"]',
}
HERMITIAN = {
    "cholesky": 'L = linalg.cholesky(A["i,j"]); R[""] = L["i,j"] * W["i,j"] * L["i,j"]',
    "stacked cholesky": 'L = linalg.cholesky(T["b,i,j"]); R[""] = L["b,i,j"] * W["i,j"]',
    "eigh, values alone": 'w, V = linalg.eigh(A["i,j"]); R[""] = w["n"] ** 3',
    "eigh": 'w, V = linalg.eigh(A["i,j"]); R[""] = V["i,n"] * b["n"] * conj(V["j,n"]) * W["j,i"] * w["n"]',
    "stacked eigh": 'w, V = linalg.eigh(T["b,i,j"]); R[""] = abs(V["b,i,n"]) * w["b,n"] * W["i,n"]',
}


def some(*shape: int, dtype: str, seed: int = 1) -> np.ndarray[Any, Any]:
    rng = np.random.default_rng(seed)
    array = rng.normal(size=shape)
    return (array + 1j * rng.normal(size=shape) if dtype == "complex128" else array).astype(dtype)


def split(dtype: str) -> tuple[Arrays, Arrays]:
    """Arrays that are differentiated by, and arrays that are not."""
    free = {"A": some(3, 3, dtype=dtype), "B": some(3, 2, dtype=dtype), "b": some(3, dtype=dtype)}
    free["T"] = some(2, 3, 3, dtype=dtype, seed=2)
    return free, {"W": some(3, 3, dtype=dtype, seed=3), "X": some(3, 4, dtype=dtype, seed=4)}


def used(source: str, arrays: Arrays) -> Arrays:
    return {name: array for name, array in arrays.items() if f"{name}[" in source or f"({name}," in source}


def compare(source: str, arrays: Arrays, fixed: Arrays, *, hermitian: bool = False) -> None:
    constants: dict[str, Any] = {"linalg": linalg}
    found = symbolic(source, arrays, fixed=constants | {n: tl.tensor(a) for n, a in fixed.items()})
    import torch

    by_autograd = by_torch(source, arrays, constants | {n: tl.tensor(torch.tensor(a)) for n, a in fixed.items()})
    measured = by_differences(
        source, arrays, constants | {n: tl.tensor(a) for n, a in fixed.items()}, hermitian=hermitian
    )
    if hermitian:
        found, by_autograd = (
            {n: (g + g.swapaxes(-1, -2).conj()) / 2 for n, g in gs.items()} for gs in (found, by_autograd)
        )
    assert_close(found, by_autograd, 1e-9)
    assert_close(found, measured, 1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", GENERAL)
def test_general_matrices(name: str, dtype: str) -> None:
    free, fixed = split(dtype)
    compare(GENERAL[name], used(GENERAL[name], free), used(GENERAL[name], fixed))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TALL)
def test_tall_matrices(name: str, dtype: str) -> None:
    _, fixed = split(dtype)
    compare(TALL[name], {"A": some(4, 3, dtype=dtype)}, used(TALL[name], fixed))


@pytest.mark.parametrize("dtype", DTYPES)
def test_svd_of_wide_matrices(dtype: str) -> None:
    wide = {"X": some(4, 3, dtype=dtype, seed=4)}
    source = 'U, S, V = linalg.svd(A["i,j"]); R[""] = U["i,s"] * V["s,j"] * X["j,i"] + S["s"]'
    compare(source, {"A": some(3, 4, dtype=dtype)}, wide)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", HERMITIAN)
def test_hermitian_matrices(name: str, dtype: str) -> None:
    """Differentiated along Hermitian directions; what is skew in a gradient has no meaning there."""
    source = HERMITIAN[name]
    free, fixed = split(dtype)
    matrices = {n: free[n] @ free[n].swapaxes(-1, -2).conj() + np.eye(3) for n in ("A", "T") if f"{n}[" in source}
    compare(source, matrices, used(source, fixed | {"b": free["b"]}), hermitian=True)


@pytest.mark.parametrize("name", ["inv", "eigh"])
def test_every_backend(name: str, backend_name: str) -> None:
    source = (GENERAL | HERMITIAN)[name].replace("conj", "real")
    free, fixed = split("float64")
    A = free["A"] @ free["A"].T + np.eye(3)
    constants = {"linalg": linalg} | {n: tl.tensor(a) for n, a in used(source, fixed | {"b": free["b"]}).items()}
    expected = symbolic(source, {"A": A}, fixed=constants)
    assert_close(symbolic(source, {"A": A}, backend_name, fixed=constants), expected, 1e-10)


def test_second_derivative_of_the_logarithm_of_a_determinant() -> None:
    """d2 log det A / dA dA = -inv(A)^T dA inv(A)^T, through det and inv."""
    A, V = some(3, 3, dtype="float64"), some(3, 3, dtype="float64", seed=5)
    A = A @ A.T + np.eye(3)
    a, v = tl.tensor(A), tl.tensor(V)
    first = tl.grad(tl.log(linalg.det(a)), a)
    second = tl.grad((first["i,j"] * v["i,j"])[""], a)
    inverse = np.linalg.inv(A).T
    np.testing.assert_allclose(first, inverse, rtol=1e-10)
    np.testing.assert_allclose(second, -inverse @ V.T @ inverse, rtol=1e-9, atol=1e-12)


def test_what_has_no_adjoint() -> None:
    a = tl.tensor(some(2, 3, dtype="float64"))
    E = (linalg.qr(a).R["q,j"])[""]
    with pytest.raises(tl.errors.UnsupportedOperationError, match="at least as many rows as columns, not for 2 x 3"):
        tl.grad(E, a)
    square = tl.tensor(some(3, 3, dtype="float64"))
    E = tl.abs(linalg.eig(square).eigenvalues["n"])[""]
    with pytest.raises(tl.errors.UnsupportedOperationError, match="has no adjoint"):
        tl.grad(E, square)
