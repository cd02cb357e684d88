"""Map and Fused on any array namespace.

The standard leaves mixed element types undefined, so every subtree is computed in the type that NumPy's
promotion gives it and operands are cast where they differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlayer.errors import DtypeError
from tensorlayer.graph import DType, Fused, Map
from tensorlayer.interpreter.reduce import reducer
from tensorlayer.scalar import Body, arguments_of, dtype_of, is_constant

if TYPE_CHECKING:
    from tensorlayer.backend.array import ArrayBackend

__all__ = ["function_calls", "fused_kernel", "map_kernel", "operand_types"]

#: Functions whose operands share a type that is not the type of the result.
_COMPARISONS = frozenset({"equal", "not_equal", "less", "less_equal", "greater", "greater_equal"})
_LOGICAL = frozenset({"logical_and", "logical_or", "logical_xor", "logical_not"})
_TESTS = frozenset({"isnan", "isinf", "isfinite", "signbit"})


def map_kernel(backend: ArrayBackend, node: Map) -> Callable[..., Any]:
    """Kernel of a Map: place the modes of every input, then evaluate the body."""
    places = [_placer(backend, axes, node.shape) for axes in node.axes]
    run = _body_function(backend, node.body, tuple(source.dtype for source in node.inputs))
    covered = {axis for i in arguments_of(node.body) for axis in node.axes[i]}
    broadcast = backend.namespace.broadcast_to if covered != set(range(node.ndim)) else None
    identity = tuple(range(node.ndim))
    if broadcast is None and all(axes == identity for axes in node.axes):
        return run

    def kernel(*arrays: Any) -> Any:
        result = run(*(place(array) for place, array in zip(places, arrays, strict=True)))
        return result if broadcast is None else broadcast(result, node.shape)

    return kernel


def fused_kernel(backend: ArrayBackend, node: Fused) -> Callable[..., Any]:
    """Kernel of a Fused: the map, then the reduction."""
    source = node.unfused()
    compute = map_kernel(backend, source)
    reduce = reducer(backend, node.kind, node.reduced, node.dtype)
    return lambda *arrays: reduce(compute(*arrays))


def _placer(backend: ArrayBackend, axes: tuple[int, ...], shape: tuple[int, ...]) -> Callable[[Any], Any]:
    """Permute an array's modes to ascending output axes and insert modes of extent one for the others."""
    order = tuple(sorted(range(len(axes)), key=axes.__getitem__))
    spread = tuple(n if axis in axes else 1 for axis, n in enumerate(shape))
    permuted = order != tuple(range(len(order)))
    reshaped = len(axes) != len(shape)

    def place(array: Any) -> Any:
        if permuted:
            array = backend.transpose(array, order)
        return backend.reshape(array, spread) if reshaped else array

    return place


def _body_function(backend: ArrayBackend, body: Body, dtypes: tuple[DType, ...]) -> Callable[..., Any]:
    """A function of native arrays that evaluates `body`, with every cast explicit."""
    if body[0] == "x":
        index = body[1]
        return lambda *arrays: arrays[index]
    if body[0] == "c":
        value = _scalar(backend, body, np.result_type(np.asarray(body[2])))
        return lambda *_: value
    if body[0] == "astype":
        inner, dtype = _body_function(backend, body[1], dtypes), np.dtype(body[2])
        return _cast(backend, inner, dtype_of(body[1], dtypes), dtype)
    return _call(backend, body, dtypes)


def function_calls(body: Body, dtypes: tuple[DType, ...]) -> Iterator[tuple[str, DType]]:
    """Every function that `body` calls, with the element type of its operands."""
    if body[0] == "astype":
        yield from function_calls(body[1], dtypes)
    elif body[0] not in ("x", "c"):
        yield body[0], operand_types(body[0], body[1:], dtypes)[-1]
        for part in body[1:]:
            yield from function_calls(part, dtypes)


def _call(backend: ArrayBackend, body: Body, dtypes: tuple[DType, ...]) -> Callable[..., Any]:
    name, parts = body[0], body[1:]
    wanted = operand_types(name, parts, dtypes)
    if name in ("real", "imag", "conj") and wanted[0].kind != "c":
        own = _of_real(backend, name, _body_function(backend, parts[0], dtypes))
        return _cast(backend, own, dtype_of(parts[0], dtypes), dtype_of(body, dtypes))
    if name == "pow" and is_constant(parts[1], 2):
        # Libraries are far slower at a general power than at a product.
        name, parts, wanted = "square", parts[:1], wanted[:1]
    function = backend.function(name, wanted[-1])
    if parts == tuple(("x", i) for i in range(len(dtypes))) and tuple(wanted) == dtypes:
        return function
    functions = [_operand(backend, part, dtypes, dtype) for part, dtype in zip(parts, wanted, strict=True)]
    return _applied(function, functions)


def _applied(function: Callable[..., Any], functions: Sequence[Callable[..., Any]]) -> Callable[..., Any]:
    if len(functions) == 1:
        (only,) = functions
        return lambda *arrays: function(only(*arrays))
    if len(functions) == 2:
        left, right = functions
        return lambda *arrays: function(left(*arrays), right(*arrays))
    return lambda *arrays: function(*(part(*arrays) for part in functions))


def operand_types(name: str, parts: tuple[Body, ...], dtypes: tuple[DType, ...]) -> list[DType]:
    """The element types to which the operands of a function are brought before it is called."""
    own = [dtype_of(part, dtypes) for part in parts]
    if name in _LOGICAL:
        return [np.dtype(bool)] * len(parts)
    if name in _TESTS:
        return own
    if name in ("real", "imag", "abs"):
        return own
    if name in _COMPARISONS:
        return [_joined(parts, own, dtypes)] * len(parts)
    result = dtype_of((name, *parts), dtypes)
    if name == "where":
        return [np.dtype(bool), result, result]
    return [result] * len(parts)


def _joined(parts: tuple[Body, ...], own: Sequence[DType], dtypes: tuple[DType, ...]) -> DType:
    """The element type in which two numbers are compared."""
    if any(dtype.kind == "b" for dtype in own):
        return np.result_type(*own)
    try:
        return dtype_of(("add", *parts), dtypes)
    except DtypeError:
        # A Python integer that the other side's type cannot hold may still be compared with it.
        return np.result_type(*own)


def _operand(backend: ArrayBackend, part: Body, dtypes: tuple[DType, ...], dtype: DType) -> Callable[..., Any]:
    if part[0] == "c":
        value = _scalar(backend, part, dtype)
        return lambda *_: value
    inner = _body_function(backend, part, dtypes)
    own = dtype_of(part, dtypes)
    return inner if own == dtype else _cast(backend, inner, own, dtype)


def _scalar(backend: ArrayBackend, body: Body, dtype: DType) -> Any:
    value = body[2].item() if isinstance(body[2], np.generic) else body[2]
    return backend.namespace.asarray(value, dtype=backend.native_dtype(dtype), **backend.placement)


def _cast(backend: ArrayBackend, inner: Callable[..., Any], own: DType, dtype: DType) -> Callable[..., Any]:
    if own == dtype:
        return inner
    if own.kind == "c" and dtype.kind == "b":
        return lambda *arrays: inner(*arrays) != 0
    cast = backend.caster(dtype)
    if own.kind == "c" and dtype.kind != "c":
        real = backend.function("real", own)
        return lambda *arrays: cast(real(inner(*arrays)))
    return lambda *arrays: cast(inner(*arrays))


def _of_real(backend: ArrayBackend, name: str, inner: Callable[..., Any]) -> Callable[..., Any]:
    if name == "imag":
        return lambda *arrays: backend.namespace.zeros_like(inner(*arrays))
    return inner
