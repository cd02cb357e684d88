"""numba inside dask: the blocks of a distributed tensor, in this process and in others."""

from __future__ import annotations

import dask
import numpy as np
import pytest

import tensorlayer as tl
from backends.numba.loop import CompiledLoop
from tensorlayer.runtime import Runtime

TEXT = "s[i] = sum(exp(A[i,j] - 1) * A[i,j] + sqrt(A[i,j]), over=j)"


@pytest.fixture
def matrix():
    return np.random.default_rng(3).uniform(0.1, 2, (1000, 1000))


def in_blocks(matrix):
    with dask.config.set({"tensorlayer.inner": "numba"}):
        return np.asarray(tl.program(TEXT)(A=tl.tensor(matrix, backend="dask", chunks=(500, 500))))


def expected(matrix):
    return (np.exp(matrix - 1) * matrix + np.sqrt(matrix)).sum(1)


def test_blocks_are_computed_by_compiled_loops(matrix, monkeypatch):
    called = []
    call = CompiledLoop.__call__
    monkeypatch.setattr(CompiledLoop, "__call__", lambda self, *arrays: called.append(1) or call(self, *arrays))
    np.testing.assert_allclose(in_blocks(matrix), expected(matrix), rtol=1e-13)
    assert len(called) == 8  # two sums in each of four blocks


@pytest.mark.processes
def test_worker_processes_compile_too(matrix):
    here = in_blocks(matrix)
    with Runtime.local(processes=2):
        there = in_blocks(matrix)
    np.testing.assert_array_equal(there, here)
