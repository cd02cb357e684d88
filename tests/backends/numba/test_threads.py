"""Kernels that several threads share out: called from several at once, after a fork, beside other pools."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest

import backends.numba.elementwise as elementwise
from backends.numba import backend
from backends.numba.crew import CREW, LOOPS
from tensorlayer.graph import Input, Reduce
from tensorlayer.runtime import ThreadPool


@pytest.fixture(autouse=True)
def two_threads(monkeypatch):
    monkeypatch.setattr(elementwise, "thread_count", lambda: 2)


def kernel():
    values = np.random.default_rng(3).standard_normal(1 << 22)
    return backend.kernel(Reduce.of(Input.of(0, values.shape, values.dtype), "sum", (0,))), values


def test_several_threads_may_compute_at_once():
    run, values = kernel()
    results = []
    callers = [threading.Thread(target=lambda: results.extend(run(values) for _ in range(20))) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert {float(result) for result in results} == {float(run(values))}
    assert len(results) == 80


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.processes
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork.*:DeprecationWarning")
def test_a_forked_child_computes_too():
    run, values = kernel()
    expected = float(run(values))
    child = os.fork()
    if not child:
        os._exit(float(run(values)) != expected or [helper.is_alive() for helper in CREW._helpers] != [True])
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_other_pools_rest_before_a_kernel_starts():
    rested = []
    other = ThreadPool("other", lambda: rested.append(True))
    other.wake()
    run, values = kernel()
    run(values)
    assert rested == [True]
    assert "awake" in repr(LOOPS)
