"""NumPy functions on tensors and expressions: ``np.exp(A["i,j"])``, ``np.concatenate([A, B])``.

NumPy hands calls over through ``__array_ufunc__`` and ``__array_function__``; they join the same road as the
operators and functions of this package.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tensorlayer.array_api import movement, products, statistics
from tensorlayer.language import linalg
from tensorlayer.language.elementwise import ELEMENTWISE, elementwise
from tensorlayer.language.expression import Labelled
from tensorlayer.language.reductions import REDUCTIONS
from tensorlayer.language.tensor import Tensor

__all__ = ["FUNCTIONS", "UFUNCS", "array_function", "array_ufunc"]

#: NumPy's names of functions that the array API calls otherwise.
_RENAMED = {
    "absolute": "abs",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "conjugate": "conj",
    "fmax": "maximum",
    "fmin": "minimum",
    "invert": "bitwise_invert",
    "left_shift": "bitwise_left_shift",
    "power": "pow",
    "right_shift": "bitwise_right_shift",
    "rint": "round",
    "true_divide": "divide",
}

#: NumPy ufunc -> elementwise function.
UFUNCS: dict[Any, str] = {
    getattr(np, numpy_name): name
    for numpy_name, name in (*_RENAMED.items(), *((name, name) for name in ELEMENTWISE))
    if isinstance(getattr(np, numpy_name), np.ufunc)
}


def _transpose(a: Any, axes: Any = None) -> Tensor:
    return a.T if axes is None else movement.permute_dims(a, axes)


def _fold(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, axis=None, *, keepdims=False: function(a, axis=axis, keepdims=keepdims)


#: NumPy function -> what it does to tensors.
FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.concatenate: lambda arrays, axis=0: movement.concat(arrays, axis=axis),
    np.stack: lambda arrays, axis=0: movement.stack(arrays, axis=axis),
    np.transpose: _transpose,
    np.reshape: movement.reshape,
    np.moveaxis: movement.moveaxis,
    np.expand_dims: lambda a, axis: movement.expand_dims(a, axis=axis),
    np.squeeze: lambda a, axis: movement.squeeze(a, axis),  # noqa: PLW0108  # NumPy passes axis by name
    np.flip: lambda m, axis=None: movement.flip(m, axis=axis),
    np.broadcast_to: movement.broadcast_to,
    np.tensordot: lambda a, b, axes=2: products.tensordot(a, b, axes=axes),
    np.where: lambda condition, x, y: elementwise("where", condition, x, y),
    np.clip: lambda a, a_min, a_max: elementwise("clip", a, a_min, a_max),
    np.real: lambda val: elementwise("real", val),
    np.imag: lambda val: elementwise("imag", val),
    np.var: lambda a, axis=None: statistics.var(a, axis=axis),
    np.std: lambda a, axis=None: statistics.std(a, axis=axis),
    **{getattr(np, kind): _fold(function) for kind, function in REDUCTIONS.items()},
    **{getattr(np.linalg, name): function for name, function in linalg.LINALG_FUNCTIONS.items()},
}


def array_ufunc(ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
    """Record a NumPy ufunc; with options, or as a reduction, it looks at the elements instead."""
    if method == "__call__" and not options:
        if ufunc is np.matmul:
            return products.matmul(*inputs)
        if ufunc in UFUNCS:
            return elementwise(UFUNCS[ufunc], *inputs)
    return getattr(ufunc, method)(*_looked_at(inputs), **_looked_at(options))


def array_function(function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """Record a NumPy function; what has no operation here looks at the elements, as ``np.asarray`` does."""
    del types
    implementation = FUNCTIONS.get(function)
    if implementation is not None:
        try:
            return implementation(*args, **kwargs)
        except TypeError as error:
            # An option that only NumPy has, such as where= or out=.
            if "unexpected keyword argument" not in str(error):
                raise
    return function(*_looked_at(args), **_looked_at(kwargs))


def _looked_at(part: Any) -> Any:
    """Tensors replaced by their elements, in sequences and mappings too."""
    if isinstance(part, Tensor | Labelled):
        return np.asarray(part)
    if isinstance(part, tuple | list):
        return type(part)(map(_looked_at, part))
    if isinstance(part, dict):
        return {name: _looked_at(value) for name, value in part.items()}
    return part
