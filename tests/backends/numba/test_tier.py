"""Which loops are compiled, and for how many threads: those that gain, whatever the machine."""

from __future__ import annotations

import numpy as np
import pytest

import backends.numba.elementwise as elementwise
from backends.numba import backend
from backends.numba.loop import CompiledLoop
from tensorlayer.graph import Einsum, Fused, Input, Map, Node, Reduce
from tensorlayer.scalar import argument, call, constant

X, Y = argument(0), argument(1)
CHAIN = call("add", call("multiply", X, X), call("sqrt", call("abs", call("subtract", X, constant(1.0)))))


def vector(n: int, dtype: str = "float64") -> Input:
    return Input.of(0, (n,), np.dtype(dtype))


def chain(n: int) -> Map:
    return Map.of([vector(n)], [(0,)], (n,), CHAIN)


def squares(n: int) -> Fused:
    return Fused.of(Map.of([vector(n)], [(0,)], (n,), call("multiply", X, X)), "sum", (0,))


def threads_of(node: Node, threads: int, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(elementwise, "thread_count", lambda: threads)
    kernel = backend.kernel(node)
    return kernel._threads if isinstance(kernel, CompiledLoop) else 0


def test_small_loops_stay_on_numpy_and_larger_ones_take_one_thread_then_all(monkeypatch):
    found = [threads_of(chain(n), 4, monkeypatch) for n in (0, 100, 10_000, 60_000, 10_000_000)]
    assert found == [0, 0, 0, 1, 4]


def test_one_pass_over_memory_is_compiled_only_for_several_threads(monkeypatch):
    product = Map.of([vector(1 << 22)] * 2, [(0,)] * 2, (1 << 22,), call("multiply", X, Y))
    assert [threads_of(product, threads, monkeypatch) for threads in (1, 4)] == [0, 4]


def test_sums_are_compiled_whatever_the_number_of_threads(monkeypatch):
    for n in (1_000, 100_000, 10_000_000):
        nodes = [squares(n), Reduce.of(vector(n), "sum", (0,)), Einsum.of([vector(n), vector(n)], [(0,), (0,)], ())]
        for node in nodes:
            assert len({threads_of(node, threads, monkeypatch) > 0 for threads in (1, 2, 64)}) == 1


def test_functions_that_only_the_c_library_knows_stay_on_numpy(monkeypatch):
    arcs = Map.of([vector(1 << 22)], [(0,)], (1 << 22,), call("asin", X))
    assert threads_of(arcs, 4, monkeypatch) == 0


def test_whole_numbers_are_multiplied_and_summed_without_a_copy(monkeypatch):
    small = vector(1 << 24, "int8")
    assert threads_of(Einsum.of([small, small], [(0,), (0,)], ()), 2, monkeypatch)


def test_large_transposed_operands_are_read_by_a_kernel(monkeypatch):
    def added(n: int) -> Map:
        x, y = (Input.of(place, (n, n), np.dtype("float64")) for place in (0, 1))
        return Map.of([x, y], [(0, 1), (1, 0)], (n, n), call("add", X, Y))

    assert [threads_of(added(n), 2, monkeypatch) for n in (1000, 2000, 2048)] == [0, 2, 2]
