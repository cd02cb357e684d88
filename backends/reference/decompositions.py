"""Definitions of the decompositions, one matrix of the stack after the other.

Cholesky, QR, elimination and powers are spelled out. For eigenvalues and singular values there is no short
algorithm that is also a trustworthy one: `numpy.linalg` is called on every matrix.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from tensorlayer.errors import BackendError
from tensorlayer.graph import Linalg

__all__ = ["linalg"]

Array = np.ndarray[Any, Any]


def linalg(node: Linalg, *operands: Array) -> Array | tuple[Array, ...]:
    """Apply the decomposition to every matrix in the last two modes."""
    signatures = node.signatures
    results = tuple(np.empty(shape, dtype) for shape, dtype in signatures)
    joined = np.result_type(*operands)
    working = joined if joined.kind in "fc" else np.dtype(np.float64)
    for index in np.ndindex(operands[0].shape[:-2]):
        matrices = [operand[index].astype(working) for operand in operands]
        try:
            computed = _FUNCTIONS[node.name](*matrices, *node.options)
        except np.linalg.LinAlgError as error:
            raise BackendError(f"linalg.{node.name} failed on matrix {index} of {node.inputs[0]!r}: {error}") from None
        for result, value in zip(results, computed if len(signatures) > 1 else (computed,), strict=True):
            result[index] = value
    return results if len(signatures) > 1 else results[0]


def cholesky(a: Array) -> Array:
    """The lower triangular L with L @ L^H = a; reads only the lower triangle."""
    lower = np.zeros_like(a)
    for j in range(len(a)):
        rest = a[j, j].real - sum(abs(lower[j, k]) ** 2 for k in range(j))
        if not rest > 0:
            raise np.linalg.LinAlgError("the matrix is not positive definite")
        lower[j, j] = np.sqrt(rest)
        for i in range(j + 1, len(a)):
            known = sum(lower[i, k] * lower[j, k].conjugate() for k in range(j))
            lower[i, j] = (a[i, j] - known) / lower[j, j]
    return lower


def qr(a: Array) -> tuple[Array, Array]:
    """Householder reflections, of which the first min(m, n) columns are kept."""
    m, n = a.shape
    k = min(m, n)
    q, r = np.eye(m, dtype=a.dtype), a.copy()
    for j in range(k):
        mirror = r[j:, j].copy()
        norm = np.sqrt(sum(abs(x) ** 2 for x in mirror))
        mirror[0] += (mirror[0] / abs(mirror[0]) if mirror[0] != 0 else 1) * norm
        square = sum(abs(x) ** 2 for x in mirror)
        if square > 0:
            reflection = np.eye(m - j, dtype=a.dtype) - (2 / square) * np.outer(mirror, mirror.conj())
            r[j:] = reflection @ r[j:]
            q[:, j:] = q[:, j:] @ reflection
    return q[:, :k], np.triu(r[:k])


def _eliminated(a: Array, b: Array) -> tuple[Array, Array, int]:
    """Upper triangular system with the solutions of a x = b, and the sign of the row exchanges."""
    a, b, sign = a.copy(), b.copy(), 1
    for j in range(len(a)):
        pivot = j + int(np.argmax(np.abs(a[j:, j])))
        if pivot != j:
            a[[j, pivot]], b[[j, pivot]], sign = a[[pivot, j]], b[[pivot, j]], -sign
        for i in range(j + 1, len(a)):
            if a[j, j] != 0:
                factor = a[i, j] / a[j, j]
                a[i] -= factor * a[j]
                b[i] -= factor * b[j]
    return a, b, sign


def solve(a: Array, b: Array) -> Array:
    """Gauss elimination with row exchanges, then back substitution."""
    upper, right, _ = _eliminated(a, b)
    for i in reversed(range(len(a))):
        if upper[i, i] == 0:
            raise np.linalg.LinAlgError("the matrix is singular")
        for k in range(i + 1, len(a)):
            right[i] -= upper[i, k] * right[k]
        right[i] /= upper[i, i]
    return right


def inv(a: Array) -> Array:
    """Solve for the columns of the identity."""
    return solve(a, np.eye(len(a), dtype=a.dtype))


def det(a: Array) -> Any:
    """Product of the pivots."""
    upper, _, sign = _eliminated(a, a)
    result = a.dtype.type(sign)
    for j in range(len(a)):
        result = result * upper[j, j]
    return result


def matrix_power(a: Array, exponent: int) -> Array:
    """Repeated multiplication, of the inverse if the exponent is negative."""
    factor = inv(a) if exponent < 0 else a
    result = np.eye(len(a), dtype=a.dtype)
    for _ in range(abs(exponent)):
        result = result @ factor
    return result


_FUNCTIONS: dict[str, Any] = {
    "cholesky": cholesky,
    "det": det,
    "eig": np.linalg.eig,
    "eigh": np.linalg.eigh,
    "inv": inv,
    "matrix_power": matrix_power,
    "qr": qr,
    "solve": solve,
    "svd": partial(np.linalg.svd, full_matrices=False),
}
