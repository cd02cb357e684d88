"""The array API's linear algebra of unlabelled tensors: ``tensorlayer.array_api.linalg``.

Matrices are in the last two modes. Everything is recorded, but for the complete forms of ``qr`` and ``svd``,
which are computed at once. The functions of the same name in `tensorlayer.linalg` keep labels.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np

from tensorlayer.array_api import statistics
from tensorlayer.array_api.arguments import as_tensor
from tensorlayer.array_api.eager import eagerly_several
from tensorlayer.array_api.movement import astype, broadcast_to, expand_dims, matrix_transpose
from tensorlayer.array_api.norms import matrix_norm, vector_norm
from tensorlayer.array_api.products import matmul, outer, tensordot, vecdot
from tensorlayer.array_api.spatial import cross, diagonal, trace
from tensorlayer.errors import DtypeError, ShapeError
from tensorlayer.language import elementwise, linalg
from tensorlayer.language.arithmetic import broadcast_shapes
from tensorlayer.language.linalg import EighResult, QRResult, SVDResult
from tensorlayer.language.operand import as_node
from tensorlayer.language.tensor import Tensor

__all__ = [
    "cholesky",
    "cross",
    "det",
    "diagonal",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "inv",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "tensordot",
    "trace",
    "vecdot",
    "vector_norm",
]


class SlogdetResult(NamedTuple):
    """Sign (for complex numbers, phase) and logarithm of the absolute value of a determinant."""

    sign: Any
    logabsdet: Any


def _adjoint(x: Tensor) -> Tensor:
    return matrix_transpose(elementwise.conj(x) if x.dtype.kind == "c" else x)


def cholesky(x: Any, /, *, upper: bool = False) -> Tensor:
    """Lower triangular L with ``L L^H = x``, or upper triangular U with ``U^H U = x``; `x` positive definite."""
    lower = linalg.cholesky(x)
    return _adjoint(lower) if upper else lower


def det(x: Any, /) -> Tensor:
    """Determinants of square matrices."""
    return linalg.det(x)


def eig(x: Any, /) -> EighResult:
    """Eigenvalues and right eigenvectors (in columns) of square matrices, always complex."""
    return linalg.eig(x)


def eigvals(x: Any, /) -> Tensor:
    """Eigenvalues of square matrices, always complex."""
    return linalg.eig(x).eigenvalues


def eigh(x: Any, /) -> EighResult:
    """Eigenvalues (ascending) and eigenvectors (in columns) of Hermitian matrices; the lower triangle is read."""
    return linalg.eigh(x)


def eigvalsh(x: Any, /) -> Tensor:
    """Eigenvalues (ascending) of Hermitian matrices; the lower triangle is read."""
    return linalg.eigh(x).eigenvalues


def inv(x: Any, /) -> Tensor:
    """Inverses of square matrices."""
    return linalg.inv(x)


def matrix_power(x: Any, n: int, /) -> Tensor:
    """Square matrices to the power of an integer, which may be negative."""
    return linalg.matrix_power(x, n)


def matrix_rank(x: Any, /, *, rtol: Any = None) -> Tensor:
    """Number of singular values above `rtol` times the largest one.

    Parameters
    ----------
    x : tensor, shape (..., m, n)
        Matrices.
    rtol : float or tensor of shape (...), optional
        ``max(m, n)`` times the machine epsilon when left out.

    Raises
    ------
    ShapeError
        If `x` has rank below 2.
    """
    return statistics.count_nonzero(_is_large(svdvals(x), x, rtol), axis=-1)


def _is_large(singular: Tensor, x: Any, rtol: Any) -> Tensor:
    if rtol is None:
        rtol = float(np.finfo(singular.dtype).eps) * max(as_node(x).shape[-2:])
    if not isinstance(rtol, int | float):
        rtol = expand_dims(rtol, axis=-1)
    if not singular.shape[-1]:
        return astype(singular, np.bool)
    return singular > statistics.max(singular, axis=-1, keepdims=True) * rtol  # type: ignore[no-any-return]


def pinv(x: Any, /, *, rtol: Any = None) -> Tensor:
    """Moore-Penrose inverse; singular values up to `rtol` times the largest one count as zero.

    Parameters
    ----------
    x : tensor, shape (..., m, n)
        Matrices.
    rtol : float or tensor of shape (...), optional
        ``max(m, n)`` times the machine epsilon when left out.

    Returns
    -------
    tensor, shape (..., n, m)
    """
    u, s, vh = linalg.svd(x)
    large = _is_large(s, x, rtol)
    inverse = elementwise.where(large, 1 / elementwise.where(large, s, 1), 0)
    return matmul(_adjoint(vh) * expand_dims(inverse, axis=-2), _adjoint(u))


def qr(x: Any, /, *, mode: Literal["reduced", "complete"] = "reduced") -> QRResult:
    """Orthonormal Q and upper triangular R with ``Q R = x``.

    Parameters
    ----------
    x : tensor, shape (..., m, n)
        Matrices.
    mode : {"reduced", "complete"}
        Whether Q has min(m, n) columns or m; the complete one is computed at once.

    Raises
    ------
    ShapeError
        If `x` has rank below 2, or there is no such mode.
    """
    if mode not in ("reduced", "complete"):
        raise ShapeError(f"qr: mode must be 'reduced' or 'complete', got {mode!r}")
    reduced = linalg.qr(x)
    return reduced if mode == "reduced" else QRResult(*eagerly_several("linalg.qr", _inexact(x), mode="complete"))


def svd(x: Any, /, *, full_matrices: bool = True) -> SVDResult:
    """Singular value decomposition ``x = U S Vh``.

    Parameters
    ----------
    x : tensor, shape (..., m, n)
        Matrices.
    full_matrices : bool
        Whether U and Vh are square (computed at once), or have only min(m, n) columns and rows.
    """
    m, n = (0, 0) if as_node(x).ndim < 2 else as_node(x).shape[-2:]
    reduced = linalg.svd(x)
    return reduced if not full_matrices or m == n else SVDResult(*eagerly_several("linalg.svd", _inexact(x)))


def _inexact(x: Any) -> Tensor:
    tensor = as_tensor(x)
    return astype(tensor, np.float64) if tensor.dtype.kind in "biu" else tensor


def svdvals(x: Any, /) -> Tensor:
    """Singular values, descending."""
    return linalg.svd(x).S


def slogdet(x: Any, /) -> SlogdetResult:
    """Sign and logarithm of the absolute value of determinants, which themselves may be too large or small.

    Parameters
    ----------
    x : tensor, shape (..., n, n)
        Square matrices.

    Returns
    -------
    sign : tensor, shape (...)
        1, -1, or of complex matrices a number of absolute value 1; 0 for singular matrices.
    logabsdet : tensor, shape (...)
        Real; minus infinity for singular matrices.
    """
    shape = as_node(x).shape
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise ShapeError(f"slogdet needs square matrices in the last two modes, got shape {shape}")
    # |det Q| is 1, so the triangle has the size of the determinant, factor by factor.
    orthonormal = linalg.det(linalg.qr(x).Q)
    factors = diagonal(linalg.qr(x).R)
    sign = elementwise.sign(orthonormal) * statistics.prod(elementwise.sign(factors), axis=-1)
    return SlogdetResult(sign, statistics.sum(elementwise.log(elementwise.abs(factors)), axis=-1))


def solve(x1: Any, x2: Any, /) -> Tensor:
    """The solution of ``x1 @ result = x2`` for square matrices `x1`.

    Parameters
    ----------
    x1 : tensor, shape (..., n, n)
        Square matrices.
    x2 : tensor, shape (n,) or (..., n, m)
        A vector, or stacks of columns; the stacks of both are broadcast.

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    DtypeError
        If an operand is Boolean.
    """
    matrices, right = as_node(x1), as_node(x2)
    if "b" in (matrices.dtype.kind, right.dtype.kind):
        raise DtypeError("solve needs numbers, got bool: convert first, as by astype(x, float64)")
    if matrices.ndim < 2 or not right.ndim:
        raise ShapeError(f"solve: shapes {matrices.shape} and {right.shape} do not fit")
    if right.ndim == 1 and matrices.ndim > 2:
        return solve(x1, broadcast_to(expand_dims(x2, axis=-1), (*matrices.shape[:-2], *right.shape, 1)))[..., 0]  # type: ignore[no-any-return]
    if right.ndim > 1 and matrices.shape[:-2] != right.shape[:-2]:
        stack = broadcast_shapes(matrices.shape[:-2], right.shape[:-2])
        x1 = broadcast_to(x1, (*stack, *matrices.shape[-2:]))
        x2 = broadcast_to(x2, (*stack, *right.shape[-2:]))
    return linalg.solve(x1, x2)
