"""Products of matrices, by the library whose threads are awake."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import numpy as np
from array_api_compat import array_namespace

__all__ = ["matmul", "multiplying_by"]

#: For arrays of NumPy.
_multiply: ContextVar[Callable[..., Any]] = ContextVar("multiply", default=np.matmul)


def matmul(a: Any, b: Any, out: Any = None) -> Any:
    """The product of two matrices, by their library.

    Parameters
    ----------
    a, b : array
        Native matrices, float32.
    out : array, optional
        Where it goes; new memory when left out.
    """
    if isinstance(a, np.ndarray):
        return _multiply.get()(a, b, out=out)
    return array_namespace(a).matmul(a, b, out=out)


class multiplying_by:  # noqa: N801  # used as a function
    """Products of NumPy's arrays are made by ``function(a, b, out=None)`` in this scope.

    Two libraries that multiply by turns wait for each other's threads, which spin: a program that computes in torch has
    its products made by torch.

    Parameters
    ----------
    function : callable
        As `numpy.matmul`.
    """

    __slots__ = ("_function", "_token")

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __enter__(self) -> None:
        self._token = _multiply.set(self._function)

    def __exit__(self, *exception: object) -> None:
        _multiply.reset(self._token)
