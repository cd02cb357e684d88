"""One library's worker threads awake at a time; none is put to rest under another thread's work."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tensorlayer.backend import get_backend
from tensorlayer.graph import Einsum, Input, Map
from tensorlayer.runtime import ThreadPool, other_threads_wait, pools
from tensorlayer.scalar import argument

pytestmark = pytest.mark.usefixtures("own_threads")


@pytest.fixture(autouse=True)
def nothing_awake(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(pools, "_awake", None)
    return


def product(n: int) -> Einsum:
    x, y = (Input.of(i, (n, n), "float64") for i in (0, 1))
    return Einsum.of([x, y], [(0, 1), (1, 2)], (0, 2))


def test_waking_one_rests_the_other_once() -> None:
    rested: list[str] = []
    one, other = (ThreadPool(name, lambda name=name: rested.append(name)) for name in ("one", "other"))
    kernels = {"one": one.waking(max), "other": other.waking(min)}
    calls = [kernels[name](2, 1) for name in ("one", "one", "other", "other", "one")]
    assert calls == [2, 2, 1, 1, 2]
    assert rested == ["one", "other"]
    assert repr(one) == "<thread pool of one, awake>"


def test_large_products_wake_their_pool_and_small_ones_do_not() -> None:
    numpy = get_backend("numpy")
    assert numpy.runs_in_pool(product(64))
    assert not numpy.runs_in_pool(product(32))
    big = Map.of([Input.of(0, (1000, 1000), "float64")], [(0, 1)], (1000, 1000), ("exp", argument(0)))
    assert not numpy.runs_in_pool(big)
    assert get_backend("torch").runs_in_pool(big)


def test_products_of_two_libraries_in_turn_are_right() -> None:
    x, y = np.random.default_rng(0).normal(size=(2, 300, 300))
    torch = get_backend("torch")
    operands = [torch.from_numpy(x), torch.from_numpy(y)]
    for _ in range(4):
        ours = get_backend("numpy").kernel(product(300))(x, y)
        theirs = torch.to_numpy(torch.kernel(product(300))(*operands))
        np.testing.assert_allclose(ours, theirs, rtol=1e-10)


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted in /proc")
def test_the_threads_of_blas_end_when_torch_begins() -> None:
    if (os.cpu_count() or 1) < 2:
        pytest.skip("a BLAS on one core has no worker threads")

    def threads() -> int:
        return len(list(Path("/proc/self/task").iterdir()))

    x = np.ones((300, 300))
    tensor = get_backend("torch").from_numpy(x)
    get_backend("torch").kernel(product(300))(tensor, tensor)
    get_backend("numpy").kernel(product(300))(x, x)
    busy = threads()
    pools._awake.rest()
    assert threads() < busy
    np.testing.assert_array_equal(get_backend("numpy").kernel(product(300))(x, x), np.full((300, 300), 300.0))
    assert threads() == busy


# -- other threads ---------------------------------------------------------------------------------------------


def run_beside(work: object) -> bool:
    """What `other_threads_wait` says while another thread is inside `work(begun, end)`."""
    begun, end = threading.Event(), threading.Event()
    thread = threading.Thread(target=work, args=(begun, end))
    thread.start()
    begun.wait()
    try:
        return other_threads_wait()
    finally:
        end.set()
        thread.join()


def test_a_thread_that_waits_is_no_hindrance() -> None:
    def wait(begun: threading.Event, end: threading.Event) -> None:
        begun.set()
        end.wait()

    # The thread may be seen on its way from `set` to `wait`.
    assert any(run_beside(wait) for _ in range(20))


def test_a_thread_that_computes_is() -> None:
    def compute(begun: threading.Event, end: threading.Event) -> None:
        begun.set()
        while not end.is_set():
            pass

    assert not run_beside(compute)


def test_a_library_called_by_the_thread_itself_is_not_taken_for_waiting() -> None:
    release = threading.Lock()
    release.acquire()
    # The innermost frame is Thread.run, inside which any C function may be at work.
    thread = threading.Thread(target=release.acquire)
    thread.start()
    try:
        assert not other_threads_wait()
    finally:
        release.release()
        thread.join()
