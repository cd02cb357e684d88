"""Several loops in one kernel, row by row: what each alone gives, whatever the grid, the strides and the types."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pytest

import backends.cupy.group as groups
import tensorlayer as tl
from backends.cupy.compilation import compile_text
from backends.cupy.group import CompiledRows
from backends.cupy.source import arithmetic
from backends.cupy.traversal import BlockShape
from backends.numba import NumbaBackend
from tensorlayer.graph import Group, Input, Map, OpGraph, Reduce
from tensorlayer.passes import Target, group
from tensorlayer.scalar import argument, call
from tests.backends.cupy.emulated import EmulatedBackend
from tests.backends.cupy.emulation import Emulator

SOFTMAX = "m[i] = max(x[i,j], over=j); e[i,j] = exp(x[i,j] - m[i]); s[i] = sum(e[i,j], over=j); y[i,j] = e[i,j] / s[i]"
NORM = (
    "m[i] = sum(x[i,j], over=j) / 40; v[i] = sum((x[i,j] - m[i])**2, over=j) / 40; y[i,j] = (x[i,j] - m[i])**1 / v[i]"
)
SEVERAL = "a[i,j] = sqrt(x[i,j]) + 1; b[i,j] = x[i,j] * sqrt(x[i,j]); c[i] = max(x[i,j], over=j)"
#: Sums over rows, and down columns, have kernels of their own.
MOMENTS = "a[] = sum(x[i,j], over=[i,j]); b[] = sum(x[i,j]**2, over=[i,j]); c[i] = max(x[i,j], over=j); d[j] = x[i,j]"
GRADIENT = "E[] = sum(sin(x[i,j])**2, over=[i,j]); g[i,j] = 2 * sin(x[i,j]) * cos(x[i,j])"


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch):
    monkeypatch.setattr(sys.modules[group.__module__], "LARGE", 1)
    monkeypatch.setattr(groups, "ROWS", 1)
    monkeypatch.setattr(groups, "SHORTEST", 1)


@pytest.fixture
def grouped(monkeypatch):
    """A function that gives the group of a text, what it reads, and what NumPy gives."""
    found = []
    kernel = NumbaBackend.kernel

    def noting(self, node, *rest):
        found.append(node)
        return kernel(self, node, *rest)

    monkeypatch.setattr(NumbaBackend, "kernel", noting)

    def of(text, x):
        values = {}
        for backend in ("numba", "numpy"):
            results = tl.evaluate(text, x=tl.tensor(x, backend=backend))
            names = [one.partition("[")[0].strip() for one in text.split(";")]
            tl.evaluate(*[results[name] for name in names])
            values[backend] = [np.asarray(results[name]) for name in names]
        return max((one for one in found if isinstance(one, Group)), key=lambda one: len(one.sinks)), values["numpy"]

    return of


def computed(kernel, *arrays):
    results = kernel(*arrays)
    return results if isinstance(results, tuple) else (results,)


def agree(node, results, expected, dtype):
    """Every result is one of those expected: a group gives them in an order of its own."""
    tolerance = 4e-6 if dtype == "float32" else 1e-13
    for sink, result in zip(node.sinks, results, strict=True):
        assert (result.shape, result.dtype) == (sink.shape, sink.dtype)
        scale = [float(np.abs(one).max()) for one in expected]
        assert any(
            one.shape == result.shape and np.allclose(result, one, tolerance * 10, tolerance * size)
            for one, size in zip(expected, scale, strict=True)
        )


@pytest.mark.parametrize(
    ("text", "is_one"), [(SOFTMAX, True), (NORM, True), (SEVERAL, True), (MOMENTS, False), (GRADIENT, False)]
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_results_are_those_of_numpy(text, is_one, dtype, grouped, emulator: Emulator, narrow: EmulatedBackend) -> None:
    x = np.random.default_rng(1).uniform(0.5, 1.5, (37, 40)).astype(dtype)
    node, expected = grouped(text, x)
    for backend in (EmulatedBackend(emulator), narrow):
        kernel = backend.kernel(node)
        assert isinstance(kernel, CompiledRows) is is_one
        agree(node, computed(kernel, x), expected, dtype)
        assert len(node.members) > 2


def test_any_strides_will_do(grouped, emulator: Emulator) -> None:
    x = np.random.default_rng(1).uniform(0.5, 1.5, (30, 40))
    node, expected = grouped(SOFTMAX, x)
    for given in (np.asfortranarray(x), x[::-1].copy()[::-1], np.repeat(x, 2, 1)[:, ::2]):
        agree(node, computed(EmulatedBackend(emulator).kernel(node), given), expected, "float64")


def softmax(shape, dtype):
    """A group over the last axes of a tensor, and its input."""
    x = Input.of(0, shape, dtype, ("numba", "cpu"))
    axes = tuple(range(len(shape)))
    largest = Reduce.of(x, "max", axes[1:])
    grown = Map.of([x, largest], [axes, (0,)], shape, call("exp", call("subtract", argument(0), argument(1))))
    total = Reduce.of(grown, "sum", axes[1:])
    scaled = Map.of([grown, total], [axes, (0,)], shape, call("divide", argument(0), argument(1)))
    (sink,) = group(OpGraph([scaled]), Target()).sink_nodes
    assert isinstance(sink, Group)
    return sink


def test_sums_do_not_depend_on_the_grid(emulator: Emulator) -> None:
    x = np.random.default_rng(1).standard_normal((29, 10, 31)).astype("float32")
    node = softmax(x.shape, x.dtype)
    results = {
        np.asarray(EmulatedBackend(Emulator(emulator.folder, blocks=blocks)).kernel(node)(x)).tobytes()
        for blocks in (1, 2, 7, 1000)
    }
    assert len(results) == 1
    grown = np.exp(x.astype("float64") - x.max((1, 2), keepdims=True))
    result = np.frombuffer(results.pop(), "float32").reshape(x.shape)
    np.testing.assert_allclose(result, grown / grown.sum((1, 2), keepdims=True), rtol=1e-6)


def test_few_rows_and_short_ones_have_kernels_of_their_own(emulator: Emulator, monkeypatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(sys.modules[group.__module__], "LARGE", 1)
    shapes = {(128, 64): True, (127, 64): False, (128, 63): False, (128, (1 << 16) + 1): False}
    for shape, is_one in shapes.items():
        assert isinstance(EmulatedBackend(emulator).kernel(softmax(shape, "float64")), CompiledRows) is is_one


def test_the_text_is_shown_and_taken_by_nvidias_compiler(emulator: Emulator) -> None:
    kernel = EmulatedBackend(emulator).kernel(softmax((200, 300), "float32"))
    assert kernel.source.count("for (index_t step") == 3
    assert compile_text(arithmetic() + kernel.source, "sm_90").startswith(b"\x7fELF")


def test_half_precision_and_bytes_in_another_order_are_computed(emulator: Emulator) -> None:
    x = np.random.default_rng(1).standard_normal((9, 40))
    grown = np.exp(x - x.max(1, keepdims=True))
    for dtype, tolerance in (("float16", 2e-3), (">f8", 1e-13)):
        given = x.astype(dtype)
        node = softmax(x.shape, given.dtype.newbyteorder("="))
        result = EmulatedBackend(emulator).kernel(node)(given)
        np.testing.assert_allclose(result, grown / grown.sum(1, keepdims=True), rtol=tolerance * 10)


def test_wide_indices_compute_the_same(emulator: Emulator, monkeypatch) -> None:
    monkeypatch.setattr("backends.cupy.rows.NARROW", 10)
    x = np.random.default_rng(5).standard_normal((9, 40))
    result = EmulatedBackend(emulator).kernel(softmax(x.shape, x.dtype))(x)
    assert "long long index_t" in emulator.latest
    grown = np.exp(x - x.max(1, keepdims=True))
    np.testing.assert_allclose(result, grown / grown.sum(1, keepdims=True), rtol=1e-13)


def test_what_cannot_be_compiled_is_computed_by_plain_functions(tmp_path, monkeypatch) -> None:
    emulator = Emulator(tmp_path, BlockShape())
    x = np.random.default_rng(5).standard_normal((9, 40))
    kernel = EmulatedBackend(emulator).kernel(softmax(x.shape, x.dtype))

    def fail(*_):
        raise NotImplementedError("no such instruction")

    monkeypatch.setattr(emulator, "prepare", fail)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        result = kernel(x)
    assert {str(one.message).rpartition(": ")[2] for one in said} == {"no such instruction"}
    grown = np.exp(x - x.max(1, keepdims=True))
    np.testing.assert_allclose(result, grown / grown.sum(1, keepdims=True), rtol=1e-13)
