"""NumPy's protocols: ``np.exp(A["i,j"])`` and ``np.float64(2) * A["i,j"]`` come here."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["NumpyProtocol"]

_FUNCTIONS = "tensorlayer.array_api.numpy_functions"


class NumpyProtocol:
    """Hands calls of NumPy functions over to the recording functions of the same name.

    Without it NumPy would wrap expressions into object arrays, or iterate them forever. The functions lie
    above the language, so they are loaded when NumPy first asks.
    """

    __slots__ = ()

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        return importlib.import_module(_FUNCTIONS).array_ufunc(ufunc, method, *inputs, **options)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return importlib.import_module(_FUNCTIONS).array_function(function, types, args, kwargs)
