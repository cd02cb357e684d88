"""Memory of large results is used again, but never while anyone can see it."""

from __future__ import annotations

import gc
import threading

import numpy as np
import pytest

from backends.numba import memory
from backends.numba.memory import empty

N = 1 << 20


def address(array):
    return array.__array_interface__["data"][0]


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    monkeypatch.setattr(memory._Lease, "kept", memory._Kept())


@pytest.mark.parametrize("dtype", ["float64", "complex128", "uint8", "bool", "float16"])
def test_it_is_an_array_like_any_other(dtype):
    array = empty((4, 1 << 20), np.dtype(dtype))
    assert (array.shape, array.dtype) == ((4, 1 << 20), np.dtype(dtype))
    assert array.flags.c_contiguous
    assert array.flags.writeable
    assert array.flags.aligned
    assert address(array) % 64 == 0


def test_memory_is_used_again_when_the_last_view_is_gone():
    first = empty((N,), np.dtype("float64"))
    place, view = address(first), first[10:]
    del first
    assert address(empty((N,), np.dtype("float64"))) != place
    view[:] = 3
    other = empty((N,), np.dtype("float64"))
    other[:] = 5
    assert (view == 3).all()
    gc.collect()
    del view
    assert place in {address(array) for array in [empty((N,), np.dtype("float64")) for _ in range(3)]}


def test_sizes_are_kept_apart_and_small_arrays_are_numpys():
    place = address(empty((N,), np.dtype("float64")))
    assert address(empty((N + 1,), np.dtype("float64"))) != place
    assert empty((10,), np.dtype("float64")).base is None


def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(memory, "MOST", 5 * N * 8)
    held = [empty((N,), np.dtype("float64")) for _ in range(8)]
    del held
    assert sum(block.nbytes for block in memory._Lease.kept._blocks) <= 5 * N * 8


def test_threads_never_share_a_block():
    clashes = []

    def work(value):
        for _ in range(50):
            array = empty((N,), np.dtype("float32"))
            array[::4096] = value
            if not (array[::4096] == value).all():
                clashes.append(value)

    threads = [threading.Thread(target=work, args=(value,)) for value in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clashes == []
