"""Tensors on crossbars as SciPy's linear operators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlayer.errors import ConversionError
from tensorlayer.language.tensor import Tensor

if TYPE_CHECKING:
    from analog.backend.array import AnalogArray

__all__ = ["linear_operator", "matrix_of"]


def linear_operator(tensor: Tensor) -> Any:
    """A tensor on crossbars as a `scipy.sparse.linalg.LinearOperator`: every product runs on the crossbars.

    Parameters
    ----------
    tensor : Tensor
        On crossbars; of more than two modes it is the matrix that it is folded into.

    Returns
    -------
    LinearOperator
        (outputs, inputs), or (inputs, outputs) of a transposed matrix; of the tensor's element type. Its adjoint is the
        transposed product.

    Raises
    ------
    ConversionError
        If the tensor is not held by the backend ``"analog"``.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.sparse.linalg import cg
    >>> import tensorlayer as tl
    >>> A = tl.tensor(np.array([[4.0, 1.0], [1.0, 3.0]]), backend="analog", seed=1)
    >>> solution, failed = cg(linear_operator(A), np.array([1.0, 2.0]))
    >>> solution.round(4), failed
    (array([0.0909, 0.6364]), 0)
    """
    from scipy.sparse.linalg import LinearOperator

    array, turned = matrix_of(tensor)

    def forward(columns: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return _columns(array, columns, transposed=turned)

    def backward(columns: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return _columns(array, columns, transposed=not turned)

    shape = array.grid.shape[::-1] if turned else array.grid.shape
    return LinearOperator(shape, matvec=forward, rmatvec=backward, matmat=forward, rmatmat=backward, dtype=array.dtype)


def matrix_of(tensor: Tensor) -> tuple[AnalogArray, bool]:
    """What crossbars hold of a tensor, and whether it is their matrix transposed.

    Raises
    ------
    ConversionError
        If they hold nothing of it.
    """
    if not isinstance(tensor, Tensor):
        raise ConversionError(
            f"a {type(tensor).__name__} is not on crossbars: make it by tensorlayer.tensor(w, backend='analog')"
        )
    if tensor.place[0] != "analog":
        raise ConversionError(f"the tensor is held by {tensor.place[0]!r}, not by crossbars: make it by .to('analog')")
    array: AnalogArray = tensor.unwrap()
    return array, array.form.rows == 1 and array.form.order == (1, 0)


def _columns(array: AnalogArray, columns: np.ndarray[Any, Any], *, transposed: bool) -> np.ndarray[Any, Any]:
    result: np.ndarray[Any, Any] = array.product(np.asarray(columns).T, transposed=transposed)
    return result.T.astype(array.dtype)
