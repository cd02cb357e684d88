"""Random loops for every backend that writes kernels, and NumPy's value of them."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tensorlayer.graph import Input
from tensorlayer.scalar import argument, call, constant, dtype_of, evaluate
from tensorlayer.testing.cases import LAYOUTS
from tensorlayer.testing.cases.samples import special

DTYPES = ("float64", "float32", "float16", "complex128", "int32", "uint8", "bool")
TOLERANCES = {"float16": 2e-2, "float32": 2e-4}


def inputs_of(*arrays):
    return [Input.of(i, array.shape, array.dtype) for i, array in enumerate(arrays)]


def numpy_value(body, arrays, axes, shape):
    """`body` at every element of `shape`, by NumPy's broadcasting."""
    placed = []
    for array, places in zip(arrays, axes, strict=True):
        order = sorted(range(len(places)), key=places.__getitem__)
        spread = [n if axis in places else 1 for axis, n in enumerate(shape)]
        placed.append(np.transpose(array, order).reshape(spread))

    def function(name):
        return (lambda x, dtype: np.asarray(x).astype(dtype)) if name == "astype" else getattr(np, name)

    return np.broadcast_to(evaluate(body, placed, function), shape)


def is_defined(body, dtypes):
    try:
        dtype_of(body, dtypes)
    except TypeError:
        return False
    return True


@st.composite
def bodies(draw, dtypes, depth=2):
    kind = draw(st.sampled_from("xxcubbw" if depth else "xxc"))
    if kind == "x":
        return argument(draw(st.integers(0, len(dtypes) - 1)))
    if kind == "c":
        return constant(draw(st.sampled_from([2, 0.5, -1.5, 3, True])))
    inner = draw(bodies(dtypes, depth - 1))
    if kind == "u":
        name = draw(
            st.sampled_from(["negative", "sin", "square", "abs", "real", "imag", "conj", "sign", "floor", "isnan"])
        )
        return call(name, inner)
    if kind == "w":
        return call("where", inner, draw(bodies(dtypes, depth - 1)), draw(bodies(dtypes, depth - 1)))
    name = draw(st.sampled_from(["add", "subtract", "multiply", "maximum", "less", "floor_divide", "logical_or"]))
    return call(name, inner, draw(bodies(dtypes, depth - 1)))


@st.composite
def loops(draw, dtypes=DTYPES):
    """Arrays of mixed types, placed in a loop, and a body over them."""
    shape = tuple(draw(st.lists(st.integers(1, 6), min_size=0, max_size=3)))
    arrays, axes = [], []
    for _ in range(draw(st.integers(1, 2))):
        places = draw(st.permutations(range(len(shape))))
        places = tuple(places[: draw(st.integers(0, len(shape)))])
        arrays.append(draw(elements([shape[p] for p in places], draw(st.sampled_from(dtypes)))))
        axes.append(places)
    types = tuple(array.dtype.newbyteorder("=") for array in arrays)
    return arrays, axes, shape, draw(bodies(types).filter(lambda body: is_defined(body, types)))


@st.composite
def elements(draw, shape, dtype):
    """Special and ordinary values in any memory layout."""
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    # Of complex numbers at the limits, products differ from library to library.
    tiny = [np.finfo(dtype).smallest_subnormal] * np.array([1, -3]) if np.dtype(dtype).kind == "f" else []
    pool = np.concatenate([special(dtype), tiny, np.asarray(rng.uniform(0, 2, 8))]).astype(dtype)
    if pool.dtype.kind == "c" or draw(st.booleans()):
        pool = pool[-8:]
    chosen = np.asarray(rng.choice(pool, shape))
    return LAYOUTS[draw(st.sampled_from(sorted(LAYOUTS)))](chosen) if shape else chosen


def assert_same(result, expected, dtypes):
    assert (np.shape(result), np.asarray(result).dtype) == (expected.shape, expected.dtype)
    tolerance = max((TOLERANCES.get(dtype.name, 1e-12) for dtype in dtypes), default=1e-12)
    finite = np.abs(expected[np.isfinite(expected)]).max(initial=0) if expected.dtype.kind in "fc" else 0
    np.testing.assert_allclose(result, expected, rtol=tolerance, atol=tolerance * float(finite))


# Derandomised: comparisons and floors of values that differ by rounding may differ by one.
LOOPS = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
