"""Adjoints of decompositions.

With g the adjoint of a result, dE = Re tr(g^H dX). Sources: Giles, "Collected matrix derivative results for
forward and reverse mode algorithmic differentiation" (2008); Murray, arXiv:1602.07527 (Cholesky); Seeger et al.,
arXiv:1710.08717 (LQ and symmetric eigendecomposition); Wan and Zhang, arXiv:1909.02659 (complex SVD). Vectors
that are defined up to a phase have adjoints only for results that do not depend on the phase, and equal
eigenvalues or singular values have none for their vectors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tensorlayer.errors import UnsupportedOperationError
from tensorlayer.gradient.adjoint import Adjoints, adjoint, conjugate, elementwise
from tensorlayer.gradient.matrix import Matrix, reciprocal, reciprocal_gaps
from tensorlayer.graph import Einsum, Linalg, Node, Reshape, Result
from tensorlayer.scalar import argument, call, constant

__all__: list[str] = []

#: Adjoints of the results, by index; those of results that are not used are missing.
Given = Mapping[int, Node]


@adjoint.register
def _linalg(node: Linalg, g: Given, needed: Sequence[bool]) -> Adjoints:
    rule = _RULES.get(node.name)
    if rule is None:
        known = ", ".join(_RULES)
        raise UnsupportedOperationError(
            f"linalg.{node.name} has no adjoint; there are adjoints of {known}. For Hermitian matrices use eigh"
        )
    return [term if wanted else None for term, wanted in zip(rule(node, g), needed, strict=True)]


def _result(node: Linalg, index: int = 0) -> Matrix:
    return Matrix(Result.of(node, index))


def _given(node: Linalg, g: Given, index: int) -> Matrix:
    return Matrix(g[index]) if index in g else Matrix.zeros(Result.of(node, index))


def _inv(node: Linalg, g: Given) -> Adjoints:
    adjoined = _result(node).H
    return [(-(adjoined @ Matrix(g[0]) @ adjoined)).node]


def _solve(node: Linalg, g: Given) -> Adjoints:
    """``gb = A^-H g`` and ``gA = -gb x^H``."""
    gb = Result.of(Linalg.of("solve", [Matrix(node.inputs[0]).H.node, g[0]]), 0)
    x, shape = Result.of(node, 0), (*gb.shape, 1) if gb.ndim == 1 else gb.shape
    return [(-(Matrix(Reshape.of(gb, shape)) @ Matrix(Reshape.of(x, shape)).H)).node, gb]


def _det(node: Linalg, g: Given) -> Adjoints:
    """``gA = g conj(det A) A^-H``, for invertible matrices."""
    inverse = Matrix(node.inputs[0]).inverse.H.node
    stack = tuple(range(g[0].ndim))
    labels = [stack, stack, (*stack, -1, -2)]
    return [Einsum.of([g[0], conjugate(Result.of(node, 0)), inverse], labels, labels[-1])]


def _cholesky(node: Linalg, g: Given) -> Adjoints:
    """Murray's equation 10, made Hermitian."""
    L, inverse = _result(node), _result(node).inverse
    inner = (L.H @ Matrix(g[0])).lower
    outer = inverse.H @ inner @ inverse
    return [elementwise(call("multiply", constant(0.5), argument(0)), (outer + outer.H).node)]


def _matrix_power(node: Linalg, g: Given) -> Adjoints:
    """``gA = sum_k (A^H)^k g (A^H)^(n-1-k)``; of a negative power, through the inverse."""
    n = int(node.options[0])
    if n == 0:
        return [None]
    base = Matrix(node.inputs[0]) if n > 0 else Matrix(node.inputs[0]).inverse
    total = left = Matrix(g[0])
    right = base.H
    # total_m = sum over k < m: g (B^H)^k from the right, (B^H)^(m-1-k) from the left.
    for _ in range(abs(n) - 1):
        left = left @ right
        total = right @ total + left
    return [total.node] if n > 0 else [(-(right @ total @ right)).node]


def _eigh(node: Linalg, g: Given) -> Adjoints:
    """``gA = V (diag(gw) + F * (V^H gV)) V^H`` with ``F[i,j] = 1 / (w[j] - w[i])``."""
    values, V = Result.of(node, 0), _result(node, 1)
    inner = reciprocal_gaps(values) * (V.H @ _given(node, g, 1))
    if 0 in g:
        inner = inner + Matrix.from_diagonal(g[0])
    return [(V @ inner @ V.H).node]


def _qr(node: Linalg, g: Given) -> Adjoints:
    """``gA = (gQ + Q M) R^-H`` with M the Hermitian matrix of the upper triangle of ``R's R gR^H - gQ^H Q``."""
    rows, columns = node.inputs[0].shape[-2:]
    if rows < columns:
        raise UnsupportedOperationError(
            f"linalg.qr has an adjoint for matrices with at least as many rows as columns, not for {rows} x {columns}"
        )
    Q, R = _result(node, 0), _result(node, 1)
    gQ, gR = _given(node, g, 0), _given(node, g, 1)
    inner = (R @ gR.H - gQ.H @ Q).lower
    return [((gQ + Q @ (inner + inner.H)) @ R.inverse.H).node]


def _svd(node: Linalg, g: Given) -> Adjoints:
    """The core between U and Vh, and what leaves the spaces that they span."""
    U, S, Vh = _result(node, 0), Result.of(node, 1), _result(node, 2)
    gU, gV = _given(node, g, 0), _given(node, g, 2).H
    one_over = reciprocal(S)
    gaps = reciprocal_gaps(elementwise(call("square", argument(0)), S))
    left, right = U.H @ gU, Vh @ gV
    left, right = left - left.H, right - right.H
    core = (gaps * left).scaled(columns=S) + (gaps * right).scaled(rows=S)
    if 1 in g:
        core = core + Matrix.from_diagonal(g[1])
    if node.dtype.kind == "c":
        half = elementwise(call("multiply", constant(0.5), argument(0)), one_over)
        core = core + Matrix.from_diagonal(left.diagonal).scaled(columns=half)
    total = U @ core @ Vh
    rows, columns = node.inputs[0].shape[-2:]
    if rows > columns and 0 in g:
        total = total + _outside(gU.scaled(columns=one_over), U) @ Vh
    if rows < columns and 2 in g:
        total = total + U @ _outside(gV.scaled(columns=one_over), Vh.H).H
    return [total.node]


def _outside(x: Matrix, basis: Matrix) -> Matrix:
    """What of the columns of `x` is orthogonal to the orthonormal columns of `basis`."""
    return x - basis @ (basis.H @ x)


_RULES: dict[str, Callable[[Linalg, Given], Adjoints]] = {
    "cholesky": _cholesky,
    "det": _det,
    "eigh": _eigh,
    "inv": _inv,
    "matrix_power": _matrix_power,
    "qr": _qr,
    "solve": _solve,
    "svd": _svd,
}
