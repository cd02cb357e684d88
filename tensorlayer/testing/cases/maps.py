"""Maps: every function on every element type, mixed types, casts, constants, transposes and broadcasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from tensorlayer.graph import Map
from tensorlayer.scalar import FUNCTIONS, Body, argument, call, constant
from tensorlayer.testing.case import Array, Case, inputs_for, is_defined
from tensorlayer.testing.cases.samples import DTYPES, sample, special

__all__ = ["MAPS"]

_x, _y, _z = map(argument, range(3))
#: Functions of integers whose value at other second (or only) arguments C leaves undefined.
_DEFINED: dict[str, Callable[..., Array]] = {
    "pow": partial(np.clip, a_min=0, a_max=3),
    "reciprocal": lambda array: np.where(array == 0, 1, array),
    "bitwise_left_shift": partial(np.clip, a_min=0, a_max=6),
    "bitwise_right_shift": partial(np.clip, a_min=0, a_max=6),
}


def _case(name: str, body: Body, arrays: Sequence[Array]) -> Case:
    """`body` at every element of arrays of one shape."""
    axes = [range(array.ndim) for array in arrays]
    return Case(name, (Map.of(inputs_for(*arrays), axes, arrays[0].shape, body),), tuple(arrays))


def _arguments(name: str, dtype: str) -> list[Array]:
    """All combinations of special values."""
    arity = FUNCTIONS[name].arity
    values = special(dtype) if arity < 3 else special(dtype)[1::2]
    arrays = [grid.ravel() for grid in np.meshgrid(*[values] * arity, indexing="ij")]
    if name in _DEFINED and arrays[-1].dtype.kind in "iu":
        arrays[-1] = _DEFINED[name](arrays[-1]).astype(dtype)
    if name == "pow" and arrays[0].dtype.kind == "f":
        # Whether (-inf)**0.5 is inf or nan depends in NumPy on whether the exponent is an array.
        arrays[0] = np.maximum(arrays[0], np.asarray(-9, dtype))
    return arrays


def _functions() -> Iterator[Case]:
    for name, function in FUNCTIONS.items():
        body = call(name, *map(argument, range(function.arity)))
        for dtype in DTYPES:
            if is_defined(body, (np.dtype(dtype),) * function.arity):
                yield _case(f"{name}-{dtype}", body, _arguments(name, dtype))


#: What is mixed: (name, body, element types of the arguments).
_MIXED: tuple[tuple[str, Body, tuple[str, ...]], ...] = (
    ("int + float", call("add", _x, _y), ("int32", "float32")),
    ("int64 + float32", call("add", _x, _y), ("int64", "float32")),
    ("bool * int8", call("multiply", _x, _y), ("bool", "int8")),
    ("uint8 - int8", call("subtract", _x, _y), ("uint8", "int8")),
    ("float32 * complex64", call("multiply", _x, _y), ("float32", "complex64")),
    ("float64 * complex64", call("multiply", _x, _y), ("float64", "complex64")),
    ("int < float", call("less", _x, _y), ("int32", "float32")),
    ("bool == bool", call("equal", _x, _y), ("bool", "bool")),
    ("uint8 < 300", call("less", _x, constant(300)), ("uint8",)),
    ("int8 >= -1000", call("greater_equal", _x, constant(-1000)), ("int8",)),
    ("bool == 1", call("equal", _x, constant(1)), ("bool",)),
    ("bool < 0.5", call("less", _x, constant(0.5)), ("bool",)),
    ("int and complex", call("logical_and", _x, _y), ("int32", "complex64")),
    ("where int", call("where", _x, _y, _z), ("int32", "float32", "int64")),
    ("clip by other types", call("clip", _x, _y, _z), ("float32", "int8", "float64")),
    ("int / int", call("divide", _x, _y), ("int64", "int64")),
    ("sqrt of int", call("sqrt", call("abs", _x)), ("int64",)),
    ("integer times 2.5", call("multiply", _x, constant(2.5)), ("int32",)),
    ("float32 times 2.5", call("multiply", _x, constant(2.5)), ("float32",)),
    ("float32 times 2", call("multiply", constant(2), _x), ("float32",)),
    ("float32 plus 1j", call("add", _x, constant(1j)), ("float32",)),
    ("float32 plus float64 scalar", call("add", _x, constant(np.float64(1))), ("float32",)),
    ("square", call("pow", _x, constant(2)), ("float32",)),
    ("square of bool", call("pow", _x, constant(2)), ("bool",)),
    ("square of int by float", call("pow", _x, constant(2.0)), ("int32",)),
    ("cube", call("pow", _x, constant(3)), ("complex128",)),
    ("root", call("pow", call("abs", _x), constant(0.5)), ("float32",)),
    ("choice of constants", call("where", call("greater", _x, constant(0)), constant(1.5), constant(0)), ("float32",)),
    ("float as int", ("astype", _x, "int32"), ("float64",)),
    ("int as bool", ("astype", _x, "bool"), ("int32",)),
    ("complex as bool", ("astype", call("multiply", _x, constant(1j)), "bool"), ("complex64",)),
    ("float as complex", ("astype", _x, "complex64"), ("float32",)),
    ("wide as narrow", ("astype", _x, "float32"), ("float64",)),
    ("wrapping cast", ("astype", _x, "int8"), ("int64",)),
    ("argument alone", _x, ("float64",)),
    ("argument twice", call("subtract", call("exp", _x), _x), ("float64",)),
    ("argument unused", call("exp", _y), ("float64", "float32")),
    ("nested", call("sqrt", call("add", call("square", _x), call("square", _y))), ("float64", "float64")),
)


def _mixed() -> Iterator[Case]:
    for name, body, dtypes in _MIXED:
        yield _case(name, body, [sample((2, 5), dtype, seed) for seed, dtype in enumerate(dtypes)])


#: How operands are placed: (name, shapes, axes, shape of the result).
_PLACED = (
    ("scalar", [()], [()], ()),
    ("empty", [(0,)], [(0,)], (0,)),
    ("empty matrix", [(2, 0), (2, 0)], [(0, 1), (0, 1)], (2, 0)),
    ("transposed", [(2, 3)], [(1, 0)], (3, 2)),
    ("permuted", [(2, 3, 4), (4, 2, 3)], [(0, 1, 2), (2, 0, 1)], (2, 3, 4)),
    ("outer", [(2,), (3,)], [(0,), (1,)], (2, 3)),
    ("outer, turned", [(2,), (3,)], [(1,), (0,)], (3, 2)),
    ("matrix and vector", [(2, 3), (3,)], [(0, 1), (1,)], (2, 3)),
    ("matrix and scalar", [(2, 3), ()], [(0, 1), ()], (2, 3)),
    ("one extent", [(1, 3), (1, 3)], [(0, 1), (0, 1)], (1, 3)),
    ("repeated along a new mode", [(3,)], [(1,)], (2, 3)),
    ("repeated to nothing", [(3,)], [(1,)], (0, 3)),
    ("scalar everywhere", [()], [()], (2, 2)),
)


def _placed() -> Iterator[Case]:
    for name, shapes, axes, shape in _PLACED:
        arrays = [sample(one, "float64", seed) for seed, one in enumerate(shapes)]
        body = call("exp", _x) if len(arrays) == 1 else call("subtract", _x, _y)
        yield Case(name, (Map.of(inputs_for(*arrays), axes, shape, body),), tuple(arrays))
    yield Case("no operands", (Map.of([], [], (2, 3), call("exp", constant(2.0))),), ())


MAPS: tuple[Case, ...] = (*_functions(), *_mixed(), *_placed())
