"""Loops over the rows of the same data, done together: what each of them alone gives, whatever the blocks."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import backends.numba.blocks as blocks
import backends.numba.chain as chain
import backends.numba.elementwise as elementwise
import backends.numba.loop as loop
import backends.numba.streamed as streamed
import tensorlayer as tl
from backends.numba import backend
from tensorlayer.graph import Fused, Group, Input, Map, OpGraph, Reduce
from tensorlayer.passes import Target, group
from tensorlayer.scalar import argument, call

SOFTMAX = "m[i] = max(x[i,j], over=j); e[i,j] = exp(x[i,j] - m[i]); s[i] = sum(e[i,j], over=j); y[i,j] = e[i,j] / s[i]"
NORM = (
    "m[i] = sum(x[i,j], over=j) / 40; v[i] = sum((x[i,j] - m[i])**2, over=j) / 40; y[i,j] = (x[i,j] - m[i])**1 / v[i]"
)
MOMENTS = "a[] = sum(x[i,j], over=[i,j]); b[] = sum(x[i,j]**2, over=[i,j]); c[i] = max(x[i,j], over=j); d[j] = x[i,j]"
#: Two results that live for a block only, both read by two others.
BOTH = (
    "m[i] = max(x[i,j], over=j); e[i,j] = exp(x[i,j] - m[i]); f[i,j] = exp(m[i] - x[i,j]); s[i] = sum(e[i,j], over=j);"
    "t[i] = sum(f[i,j], over=j); y[i,j] = e[i,j] / s[i] + f[i,j] / t[i]"
)
GRADIENT = "E[] = sum(sin(x[i,j])**2, over=[i,j]); g[i,j] = 2 * sin(x[i,j]) * cos(x[i,j])"


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch):
    monkeypatch.setattr(sys.modules[group.__module__], "LARGE", 1)
    monkeypatch.setattr(elementwise, "chosen_threads", lambda *_, **__: 2)
    monkeypatch.setattr(chain, "BLOCK", 4096)


@pytest.fixture
def ran(monkeypatch):
    """How many loops each chain has that ran."""
    found = []
    run = chain.Chain._run
    monkeypatch.setattr(chain.Chain, "_run", lambda self, *rest: found.append(len(self._links)) or run(self, *rest))
    return found


def results(text, backend, x):
    """All that the text defines, computed as one graph."""
    found = tl.evaluate(text, x=tl.tensor(x, backend=backend))
    names = [one.partition("[")[0].strip() for one in text.split(";")]
    with tl.options(check=True):
        tl.evaluate(*[found[name] for name in names])
    return {name: np.asarray(found[name]) for name in names}


@pytest.mark.parametrize("rows", [7, 203])
def test_results_that_live_for_a_block_have_places_of_their_own(rows, monkeypatch):
    kept = []
    run = blocks.Blocks.run
    monkeypatch.setattr(
        blocks.Blocks, "run", lambda self, *rest: kept.append([one.row_bytes for one in self.steps]) or run(self, *rest)
    )
    x = np.random.default_rng(1).uniform(0.5, 1.5, (rows, 40))
    found = tl.evaluate(BOTH, x=tl.tensor(x, backend="numba"))
    e, f = np.exp(x - x.max(1, keepdims=True)), np.exp(x.max(1, keepdims=True) - x)
    expected = e / e.sum(1, keepdims=True) + f / f.sum(1, keepdims=True)
    np.testing.assert_allclose(found["y"], expected, rtol=1e-13)
    assert [sum(size > 0 for size in one) for one in kept] == [2]


@pytest.mark.parametrize(("text", "links"), [(SOFTMAX, 4), (NORM, 4), (MOMENTS, 4), (GRADIENT, 3)], ids="abcd")
@pytest.mark.parametrize("rows", [7, 1203])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_results_are_those_of_numpy(text, links, rows, dtype, ran):
    x = np.random.default_rng(1).uniform(0.5, 1.5, (rows, 40)).astype(dtype)
    found = results(text, "numba", x)
    # A fold over rows that others make takes tiles of its own: with few rows there is nothing to share out.
    assert (ran[:1] == [links]) or (text == GRADIENT and rows == 7)
    for name, expected in results(text, "numpy", x).items():
        tolerance = 2e-6 if dtype == "float32" else 1e-13
        # Differences that nearly vanish have lost digits.
        np.testing.assert_allclose(found[name], expected, tolerance * 10, tolerance * float(np.abs(expected).max()))


@pytest.mark.parametrize("layout", ["F", "reversed", "strided"])
def test_any_strides_will_do(layout):
    x = np.random.default_rng(1).uniform(0.5, 1.5, (60, 40))
    given = {"F": np.asfortranarray(x), "reversed": x[::-1].copy()[::-1], "strided": np.repeat(x, 2, 1)[:, ::2]}[layout]
    np.testing.assert_allclose(results(SOFTMAX, "numba", given)["y"], results(SOFTMAX, "numpy", x)["y"], rtol=1e-13)


def test_sums_do_not_depend_on_blocks_and_threads(monkeypatch):
    x = np.random.default_rng(1).standard_normal((500, 300)).astype("float32")
    given = Input.of(0, x.shape, x.dtype, ("numba", "cpu"))
    squares = Map.of([given], [(0, 1)], x.shape, call("square", argument(0)))
    sinks = [Fused.of(squares, "sum", (0, 1)), Fused.of(squares, "sum", (0,)), Reduce.of(given, "sum", (1,))]
    (node,) = {source for sink in group(OpGraph(sinks), Target()).sink_nodes for source in sink.inputs}
    assert isinstance(node, Group)
    found = set()
    for block, threads in ((1 << 12, 1), (1 << 12, 2), (1 << 20, 3)):
        monkeypatch.setattr(chain, "BLOCK", block)
        monkeypatch.setattr(elementwise, "thread_count", lambda threads=threads: threads)
        kernel = backend.kernel(node)
        assert isinstance(kernel, chain.Chain)
        found.add(tuple(np.asarray(part).tobytes() for part in kernel(x)))
    assert len(found) == 1


def test_arguments_too_large_are_numpys():
    x = np.linspace(0.0, 3.0, 4000).reshape(100, 40)
    x[50, 3] = 1e300
    found = results(GRADIENT, "numba", x)
    for name, expected in results(GRADIENT, "numpy", x).items():
        np.testing.assert_allclose(found[name], expected, rtol=1e-12)


def test_what_a_loop_outside_needs_of_a_group_comes_first():
    x = np.random.default_rng(1).uniform(0.5, 1.5, (50, 40))
    # The product by BLAS reads one sum over x, and another loop over x reads the product.
    text = "s[i] = sum(x[i,j], over=j); p[j] = s[i] * x[i,j]; y[i,j] = x[i,j] * p[j]; z[i] = max(x[i,j], over=j)"
    found = results(text, "numba", x)
    np.testing.assert_allclose(found["y"], x * (x.sum(1) @ x), rtol=1e-13)
    np.testing.assert_array_equal(found["z"], x.max(1))


def test_the_last_of_several_readers_fetches_the_next_rows(monkeypatch):
    texts = []
    compile_kernel = loop.compile_kernel
    monkeypatch.setattr(
        loop, "compile_kernel", lambda source, **how: texts.append(source) or compile_kernel(source, **how)
    )
    x = np.random.default_rng(1).uniform(0.5, 1.5, (90, 600)).astype("float32")
    found = results(SOFTMAX, "numba", x)["y"]
    np.testing.assert_allclose(found, results(SOFTMAX, "numpy", x)["y"], 2e-6)
    fetching = {text for text in texts if "fetch(" in text}
    # The maxima read x first, the exponentials last; sums and quotients read what is made for a block only.
    (text,) = fetching
    assert "exp_float32" in text
    assert "fetch(x0, (i0 + m0) * s0_0 + i1)" in text
    assert "range(r1, r1 + 256, 16)" in text


def test_what_is_large_is_stored_past_the_caches_unless_another_loop_reads_it(monkeypatch):
    texts = []
    compile_kernel = loop.compile_kernel
    monkeypatch.setattr(
        loop, "compile_kernel", lambda source, **how: texts.append(source) or compile_kernel(source, **how)
    )
    monkeypatch.setattr(streamed, "cache_bytes", lambda: 1 << 20)
    x = np.random.default_rng(1).uniform(0.5, 1.5, (2100, 512)).astype("float32")
    given = tl.tensor(x, backend="numba")
    np.testing.assert_allclose(tl.program(SOFTMAX)(x=given)["y"], tl.program(SOFTMAX)(x=x)["y"], 2e-6)
    (text,) = {text for text in texts if "stream(" in text}
    assert "/" in text
