"""The Python text of a body, run by Python itself on NumPy's scalars, against NumPy."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest

from tensorlayer.codegen import PYTHON, typed_statements
from tensorlayer.scalar import FUNCTIONS, argument, call, constant
from tensorlayer.testing.case import is_defined
from tensorlayer.testing.cases.samples import special

X, Y = argument(0), argument(1)
DTYPES = ("bool", "int8", "uint8", "int64", "uint64", "float32", "float64", "complex64", "complex128")
SCOPE = {
    "np": np,
    "inf": inf,
    "nan": nan,
    "floor_divide": np.floor_divide,
    "remainder": np.remainder,
    **{
        f"{name}_{kind}": np.power if name == "pow" else getattr(np, name)
        for name in "cos cosh exp expm1 log log10 log1p log2 pow sin sinh tan tanh".split()
        for kind in ("float16", "float32", "float64")
    },
    **{name: getattr(np, name) for name in PYTHON.types if name != "bool"},
}


def run(body, *values):
    """The value of the generated text, and its statements."""
    dtypes = tuple(np.asarray(value).dtype for value in values)
    statements, result = typed_statements(body, dtypes)
    assert PYTHON.lacks(statements) is None
    scope = SCOPE | {f"v{i}": value for i, value in enumerate(values)}
    names = [f"v{i}" for i in range(len(values))]
    for i, statement in enumerate(statements):
        exec(PYTHON.line(i, statement, names), scope)
    return eval(PYTHON.operand(result, names), scope), result.dtype


def spoken():
    for name, function in FUNCTIONS.items():
        body = call(name, *map(argument, range(function.arity)))
        for dtype in DTYPES:
            dtypes = (np.dtype(dtype),) * function.arity
            if is_defined(body, dtypes) and PYTHON.lacks(typed_statements(body, dtypes)[0]) is None:
                yield name, dtype


@pytest.mark.parametrize(("name", "dtype"), list(spoken()))
def test_every_function_has_numpys_values(name, dtype):
    values = special(dtype)
    if name == "pow":
        # Whether (-inf)**0.5 is inf or nan depends in NumPy on whether the exponent is an array.
        values = values[values != -inf]
    with np.errstate(all="ignore"):
        for x, y in ((x, y) for x in values for y in values):
            operands = (x, y, x)[: FUNCTIONS[name].arity]
            actual, kind = run(call(name, *map(argument, range(len(operands)))), *operands)
            expected = getattr(np, name)(*operands)
            assert kind == np.asarray(expected).dtype
            if kind.kind != "c" or np.isfinite(expected):
                tolerance = 1e-6 if kind in (np.float32, np.complex64) else 1e-12
                np.testing.assert_allclose(actual, expected, rtol=tolerance, err_msg=f"{name}{operands}")


def names(body, *dtypes):
    statements, result = typed_statements(body, tuple(map(np.dtype, dtypes)))
    return [statement.name for statement in statements], result


def test_equal_parts_are_computed_once():
    grown = call("exp", X)
    assert names(call("multiply", grown, call("add", grown, constant(1))), "float64")[0] == ["exp", "add", "multiply"]


def test_small_powers_are_products():
    assert names(call("pow", X, constant(3)), "float64")[0] == ["multiply", "multiply"]
    assert names(call("pow", X, constant(0.5)), "float64")[0] == ["pow"]


def test_every_change_of_type_is_a_statement():
    listed, result = names(call("add", X, Y), "int32", "float32")
    assert (listed, result.dtype) == (["astype", "astype", "add"], np.dtype("float64"))


@pytest.mark.parametrize("dtype", ["int8", "bool", "float32"])
def test_what_does_nothing_is_left_out(dtype):
    assert names(call("real", X), dtype)[0] == []
    assert names(call("floor", X), "int8")[0] == []


def test_constants_keep_their_sign():
    listed, _ = names(call("add", call("add", X, constant(0.0)), call("add", X, constant(-0.0))), "float64")
    assert listed == ["add", "add", "add"]


def test_what_the_language_lacks_is_named():
    statements, _ = typed_statements(call("bitwise_left_shift", X, Y), (np.dtype("int64"),) * 2)
    assert PYTHON.lacks(statements) == "no bitwise_left_shift of int64"
    statements, _ = typed_statements(call("sqrt", X), (np.dtype("longdouble"),))
    assert PYTHON.lacks(statements) == f"no element type {np.dtype('longdouble')}"
