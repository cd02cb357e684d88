"""Decompositions of labelled and unlabelled tensors: ``tensorlayer.linalg``.

A labelled operand gives results that keep its labels, so that they can stand in the next expression; a mode
that is new (the inner one of ``qr`` and ``svd``) gets a fresh label shared by the results, so that
``Q * R`` is the matrix again. The matrices are in the last two labels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from tensorlayer.errors import AmbiguousError, GraphError, LabelError, ShapeError
from tensorlayer.graph import LINALG, Linalg, Node, Result
from tensorlayer.labels import Label, Labels
from tensorlayer.language.closed import Closed, close
from tensorlayer.language.expression import Labelled
from tensorlayer.language.operand import as_node
from tensorlayer.language.tensor import Tensor
from tensorlayer.language.value import Value

__all__ = ["LINALG_FUNCTIONS", "cholesky", "det", "eig", "eigh", "inv", "matrix_power", "qr", "solve", "svd"]


#: From the labels of the stack, of the rows and of the columns of matrices to those of each result.
Naming = Callable[[tuple[Any, ...], Any, Any], list[tuple[Any, ...]]]


class EighResult(NamedTuple):
    """Eigenvalues and eigenvectors."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class QRResult(NamedTuple):
    """An orthonormal and an upper triangular factor."""

    Q: Tensor
    R: Tensor


class SVDResult(NamedTuple):
    """Left singular vectors, singular values, right singular vectors (adjoint)."""

    U: Tensor
    S: Tensor
    Vh: Tensor


def _operand(x: Any) -> tuple[Node, Labels | None]:
    """Node and labels of an operand; an open expression is closed over its own labels.

    Raises
    ------
    AmbiguousError
        If it is an open product with more labels than a matrix has: a product of matrices, or a stack?
    """
    if isinstance(x, Labelled):
        labels = x.signature.labels
        if x.operation != "leaf" and x.signature.products and len(labels) > 2:
            raise AmbiguousError(
                f"an open product with the labels {str(labels)!r} is a product of matrices if labels are summed, and a "
                f"stack of matrices if they are kept: close it first, as in (product)[{f'{labels[0]},{labels[-1]}'!r}]"
            )
        closed = close(x, x.signature.labels)
        return closed.node, closed.labels
    return as_node(x), None


def _make(name: str, nodes: list[Node], *options: Any) -> Linalg:
    try:
        return Linalg.of(name, nodes, *options)
    except GraphError as error:
        raise ShapeError(f"linalg.{name}: {error}") from None


def _results(source: Linalg, labels: list[tuple[Any, ...]] | None) -> list[Tensor]:
    values = [Value.derived(Result.of(source, i)) for i in range(len(LINALG[source.name].results))]
    if labels is None:
        return [Tensor.from_value(value) for value in values]
    return [Closed.of(value, Labels(own)) for value, own in zip(values, labels, strict=True)]


def _matrix(name: str, labels: Labels | None) -> tuple[tuple[Any, ...], Any, Any] | None:
    if labels is None:
        return None
    if len(labels) < 2:
        raise LabelError(f"linalg.{name} needs a matrix in the last two labels, got {str(labels)!r}")
    return tuple(labels[:-2]), labels[-2], labels[-1]


def _decomposed(name: str, x: Any, labelled: Naming, *options: Any) -> list[Tensor]:
    """The results of a decomposition; `labelled` gives the labels of each for those of the matrices."""
    node, labels = _operand(x)
    matrix = _matrix(name, labels)
    return _results(_make(name, [node], *options), None if matrix is None else labelled(*matrix))


def _one(name: str, x: Any, *options: Any) -> Tensor:
    return _decomposed(name, x, lambda stack, row, column: [(*stack, row, column)], *options)[0]


def cholesky(x: Any) -> Tensor:
    """Lower triangular L with ``L L^H = x``.

    Parameters
    ----------
    x : expression or tensor, shape (..., n, n)
        Hermitian positive definite matrices in the last two modes.

    Returns
    -------
    tensor, shape (..., n, n)
        With the labels of `x`, if it has labels.

    Raises
    ------
    ShapeError
        If the matrices are not square.
    BackendError
        When computed, if a matrix is not positive definite.

    Examples
    --------
    >>> L = cholesky(Tensor([[4.0, 2.0], [2.0, 5.0]])["i,j"])
    >>> L.numpy()
    array([[2., 0.],
           [1., 2.]])
    """
    return _one("cholesky", x)


def inv(x: Any) -> Tensor:
    """Inverse of matrices of shape (..., n, n); keeps the labels of `x` by position.

    Raises
    ------
    ShapeError
        If the matrices are not square.
    BackendError
        When computed, if a matrix is singular.
    """
    return _one("inv", x)


def matrix_power(x: Any, n: int) -> Tensor:
    """The n-th matrix power of matrices of shape (..., m, m), for any integer `n`; ``**`` is elementwise instead."""
    if not isinstance(n, int):
        raise ShapeError(f"matrix_power: the exponent must be an integer, got {n!r}")
    return _one("matrix_power", x, n)


def det(x: Any) -> Tensor:
    """Determinant of matrices of shape (..., n, n); keeps the labels of the stack."""
    return _decomposed("det", x, lambda stack, *_: [stack])[0]


def eigh(x: Any) -> EighResult:
    """Eigenvalues (ascending) and eigenvectors of Hermitian matrices.

    Parameters
    ----------
    x : expression or tensor, shape (..., n, n)
        Hermitian; the lower triangle is read.

    Returns
    -------
    eigenvalues : tensor, shape (..., n)
        Real. Labelled by the last label of `x`.
    eigenvectors : tensor, shape (..., n, n)
        In columns. Labelled as `x`.
    """
    return _eigen("eigh", x)


def eig(x: Any) -> EighResult:
    """Eigenvalues and right eigenvectors of square matrices, always complex; labels as for `eigh`."""
    return _eigen("eig", x)


def _eigen(name: str, x: Any) -> EighResult:
    return EighResult(*_decomposed(name, x, lambda stack, row, column: [(*stack, column), (*stack, row, column)]))


def qr(x: Any) -> QRResult:
    """Orthonormal Q and upper triangular R with ``Q R = x`` (reduced form).

    Parameters
    ----------
    x : expression or tensor, shape (..., m, n)
        Any matrices.

    Returns
    -------
    Q : tensor, shape (..., m, k)
        With k = min(m, n). Labelled by the row label of `x` and a fresh label.
    R : tensor, shape (..., k, n)
        Labelled by the same fresh label and the column label, so that ``Q * R`` is `x`.
    """
    inner = Label("q")
    return QRResult(*_decomposed("qr", x, lambda stack, row, column: [(*stack, row, inner), (*stack, inner, column)]))


def svd(x: Any) -> SVDResult:
    """Singular value decomposition ``x = U S Vh`` (reduced form).

    Parameters
    ----------
    x : expression or tensor, shape (..., m, n)
        Any matrices.

    Returns
    -------
    U : tensor, shape (..., m, k)
        With k = min(m, n). Labelled by the row label of `x` and a fresh label.
    S : tensor, shape (..., k)
        Real, descending. Labelled by the same fresh label.
    Vh : tensor, shape (..., k, n)
        Labelled by the same fresh label and the column label, so that ``U * S * Vh`` is `x`.
    """
    inner = Label("s")
    return SVDResult(
        *_decomposed(
            "svd", x, lambda stack, row, column: [(*stack, row, inner), (*stack, inner), (*stack, inner, column)]
        )
    )


def solve(a: Any, b: Any) -> Tensor:
    """The x with ``sum_j a[i,j] x[j] = b[i]``.

    Parameters
    ----------
    a : expression or tensor, shape (..., n, n)
        Square matrices.
    b : expression or tensor, shape (n,) or (..., n, m)
        One right side, or one per column.

    Returns
    -------
    tensor, shape of `b`
        Labelled as `b`, but with the column label of `a` in place of its row label, as the equation asks.

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    LabelError
        If only one of the two has labels, or `b` does not carry the row label of `a`.
    """
    node_a, labels_a = _operand(a)
    node_b, labels_b = _operand(b)
    if (labels_a is None) is not (labels_b is None):
        raise LabelError("linalg.solve: label both operands or none, as in solve(A['i,j'], b['i'])")
    matrix = _matrix("solve", labels_a)
    named = None
    if matrix is not None and labels_b is not None:
        _, row, column = matrix
        if row not in labels_b:
            raise LabelError(f"linalg.solve: the right side {str(labels_b)!r} lacks the row label {str(row)!r}")
        named = [tuple(column if label == row else label for label in labels_b)]
    return _results(_make("solve", [node_a, node_b]), named)[0]


#: The decompositions by name, for the text form.
LINALG_FUNCTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function for function in (cholesky, det, eig, eigh, inv, matrix_power, qr, solve, svd)
}
