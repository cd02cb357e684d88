"""Grids and targets: every row and column once, clear refusals, and no surprise about arguments."""

from __future__ import annotations

import importlib
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from analog.kernels import CPU, CUDA, Kernel, kernel, recording, running_on, target_of
from tensorlayer.errors import BackendError, LibraryNotInstalledError, UnsupportedOperationError


def doubled(x: Any) -> Any:
    return x + x


def count(row: int, first: int, last: int, x: Any, visits: Any) -> None:
    for column in range(first, last):
        visits[row, column] += np.int32(doubled(x[row, column]))


def running_sum(row: int, first: int, last: int, x: Any, sums: Any) -> None:
    total = x[row, first] * 0
    for column in range(first, last):
        total += x[row, column]
        sums[row, column] = total


COUNT, RUNNING_SUM = Kernel(count), Kernel(running_sum, per="row")


def results(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    x = np.arange(rows * columns).reshape(rows, columns)
    x.flags.writeable = False
    visits, sums = np.zeros((rows, columns), np.int32), np.zeros((rows, columns), np.int64)
    target_of(x).launch(COUNT, rows, columns, x, visits)
    target_of(x).launch(RUNNING_SUM, rows, columns, x, sums)
    return visits, sums


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (130, 2), (0, 3), (3, 0)])
def test_every_element_is_done_once_on_every_target(simulator, shape: tuple[int, int]) -> None:
    x = np.arange(shape[0] * shape[1]).reshape(shape)
    for run in (lambda function, *a: function(*a), simulator):
        visits, sums = run(results, *shape)
        np.testing.assert_array_equal(visits, 2 * x)
        np.testing.assert_array_equal(sums, np.cumsum(x, axis=1))


def swap(row: int, first: int, last: int, x: Any, bits: Any, out: Any) -> None:
    for column in range(first, last):
        bits[row, column] ^= np.int32(-(2**31))
        out[row, column] = x[row, column]


SWAP = Kernel(swap)


def views() -> np.ndarray:
    x = np.array([[1.0, -2.0, 3.0]], np.float32)
    out = np.zeros_like(x)
    target_of(x).launch(SWAP, 1, 3, x, x.view(np.int32), out)
    return np.stack([x, out])


def test_arguments_may_share_memory(simulator) -> None:
    expected = -np.array([[[1.0, -2.0, 3.0]]] * 2)
    np.testing.assert_array_equal(views(), expected)
    np.testing.assert_array_equal(simulator(views), expected)


def test_threads_share_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "WORTH_A_THREAD", 1e-12)
    monkeypatch.setattr(kernel, "thread_count", lambda: 3)
    results(100, 4)  # a first launch takes the pace
    visits, sums = results(100, 4)
    np.testing.assert_array_equal(visits, 2 * np.arange(400).reshape(100, 4))
    np.testing.assert_array_equal(sums, np.cumsum(np.arange(400).reshape(100, 4), axis=1))


def test_large_places_are_shared_out_where_small_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for each, expected in ((1, []), (1 << 20, [3])):
        assert asked_for(each, 0, monkeypatch) == expected


def test_who_looks_out_gets_less(monkeypatch: pytest.MonkeyPatch) -> None:
    each = int(0.7 * kernel.WORTH_A_THREAD / kernel.USUAL_PACE / 4)
    for awake, expected in ((0, []), (1, [2]), (2, [2])):
        assert asked_for(each, awake, monkeypatch) == expected
    for awake, expected in ((0, [2]), (1, [2]), (2, [3])):
        assert asked_for(2 * each, awake, monkeypatch) == expected


def asked_for(each: int, awake: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many threads of three a grid of four places asks for, where so many helpers are awake."""
    asked: list[int] = []

    def take(threads: int) -> Any:
        asked.append(threads)
        return kernel.ALONE

    monkeypatch.setattr(kernel, "thread_count", lambda: 3)
    monkeypatch.setattr(kernel, "CREW", SimpleNamespace(take=take, looks_out=lambda helpers: helpers <= awake))
    fresh = Kernel(lambda row, first, last, x: count(row, first, last, x, x))  # not measured yet
    CPU.launch(fresh, 4, 1, np.zeros((4, 1), np.int32), each=each)
    return asked


def refuse(row: int, first: int, last: int, x: Any) -> None:
    for column in range(first, last):
        if x[row, column] < 0:
            raise ValueError("a negative number")
        x[row, column] = 1


@pytest.mark.parametrize("row", [0, 50, 99])
def test_a_failure_in_any_thread_is_raised(monkeypatch: pytest.MonkeyPatch, row: int) -> None:
    monkeypatch.setattr(kernel, "WORTH_A_THREAD", 1e-12)
    for threads in (1, 2):
        monkeypatch.setattr(kernel, "thread_count", lambda count=threads: count)
        x = np.zeros((100, 4))
        x[row, 2] = -1
        for _ in range(2):
            with pytest.raises(ValueError, match="a negative number"):
                CPU.launch(Kernel(refuse), 100, 4, x)
        x[row, 2] = 0
        CPU.launch(Kernel(refuse), 100, 4, x)
        np.testing.assert_array_equal(x, 1)


def test_strides_and_read_only_arrays_are_taken() -> None:
    x, visits = np.arange(24).reshape(4, 6)[::2, ::-2], np.zeros((3, 2), np.int32).T
    x.flags.writeable = False
    CPU.launch(COUNT, 2, 3, x, visits)
    np.testing.assert_array_equal(visits, 2 * x)


def last(row: int, first: int, last: int, x: Any) -> None:
    x[row, last - 1] = row + 1


def test_elements_beyond_two_to_the_31_are_reached() -> None:
    """One byte each, most of them never touched."""
    x = np.empty((3, 1 << 30), np.uint8)
    CPU.launch(Kernel(last), *x.shape, x)
    assert x[:, -1].tolist() == [1, 2, 3]


def test_launches_are_recorded_in_a_scope() -> None:
    x, visits = np.zeros((2, 2), np.int64), np.zeros((2, 2), np.int32)
    with recording() as launches:
        CPU.launch(COUNT, 2, 2, x, visits)
    CPU.launch(COUNT, 2, 2, x, visits)
    assert launches == [(COUNT, (x, visits))]


def test_targets_go_by_memory_unless_forced() -> None:
    assert target_of(np.zeros(1)) is CPU
    assert target_of(SimpleNamespace(__cuda_array_interface__={})) is CUDA
    with running_on(CUDA):
        assert target_of(np.zeros(1)) is CUDA
    assert (repr(CPU), repr(CUDA)) == ("cpu", "cuda")


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    kernel._check_gpu.cache_clear()
    return monkeypatch


def test_cuda_without_a_gpu_is_refused(no_gpu: pytest.MonkeyPatch) -> None:
    no_gpu.setattr(importlib.import_module("numba.cuda"), "is_available", lambda: False)
    visits = np.zeros((1, 1), np.int32)
    with pytest.raises(BackendError, match="no NVIDIA GPU with a driver"):
        CUDA.launch(COUNT, 1, 1, visits, visits)
    assert not visits.any()


def without(name: str) -> Any:
    def load(asked: str) -> Any:
        if asked == name:
            raise ImportError(asked)
        return importlib.import_module(asked)

    return SimpleNamespace(import_module=load)


def test_cuda_without_its_compiler_is_refused(no_gpu: pytest.MonkeyPatch) -> None:
    no_gpu.setattr(kernel, "importlib", without("numba.cuda"))
    with pytest.raises(LibraryNotInstalledError, match=r"pip install 'tensorlayer-graph\[cuda\]'"):
        CUDA.launch(COUNT, 1, 1)


def test_a_missing_compiler_is_named_with_its_pip_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analog.kernels.compile.importlib", without("numba"))
    with pytest.raises(LibraryNotInstalledError, match=r"pip install 'tensorlayer-graph\[numba\]'"):
        CPU.launch(Kernel(lambda row, first, last, x: None), 1, 1, np.zeros(1))


def again(x: Any) -> Any:
    return again(x - 1) if x > 0 else x


def endless(row: int, first: int, last: int, x: Any) -> None:
    for column in range(first, last):
        x[row, column] = again(x[row, column])


def test_threads_make_kernels_at_once() -> None:
    def made(number: int) -> Kernel:
        def body(row: int, first: int, last: int, x: Any) -> None:
            for column in range(first, last):
                x[row, column] = doubled(doubled(x[row, column])) + number

        return Kernel(body)

    arrays = [np.ones((1, 2)) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        for number, array in enumerate(arrays):
            pool.submit(CPU.launch, made(number), 1, 2, array)
    assert [array[0, 1] for array in arrays] == [4 + number for number in range(6)]


def test_functions_that_call_themselves_are_refused() -> None:
    for _ in range(2):
        with pytest.raises(UnsupportedOperationError, match="again calls itself"):
            CPU.launch(Kernel(endless), 1, 1, np.zeros((1, 1)))
