"""NumPy functions on tensors and expressions: ``np.exp(A["i,j"])``, ``np.concatenate([A, B])``.

NumPy hands calls over through ``__array_ufunc__`` and ``__array_function__``; they join the same road as the
operators and functions of this package. What has no recorded form, or is called with an option that only
NumPy has (``where=``, ``out=``, ...), looks at the elements, as ``np.asarray`` does.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from tensorlayer.array_api import information, linalg, movement, products, repetition, spatial, statistics
from tensorlayer.array_api.subscripts import einsum
from tensorlayer.errors import LabelError, UnsupportedOperationError
from tensorlayer.language.elementwise import ELEMENTWISE, clip, elementwise
from tensorlayer.language.expression import Labelled
from tensorlayer.language.reductions import REDUCTIONS
from tensorlayer.language.tensor import Tensor

__all__ = ["FUNCTIONS", "UFUNCS", "array_function", "array_ufunc"]

#: NumPy's names of functions that the array API calls otherwise. (`fmax` and `fmin` are not `maximum` and
#: `minimum`: they ignore nan.)
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

#: NumPy ufunc -> product of unlabelled tensors.
_PRODUCTS = {np.matmul: products.matmul, np.vecdot: products.vecdot}


def _fold(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, axis=None, *, keepdims=False: function(a, axis=axis, keepdims=keepdims)


def _accumulate(function: Callable[..., Any]) -> Callable[..., Any]:
    def fold(a: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False) -> Any:
        if isinstance(a, Labelled):
            return NotImplemented if dtype is not None else REDUCTIONS[function.__name__](a, axis=axis)
        return function(a, axis=axis, dtype=dtype, keepdims=keepdims)

    return fold


def _transpose(a: Any, axes: Any = None) -> Any:
    return a.T if axes is None else movement.permute_dims(a, axes)


def _squeeze(a: Any, axis: Any = None) -> Any:
    return movement.squeeze(a, tuple(i for i, n in enumerate(a.shape) if n == 1) if axis is None else axis)


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    if ord is not None or isinstance(axis, tuple):
        return NotImplemented
    return linalg.vector_norm(x, axis=axis, keepdims=keepdims)


def _qr(a: Any, mode: str = "reduced") -> Any:
    return linalg.qr(a, mode=mode) if mode in ("reduced", "complete") else NotImplemented  # type: ignore[arg-type]


#: NumPy function -> what it does to tensors; NotImplemented if it has to look at the elements after all.
FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.concatenate: lambda arrays, axis=0: movement.concat(arrays, axis=axis),
    np.stack: lambda arrays, axis=0: movement.stack(arrays, axis=axis),
    np.transpose: _transpose,
    np.reshape: lambda a, shape: movement.reshape(a, shape),  # noqa: PLW0108  # NumPy passes shape by name
    np.moveaxis: lambda a, source, destination: movement.moveaxis(a, source, destination),  # noqa: PLW0108
    np.expand_dims: lambda a, axis: movement.expand_dims(a, axis=axis) if isinstance(axis, int) else NotImplemented,
    np.squeeze: _squeeze,
    np.flip: lambda m, axis=None: movement.flip(m, axis=axis),
    np.roll: lambda a, shift, axis=None: repetition.roll(a, shift, axis=axis),
    np.diff: lambda a, n=1, axis=-1: repetition.diff(a, n=n, axis=axis),
    np.broadcast_to: lambda array, shape: movement.broadcast_to(array, shape),  # noqa: PLW0108
    np.tensordot: lambda a, b, axes=2: products.tensordot(a, b, axes=axes),
    np.einsum: einsum,
    np.trace: lambda a, offset=0: spatial.trace(a, offset=offset) if np.ndim(a) == 2 else NotImplemented,
    np.diagonal: lambda a, offset=0: spatial.diagonal(a, offset=offset) if np.ndim(a) == 2 else NotImplemented,
    np.where: lambda condition, x, y: elementwise("where", condition, x, y),
    np.clip: lambda a, a_min=None, a_max=None: clip(a, a_min, a_max),
    np.real: lambda val: elementwise("real", val),
    np.imag: lambda val: elementwise("imag", val),
    np.var: lambda a, axis=None, *, ddof=0, keepdims=False: statistics.var(
        a, axis=axis, correction=ddof, keepdims=keepdims
    ),
    np.std: lambda a, axis=None, *, ddof=0, keepdims=False: statistics.std(
        a, axis=axis, correction=ddof, keepdims=keepdims
    ),
    np.count_nonzero: lambda a, axis=None, *, keepdims=False: statistics.count_nonzero(a, axis=axis, keepdims=keepdims),
    np.linalg.norm: _norm,
    np.linalg.qr: _qr,
    # What is known without the elements.
    np.shape: lambda a: a.shape,
    np.ndim: lambda a: a.ndim,
    np.size: lambda a, axis=None: a.size if axis is None else a.shape[axis],
    np.iscomplexobj: lambda x: x.dtype.kind == "c",
    np.isrealobj: lambda x: x.dtype.kind != "c",
    np.result_type: information.result_type,
    **{getattr(np, kind): _fold(function) for kind, function in REDUCTIONS.items()},
    **{getattr(np, kind): _accumulate(getattr(statistics, kind)) for kind in ("sum", "prod")},
    **{
        getattr(np.linalg, name): getattr(linalg, name)
        for name in ("cholesky", "det", "eig", "eigh", "inv", "matrix_power", "pinv", "slogdet", "solve", "svd")
    },
}


def array_ufunc(ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
    """Record a NumPy ufunc; with options, or as a reduction, it looks at the elements instead.

    Raises
    ------
    LabelError
        If operands with and without labels are mixed.
    UnsupportedOperationError
        If the function would write into a tensor.
    """
    if method == "at" or any(isinstance(out, Tensor | Labelled) for out in options.get("out", ())):
        raise UnsupportedOperationError(
            f"np.{ufunc.__name__} would write into a tensor, whose memory may be another's: assign instead, as in "
            "T[...] = np.add(A, B)"
        )
    if method == "__call__" and not options:
        operands = [_operand(x) for x in inputs]
        if ufunc in _PRODUCTS:
            return _product(ufunc, operands)
        if ufunc in UFUNCS:
            return elementwise(UFUNCS[ufunc], *operands)
    return getattr(ufunc, method)(*_looked_at(inputs), **_looked_at(options))


def _operand(x: Any) -> Any:
    """NumPy makes arrays of its scalars before it hands them over, and takes sequences as arrays."""
    if isinstance(x, np.ndarray) and not x.ndim:
        return x[()]
    return np.asarray(x) if isinstance(x, list | tuple) else x


def _product(ufunc: Any, operands: list[Any]) -> Any:
    if any(isinstance(x, Labelled) and not isinstance(x, Tensor) for x in operands):
        raise LabelError(f"{ufunc.__name__} is for tensors without labels: write A['i,k'] * B['k,j'] instead")
    return _PRODUCTS[ufunc](*operands)


@cache
def _signature(implementation: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(implementation)


def array_function(function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """Record a NumPy function; what has no operation here looks at the elements, as ``np.asarray`` does."""
    del types
    implementation = FUNCTIONS.get(function)
    if implementation is not None:
        try:
            _signature(implementation).bind(*args, **kwargs)
        except TypeError:
            # An option that only NumPy has, such as where= or out=.
            pass
        else:
            result = implementation(*args, **kwargs)
            if result is not NotImplemented:
                return result
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
