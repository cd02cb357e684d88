"""C++ as text: literals, casts, and what it lacks; that the text computes what NumPy does is tested with kernels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tensorlayer.buffer import IndexFunction
from tensorlayer.codegen import CPP, loop_of, typed_statements
from tensorlayer.graph import Fused, Generate, Input, Map, Node, Reduce
from tensorlayer.scalar import argument, call

X, Y = argument(0), argument(1)


@pytest.mark.parametrize(
    ("value", "dtype", "text"),
    [
        (True, "bool", "true"),
        (-3, "int8", "(int8)-3"),
        (7, "int32", "7"),
        (-(2**31), "int32", "(-2147483647 - 1)"),
        (-(2**63), "int64", "(-9223372036854775807LL - 1)"),
        (2**64 - 1, "uint64", "18446744073709551615ULL"),
        (0.1, "float32", "0.1f"),
        (-1.5, "float16", "(float16)(-1.5f)"),
        (-0.0, "float64", "(-0.0)"),
        (1e300, "float64", "1e+300"),
        (-np.inf, "float64", "(double)-infinity"),
        (np.nan, "float32", "(float)not_a_number"),
        (1 - 2j, "complex64", "complex64{1.0f, (-2.0f)}"),
    ],
)
def test_literals(value: Any, dtype: str, text: str) -> None:
    assert CPP.constant(np.asarray(value).astype(dtype)[()], np.dtype(dtype)) == text


@pytest.mark.parametrize(
    ("own", "dtype", "text"),
    [
        ("float64", "int8", "(int8)x"),
        ("complex64", "float64", "(double)x.re"),
        ("float32", "complex128", "complex128{(double)x, 0}"),
        ("complex128", "complex64", "complex64{(float)x.re, (float)x.im}"),
        ("int64", "bool", "x != 0"),
        ("int64", "float16", "(float16)(float)x"),
        ("float64", "float16", "(float16)x"),
        ("complex64", "bool", "x.re != 0 || x.im != 0"),
    ],
)
def test_casts(own: str, dtype: str, text: str) -> None:
    assert CPP.cast("x", np.dtype(own), np.dtype(dtype)) == text


def test_statements_declare_their_types() -> None:
    statements, _ = typed_statements(call("add", X, call("negative", Y)), (np.dtype("int16"),) * 2)
    assert [CPP.line(i, statement, ["a", "b"]) for i, statement in enumerate(statements)] == [
        "const int16 t0 = (int16)(0U - (uint16)b);",
        "const int16 t1 = (int16)(1U * (uint16)a + (uint16)t0);",
    ]


def test_what_the_language_lacks_is_named() -> None:
    for name, dtype, reason in (
        ("sin", "complex64", "no sin of complex64"),
        ("nextafter", "float16", "no nextafter of float16"),
        ("sin", "longdouble", f"no element type {np.dtype('longdouble')}"),
    ):
        statements, _ = typed_statements(call(name, *[X, Y][: 1 + (name == "nextafter")]), (np.dtype(dtype),) * 2)
        assert CPP.lacks(statements) == reason


def node_of(dtype: str, shape: tuple[int, ...] = (3, 4)) -> Node:
    return Input.of(0, shape, dtype)


@pytest.mark.parametrize(
    "node",
    [
        Map.of([node_of("float64")], [(1, 0)], (4, 3), X),
        Map.of([node_of("complex64")], [(0, 1)], (3, 4), call("sin", X)),
        Map.of([node_of("float64", (0, 4))], [(0, 1)], (0, 4), call("sin", X)),
        Reduce.of(node_of("longdouble"), "sum", (0,)),
        Generate.of(IndexFunction(lambda i: i), ((0, 3, 1),), float),
    ],
    ids=["moves only", "no such function", "no elements", "no such type", "no loop"],
)
def test_what_is_no_loop(node: Node) -> None:
    assert loop_of(node, CPP) is None


def test_a_loop_has_the_steps_of_its_operands_along_its_axes() -> None:
    product = Map.of([node_of("float32"), node_of("float32", (4,))], [(0, 1), (1,)], (3, 4), call("multiply", X, Y))
    loop = loop_of(Fused.of(product, "sum", (1,)), CPP)
    assert loop is not None
    assert loop.placed([(4, 1), (1,)]) == ((4, 1), (0, 1))
    assert (loop.kept, loop.reduced, loop.kind, loop.dtype) == ((0,), (1,), "sum", np.dtype("float32"))
