"""Map and Fused on NumPy against plain NumPy: any strides, types and tiles give the same values."""

from __future__ import annotations

import math
import tracemalloc
from functools import reduce

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import backends.numpy.elementwise as elementwise
import backends.numpy.fold as fold
import backends.numpy.loop as loop
from backends.numpy import backend
from tensorlayer.graph import Fused, Input, Map, Reduce
from tensorlayer.scalar import argument, call, constant, dtype_of
from tests.backends.random_loops import numpy_value

DTYPES = ("float64", "float32", "complex128", "int32", "bool")


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every loop a large one, with tiles of a few elements."""
    monkeypatch.setattr(elementwise, "LARGE", 0)
    monkeypatch.setattr(elementwise, "LARGE_FOLDED", 0)
    monkeypatch.setattr(fold, "ONE_THREAD", 3)
    monkeypatch.setattr(loop, "TILE_BYTES", 7 * 16)
    monkeypatch.setattr(loop, "ALIASING", 1)
    monkeypatch.setattr(loop, "CROSSED_ELEMENTS", 6)
    monkeypatch.setattr(loop, "CROSSED_ROW", 3)


@st.composite
def bodies(draw, dtypes, depth=3):
    """Expressions that are defined for arguments of these types, and finite for values in [0.5, 2]."""
    kind = draw(st.sampled_from("xxcuubbbw" if depth else "xxc"))
    if kind == "x":
        return argument(draw(st.integers(0, len(dtypes) - 1)))
    if kind == "c":
        return constant(draw(st.sampled_from([2, 0.5, -1.5, 3])))
    if kind == "u":
        inner = draw(bodies(dtypes, depth - 1))
        name = draw(st.sampled_from(["negative", "sin", "square", "abs", "real", "imag", "conj", "x3", "as"]))
        if name == "x3":
            return call("pow", inner, constant(draw(st.sampled_from([2, 3, 4, 2.0]))))
        return ("astype", call("real", inner), "float32") if name == "as" else call(name, inner)
    if kind == "w":
        condition = draw(st.one_of(bodies(dtypes, 0), st.just(call("less_equal", argument(0), constant(1)))))
        return call("where", condition, draw(bodies(dtypes, depth - 1)), draw(bodies(dtypes, depth - 1)))
    name = draw(st.sampled_from(["add", "subtract", "multiply", "multiply", "maximum"]))
    return call(name, draw(bodies(dtypes, depth - 1)), draw(bodies(dtypes, depth - 1)))


def is_defined(body, dtypes):
    try:
        dtype_of(body, dtypes)
    except TypeError:
        return False
    return True


@st.composite
def loops(draw, dtypes=DTYPES):
    """Arrays of mixed strides placed in a loop, and a body over them."""
    shape = tuple(draw(st.lists(st.integers(1, 6), min_size=1, max_size=3)))
    count = draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    arrays, axes = [], []
    for _ in range(count):
        places = draw(st.permutations(range(len(shape))))
        places = tuple(places[: draw(st.integers(0, len(shape)))])
        arrays.append(strided(rng, [shape[p] for p in places], draw(st.sampled_from(dtypes)), draw(st.integers(0, 4))))
        axes.append(places)
    types = tuple(array.dtype for array in arrays)
    body = draw(bodies(types).filter(lambda body: is_defined(body, types)))
    return arrays, axes, shape, body


def strided(rng, shape, dtype, kind):
    """An array of values in [0.5, 2]: row-major, column-major, stepped, reversed, or repeating itself."""
    values = rng.uniform(0.5, 2, shape) if np.dtype(dtype).kind != "c" else rng.uniform(0.5, 2, (*shape, 2)) @ [1, 1j]
    values = np.asarray(values).astype(dtype)
    if kind == 1 and shape:
        return np.asfortranarray(values)
    if kind == 2 and shape:
        return np.repeat(values, 2, axis=-1)[..., ::2]
    if kind == 3 and shape:
        return values[::-1]
    if kind == 4 and shape:
        return np.broadcast_to(values[:1], values.shape)
    return values


def inputs_of(arrays):
    return [Input.of(i, array.shape, array.dtype) for i, array in enumerate(arrays)]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(loops())
def test_map_is_what_numpy_gives(case):
    arrays, axes, shape, body = case
    node = Map.of(inputs_of(arrays), axes, shape, body)
    with np.errstate(all="ignore"):
        result = backend.kernel(node)(*arrays)
        expected = numpy_value(body, arrays, axes, shape)
    assert result.dtype == node.dtype
    assert result.shape == node.shape
    np.testing.assert_allclose(result, expected, rtol=2e-5 if "32" in str((body, node.inputs)) else 1e-12)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(loops(), st.data())
def test_fused_is_what_numpy_gives(case, data):
    arrays, axes, shape, body = case
    dtype = dtype_of(body, tuple(array.dtype for array in arrays))
    kind = data.draw(st.sampled_from(["sum", "prod", "any", "all"] + ["max", "min"] * (dtype.kind != "c")))
    reduced = tuple(axis for axis in range(len(shape)) if data.draw(st.booleans()))
    source = Map.of(inputs_of(arrays), axes, shape, body)
    node = Fused.of(source, kind, reduced)
    with np.errstate(all="ignore"):
        result = backend.kernel(node)(*arrays)
        expected = getattr(np, kind)(numpy_value(body, arrays, axes, shape), axis=reduced)
    assert np.asarray(result).dtype == node.dtype
    assert np.shape(result) == node.shape
    tolerance = 2e-4 if "32" in str((body, node.inputs)) else 1e-10
    np.testing.assert_allclose(result, expected, rtol=tolerance, atol=tolerance * np.abs(expected).max())


def test_a_sum_of_many_tiles_is_as_accurate_as_a_pairwise_one():
    values = np.full(200_001, 0.1, "float32")
    x = Input.of(0, values.shape, values.dtype)
    node = Fused.of(Map.of([x, x], [(0,), (0,)], values.shape, call("add", argument(0), argument(1))), "sum", (0,))
    exact = math.fsum(np.float64(2 * v) for v in values)
    assert abs(float(backend.kernel(node)(values, values)) - exact) < 1e-6 * exact
    naive = reduce(lambda a, b: a + b, values + values)
    assert abs(float(naive) - exact) > 1e-5 * exact


def test_a_sum_that_a_factor_keeps_from_overflowing_does_not_overflow():
    values = np.full(300, 1e200)
    x = Input.of(0, values.shape, values.dtype)
    body = call("multiply", call("multiply", constant(1e-300), argument(0)), argument(0))
    node = Fused.of(Map.of([x], [(0,)], values.shape, body), "sum", (0,))
    assert float(backend.kernel(node)(values)) == pytest.approx(3e102, rel=1e-12)


@pytest.mark.parametrize("kind", ["sum", "prod", "max", "min", "any", "all"])
@pytest.mark.parametrize("dtype", ["float32", "int8", "bool"])
@pytest.mark.parametrize("axes", [(), (0,), (0, 2)])
def test_reduce_is_what_numpy_gives(kind, dtype, axes):
    values = np.random.default_rng(5).integers(0, 3, (3, 4, 2)).astype(dtype)
    node = Reduce.of(Input.of(0, values.shape, values.dtype), kind, axes)
    result = backend.kernel(node)(values)
    expected = getattr(np, kind)(values, axis=axes)
    assert (result.shape, result.dtype) == (node.shape, node.dtype)
    np.testing.assert_array_equal(result, expected)


def test_a_fused_loop_stores_nothing(monkeypatch):
    monkeypatch.setattr(loop, "TILE_BYTES", 1 << 18)
    k, r = np.ones(10**6), np.ones(10**6)
    body = call("multiply", call("multiply", constant(0.5), argument(0)), call("exp", argument(1)))
    inputs = inputs_of([k, r])
    kernel = backend.kernel(Fused.of(Map.of(inputs, [(0,), (0,)], k.shape, body), "sum", (0,)))
    assert kernel(k, r) == pytest.approx(0.5e6 * math.e, rel=1e-12)
    tracemalloc.start()
    kernel(k, r)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20
