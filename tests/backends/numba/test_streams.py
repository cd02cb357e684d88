"""Large results are stored past the caches, large folds ask ahead: whatever the types, the tiles and their ends."""

from __future__ import annotations

import math

import numpy as np
import pytest

import backends.numba.elementwise as elementwise
from backends.numba import backend, machine, streamed
from backends.numba.memory import SMALLEST
from tensorlayer.graph import Fused, Input, Map
from tensorlayer.scalar import argument, call

X, Y = argument(0), argument(1)


@pytest.fixture(autouse=True)
def small_caches(monkeypatch):
    monkeypatch.setattr(streamed, "cache_bytes", lambda: 1 << 12)
    monkeypatch.setattr(elementwise, "chosen_threads", lambda *_, **__: 2)


def computed(axes, shape, body, *arrays):
    """The result, and whether it was stored past the caches."""
    node = Map.of([Input.of(i, one.shape, one.dtype) for i, one in enumerate(arrays)], axes, shape, body)
    kernel = backend.kernel(node)
    result = kernel(*arrays)
    bound = kernel.bound(tuple(array.strides for array in arrays), (), True)
    return result, "stream(" in bound.kernel.source


@pytest.mark.parametrize(
    "dtype", ["float32", "float64", "complex64", "complex128", "int8", "uint16", "int64", "bool", "float16"]
)
def test_rows_of_any_type_that_end_anywhere(dtype):
    dtype = np.dtype(dtype)
    x = np.random.default_rng(5).integers(0, 100, SMALLEST // dtype.itemsize + 77).astype(dtype)
    result, streams = computed([(0,)], x.shape, call("equal" if dtype.kind == "b" else "add", X, X), x)
    assert streams
    np.testing.assert_array_equal(result, x == x if dtype.kind == "b" else x + x)


@pytest.mark.parametrize(
    ("columns", "expected"), [(2048, True), (1040, True), (128, True), (120, False), (1003, False), (33003, False)]
)
def test_rows_that_begin_with_lines_of_the_cache(columns, expected):
    rng = np.random.default_rng(6)
    x, y = rng.standard_normal(SMALLEST // 8 // columns + 3), rng.standard_normal(columns)
    result, streams = computed([(0,), (1,)], (len(x), columns), call("subtract", X, Y), x, y)
    assert streams == expected
    np.testing.assert_array_equal(result, x[:, None] - y)


@pytest.mark.parametrize(("dtype", "expected"), [("float64", True), ("float32", False)])
def test_rows_of_tiles_are_stored_so_if_they_are_long(dtype, expected):
    x = np.arange(1024.0 * 1040).reshape(1024, 1040).astype(dtype)
    y = np.ascontiguousarray(x.T)[:, ::-1]
    result, streams = computed([(0, 1), (1, 0)], x.shape, call("subtract", X, Y), x, y)
    assert streams == expected
    np.testing.assert_array_equal(result, x - y.T)


def test_sums_and_what_is_kept_near_are_not_stored_so():
    small = np.ones(SMALLEST // 8 - 1)
    assert not computed([(0,)], small.shape, call("add", X, X), small)[1]
    deep = np.ones((2, SMALLEST // 8))
    sums = backend.kernel(Fused.of(Map.of([Input.of(0, deep.shape, deep.dtype)], [(0, 1)], deep.shape, X), "sum", (0,)))
    assert "stream(" not in sums.bound((deep.strides,), (), True).kernel.source


@pytest.mark.parametrize(("cache", "large"), [(4 * SMALLEST, 1 << 40), (1 << 40, 2 * SMALLEST)])
def test_half_of_the_largest_cache_is_left_to_what_is_read_unless_it_is_shared_by_many(cache, large, monkeypatch):
    monkeypatch.setattr(streamed, "cache_bytes", lambda: cache)
    monkeypatch.setattr(streamed, "LARGE", large)
    sizes = np.array([2 * SMALLEST - 64, 2 * SMALLEST]) // 8
    assert [computed([(0,)], (size,), call("add", X, X), np.ones(size))[1] for size in sizes] == [False, True]


def test_machine_code_stores_past_the_caches_and_waits_for_it():
    x = np.ones(SMALLEST // 8)
    kernel = backend.kernel(Map.of([Input.of(0, x.shape, x.dtype)], [(0,)], x.shape, call("divide", X, X)))
    text = kernel.bound((x.strides,), (), True).kernel.owner.inspect_llvm()
    assert "!nontemporal" in text
    assert "fence seq_cst" in text


@pytest.mark.parametrize("name", ["sin", "exp", "log"])
def test_functions_in_many_steps_are_not_stored_so(name):
    x = np.linspace(0.5, 1, SMALLEST // 8)
    result, streams = computed([(0,)], x.shape, call(name, X), x)
    assert not streams
    np.testing.assert_allclose(result, getattr(np, name)(x), rtol=4e-16, atol=1e-16)


def test_the_largest_cache_has_a_size():
    assert machine.cache_bytes() >= 1 << 18


def folded(axes, shape, body, kind, reduced, *arrays):
    """The result, and whether what comes next was fetched."""
    source = Map.of([Input.of(i, one.shape, one.dtype) for i, one in enumerate(arrays)], axes, shape, body)
    kernel = backend.kernel(Fused.of(source, kind, reduced))
    bound = kernel.bound(tuple(array.strides for array in arrays), (), 1)
    return kernel(*arrays), "fetch(" in bound.kernel.source


@pytest.mark.parametrize(
    ("dtype", "kind"),
    [
        ("float32", "sum"),
        ("float64", "sum"),
        ("float64", "max"),
        ("complex128", "sum"),
        ("int64", "sum"),
        ("int8", "max"),
    ],
)
def test_folds_that_ask_ahead_take_every_element_once(dtype, kind):
    dtype = np.dtype(dtype)
    # Whole numbers, whose sums are exact.
    x = np.zeros(SMALLEST // dtype.itemsize + 4177, dtype)
    places = np.random.default_rng(8).choice(x.size, 900, replace=False)
    x[places] = np.arange(900) % 2 + 1
    x[[0, 4095, 4096, -1]] = 2
    result, fetches = folded([(0,)], x.shape, call("multiply", X, X), kind, (0,), x)
    assert fetches
    np.testing.assert_array_equal(result, getattr(x * x, kind)())


def test_a_large_sum_is_accurate_and_the_same_by_any_threads(monkeypatch):
    rng = np.random.default_rng(9)
    x, y = rng.standard_normal((2, SMALLEST // 8 + 61))
    results = set()
    for threads in (1, 2, 3):
        monkeypatch.setattr(elementwise, "chosen_threads", lambda *_, threads=threads, **__: threads)
        result, fetches = folded([(0,), (0,)], x.shape, call("multiply", X, Y), "sum", (0,), x, y)
        assert fetches
        results.add(float(result))
    assert len(results) == 1
    assert results.pop() == pytest.approx(math.fsum(x * y), abs=1e-15 * math.fsum(abs(x * y)))


def test_a_whole_matrix_is_folded_so_but_not_its_rows_nor_what_lies_apart():
    x = np.arange(1100.0 * 1000).reshape(1100, 1000) % 977
    cases = [(x, (0, 1), True), (x.T, (0, 1), True), (x, (1,), False), (x, (0,), False), (x[:, :999], (0, 1), False)]
    for one, reduced, expected in [*cases, (x[:100], (0, 1), False)]:
        result, fetches = folded([(0, 1)], one.shape, call("multiply", X, X), "sum", reduced, one)
        assert fetches == expected
        np.testing.assert_array_equal(result, (one * one).sum(reduced))
    assert not folded([(0, 1)], x.shape, call("sin", X), "sum", (0, 1), x)[1]
