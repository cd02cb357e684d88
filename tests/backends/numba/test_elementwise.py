"""Compiled loops against plain NumPy: any strides, types, axes and special values."""

from __future__ import annotations

import math
import tracemalloc
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import backends.numba.elementwise as elementwise
import backends.numba.loop as loop
import tensorlayer.codegen.nest as nest
from backends.numba import backend
from tensorlayer.graph import Einsum, Fused, Map, Reduce
from tensorlayer.scalar import argument, call, constant
from tensorlayer.testing.cases.samples import special
from tests.backends.random_loops import LOOPS, assert_same, inputs_of, loops, numpy_value

TILES = {"ROOM": 8, "FOLDED": 4, "FOLDED_ROWS": 5, "CROSSED": 2, "CROSSED_ROW": 3, "SIDE_BY_SIDE": 3, "ROW": 3}
TILES |= {"GATHERED": 3, "WORTH_GATHERING": 2, "ALIASING": 2}
USUAL_TILES = {name: getattr(nest, name) for name in TILES}
X, Y = argument(0), argument(1)
PRODUCT = call("multiply", X, Y)


@pytest.fixture(autouse=True)
def everything_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compile every loop, in tiles of a few elements, and let nothing fall back to NumPy."""
    monkeypatch.setattr(elementwise, "chosen_threads", lambda *_, **__: 2)
    for name, room in TILES.items():
        monkeypatch.setattr(nest, name, room)


@LOOPS
@given(loops())
def test_map_is_what_numpy_gives(case):
    arrays, axes, shape, body = case
    native = [array.astype(array.dtype.newbyteorder("=")) for array in arrays]
    node = Map.of(inputs_of(*native), axes, shape, body)
    with np.errstate(all="ignore"):
        assert_same(
            backend.kernel(node)(*arrays), numpy_value(body, native, axes, shape), [one.dtype for one in native]
        )


@LOOPS
@given(loops(), st.data())
def test_fused_is_what_numpy_gives(case, data):
    arrays, axes, shape, body = case
    native = [array.astype(array.dtype.newbyteorder("=")) for array in arrays]
    source = Map.of(inputs_of(*native), axes, shape, body)
    kinds = ["sum", "any", "all"] + ["max", "min"] * (source.dtype.kind != "c")
    node = Fused.of(
        source, data.draw(st.sampled_from(kinds)), [a for a in range(len(shape)) if data.draw(st.booleans())]
    )
    with np.errstate(all="ignore"):
        expected = getattr(np, node.kind)(numpy_value(body, native, axes, shape), axis=node.reduced)
        assert_same(backend.kernel(node)(*arrays), np.asarray(expected), [one.dtype for one in native])


@pytest.mark.parametrize("name", ["maximum", "minimum", "floor_divide", "remainder", "copysign", "atan2", "hypot"])
def test_special_values_have_numpys_signs(name):
    values = np.append(special("float64"), [5e-324, -5e-324])
    a, b = (grid.ravel() for grid in np.meshgrid(values, values))
    node = Map.of(inputs_of(a, b), [(0,), (0,)], a.shape, call(name, X, Y))
    with np.errstate(all="ignore"):
        result, expected = backend.kernel(node)(a, b), getattr(np, name)(a, b)
    np.testing.assert_allclose(result, expected, rtol=1e-15)
    if name not in ("maximum", "minimum"):  # of two zeros either will do
        number = ~np.isnan(expected)
        np.testing.assert_array_equal(np.signbit(result[number]), np.signbit(expected[number]))


def test_whole_numbers_wrap():
    a = np.array([127, -128, 100], "int8")
    for body in (call("add", X, constant(1)), call("multiply", X, X), call("negative", X), call("abs", X)):
        result = backend.kernel(Map.of(inputs_of(a), [(0,)], a.shape, body))(a)
        np.testing.assert_array_equal(result, numpy_value(body, [a], [(0,)], a.shape))


@pytest.mark.parametrize("name", ["less", "less_equal", "greater", "greater_equal"])
def test_complex_numbers_have_numpys_order(name):
    parts = [0.0, 1.0, -2.0, np.inf, np.nan]
    values = np.array([complex(real, imag) for real in parts for imag in parts])
    a, b = (grid.ravel() for grid in np.meshgrid(values, values))
    kernel = backend.kernel(Map.of(inputs_of(a, b), [(0,), (0,)], a.shape, call(name, X, Y)))
    assert isinstance(kernel, loop.CompiledLoop)
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(kernel(a, b), getattr(np, name)(a, b))


def test_a_sum_of_minus_zeros_is_numpys():
    zeros = np.full(10, -0.0)
    result = backend.kernel(Reduce.of(inputs_of(zeros)[0], "sum", (0,)))(zeros)
    assert np.signbit(result) == np.signbit(zeros.sum())


@pytest.fixture
def usual_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, room in USUAL_TILES.items():
        monkeypatch.setattr(nest, name, room)


@pytest.mark.usefixtures("usual_tiles")
@pytest.mark.parametrize("axes", [(0,), (1,), (0, 1)])
def test_sums_do_not_depend_on_the_threads(axes, monkeypatch):
    values = np.random.default_rng(1).standard_normal((611, 1207)).astype("float32")
    node = Fused.of(Map.of(inputs_of(values, values), [(0, 1)] * 2, values.shape, PRODUCT), "sum", axes)
    results = []
    for threads in (1, 2, 3):
        monkeypatch.setattr(elementwise, "chosen_threads", lambda *_, threads=threads, **__: threads)
        kernel = backend.kernel(node)
        results += [kernel(values, values), kernel(values, values)]
    assert len({np.asarray(result).tobytes() for result in results}) == 1


@pytest.mark.usefixtures("usual_tiles")
@pytest.mark.parametrize("axis", [0, 1])
def test_sums_are_as_accurate_as_pairwise_ones(axis):
    values = np.full((400_000, 1) if axis == 0 else (1, 400_000), 0.1, "float32")
    total = backend.kernel(Reduce.of(inputs_of(values)[0], "sum", (axis,)))(values)
    assert float(total[0]) == pytest.approx(400_000 * float(np.float32(0.1)), rel=1e-6)


@pytest.mark.usefixtures("usual_tiles")
def test_a_fold_stores_next_to_nothing():
    k, r, r0 = (np.ones(10**7) for _ in range(3))
    body = call("multiply", call("multiply", constant(0.5), X), call("square", call("subtract", Y, argument(2))))
    kernel = backend.kernel(Fused.of(Map.of(inputs_of(k, r, r0), [(0,)] * 3, k.shape, body), "sum", (0,)))
    assert kernel(k, r, r0) == 0
    tracemalloc.start()
    kernel(k, r, r0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


def test_what_cannot_be_compiled_is_computed_by_numpy_with_one_warning(monkeypatch):
    def fail(*_, **__):
        raise NotImplementedError("no such instruction")

    monkeypatch.setattr(loop, "compile_kernel", fail)
    a = np.arange(3.0)
    kernel = backend.kernel(Map.of(inputs_of(a), [(0,)], a.shape, call("exp", X)))
    with pytest.warns(RuntimeWarning, match="no such instruction"):
        first = kernel(a)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(kernel(a), first)
    assert math.isclose(first[2], math.exp(2))


def test_unknown_functions_stay_on_numpy():
    a = np.ones(3, "int64")
    node = Map.of(inputs_of(a, a), [(0,), (0,)], (3,), call("bitwise_left_shift", X, Y))
    assert not isinstance(backend.kernel(node), loop.CompiledLoop)


def test_numbers_of_half_precision_are_rounded_after_every_operation():
    a = np.random.default_rng(0).uniform(-4, 4, 5000).astype("float16")
    body = call("add", call("multiply", call("exp", X), constant(0.1)), call("sqrt", call("abs", X)))
    kernel = backend.kernel(Map.of(inputs_of(a), [(0,)], a.shape, body))
    assert isinstance(kernel, loop.CompiledLoop)
    np.testing.assert_array_equal(kernel(a), np.exp(a) * np.float16(0.1) + np.sqrt(np.abs(a)))
    total = backend.kernel(Reduce.of(inputs_of(a)[0], "sum", (0,)))(a)
    assert total == np.float16(a.astype("float64").sum())


@pytest.mark.parametrize("text", ["ij->i", "ij->j", "ij->", "ij,ij->ij", "ij,ji->ij", "ij,ij->j"])
@pytest.mark.parametrize("dtype", ["float64", "int8", "bool"])
def test_products_over_common_labels_are_loops(text, dtype):
    terms, output = text.split("->")
    rng = np.random.default_rng(7)
    arrays = [rng.integers(0, 3, (5, 5)).astype(dtype) for _ in terms.split(",")]
    node = Einsum.of(inputs_of(*arrays), [tuple(map(ord, one)) for one in terms.split(",")], tuple(map(ord, output)))
    kernel = backend.kernel(node)
    assert isinstance(kernel, loop.CompiledLoop)
    result = kernel(*arrays)
    assert result.dtype == node.dtype
    np.testing.assert_array_equal(result, np.einsum(text, *(array.astype(node.dtype) for array in arrays)))


def test_what_blas_does_better_is_left_to_it():
    a, b = inputs_of(np.ones((3, 3)), np.ones((3, 3)))
    for labels, output in ((((0, 1), (1, 2)), (0, 2)), (((0, 1), (0, 1)), ()), (((0, 1), (0, 2)), (0, 1, 2))):
        assert not isinstance(backend.kernel(Einsum.of([a, b], labels, output)), loop.CompiledLoop)
    assert not isinstance(backend.kernel(Einsum.of([a], [(0, 1)], (1, 0))), loop.CompiledLoop)
