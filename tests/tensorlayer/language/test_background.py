"""`Tensor.submit`: work in the background, what waits for it and what does not."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

import tensorlayer as tl

#: Longest that any of these tests may wait.
PATIENCE = 20.0


class Gate:
    """A function of indices that gives its elements only when it is opened."""

    def __init__(self) -> None:
        self.opened, self.entered = threading.Event(), threading.Event()

    def __call__(self, i: Any) -> Any:
        self.entered.set()
        assert self.opened.wait(PATIENCE)
        return 1.0 * i


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.opened.set()


def wrong(i: Any) -> Any:
    raise ValueError("no such elements")


def test_the_caller_goes_on_while_the_work_is_done(gate: Gate) -> None:
    x = tl.tensor(gate, shape=(3,)) + 1
    future = x.submit()
    assert gate.entered.wait(PATIENCE)
    assert not future.done()
    assert (x.shape, x.dtype) == ((3,), np.float64)
    assert repr(x) == "<Tensor float64 3, future on numpy:cpu>"
    gate.opened.set()
    assert future.result(PATIENCE).unwrap().tolist() == [1.0, 2.0, 3.0]
    assert future.done()
    assert future.exception() is None
    assert x.numpy().tolist() == [1.0, 2.0, 3.0]


def test_work_overlaps() -> None:
    both = threading.Barrier(2)

    def meet(i: Any) -> Any:
        both.wait(PATIENCE)
        return 1.0 * i

    one, other = tl.tensor(meet, shape=(2,)) + 0, tl.tensor(meet, shape=(2,)) + 1
    futures = one.submit(), other.submit()
    assert [future.result(PATIENCE).unwrap().tolist() for future in futures] == [[0.0, 1.0], [1.0, 2.0]]


def test_recording_and_submitting_do_not_wait_for_what_they_use(gate: Gate) -> None:
    first = tl.tensor(gate, shape=(3,)) + 0
    first.submit()
    second = first * 2
    third = second["i"] * tl.tensor([1.0, 10.0, 100.0])["i"]
    total = third[""]
    future, last = second.submit(), total.submit()
    assert not future.done()
    assert not last.done()
    gate.opened.set()
    assert last.result(PATIENCE).unwrap() == 420.0
    assert second.numpy().tolist() == [0.0, 2.0, 4.0]


def test_waiting_work_holds_no_thread(gate: Gate) -> None:
    first = tl.tensor(gate, shape=(3,)) + 0
    first.submit()
    waiting = [first * number for number in range(64)]
    futures = [tensor.submit() for tensor in waiting]
    alone = tl.tensor([1.0, 2.0]) + 1
    assert alone.submit().result(PATIENCE / 4).unwrap().tolist() == [2.0, 3.0]
    assert not any(future.done() for future in futures)
    gate.opened.set()
    assert futures[-1].result(PATIENCE).unwrap().tolist() == [0.0, 63.0, 126.0]


def test_an_error_is_raised_where_the_elements_are_asked_for() -> None:
    x = tl.tensor(wrong, shape=(3,)) + 1
    future = x.submit()
    assert isinstance(future.exception(PATIENCE), tl.errors.GeneratorError)
    for ask in (lambda: future.result(PATIENCE), x.numpy, lambda: float(x[0]), (x * 2).numpy):
        with pytest.raises(tl.errors.GeneratorError, match="no such elements"):
            ask()


def test_an_error_reaches_what_was_chained() -> None:
    x = tl.tensor(wrong, shape=(3,)) + 1
    x.submit()
    y = x * 2
    with pytest.raises(tl.errors.GeneratorError, match="no such elements"):
        y.submit().result(PATIENCE)


def test_waiting_ends_after_the_time_given(gate: Gate) -> None:
    future = (tl.tensor(gate, shape=(3,)) + 1).submit()
    start = time.perf_counter()
    with pytest.raises(tl.errors.FutureTimeoutError, match=r"0\.05 s"):
        future.result(0.05)
    with pytest.raises(TimeoutError):
        future.exception(0.0)
    assert time.perf_counter() - start < PATIENCE / 2
    gate.opened.set()
    assert future.result(PATIENCE).unwrap().tolist() == [1.0, 2.0, 3.0]


def test_what_has_not_begun_can_be_cancelled(gate: Gate) -> None:
    first = tl.tensor(gate, shape=(3,)) + 1
    first.submit()
    waiting = first * 2
    future = waiting.submit()
    assert future.cancel()
    gate.opened.set()
    with pytest.raises(tl.errors.FutureCancelledError):
        future.result(PATIENCE)
    assert first.numpy().tolist() == [1.0, 2.0, 3.0]


def test_what_is_there_is_done_at_once() -> None:
    x = tl.tensor([1.0, 2.0])
    future = x.submit()
    assert future.done()
    assert future.result().unwrap().tolist() == [1.0, 2.0]
    assert not future.cancel()


def test_submitting_twice_works_once(gate: Gate) -> None:
    x = tl.tensor(gate, shape=(2,)) + 1
    assert x.submit() is x.submit()


def test_an_empty_tensor_has_nothing_to_submit() -> None:
    with pytest.raises(tl.errors.EmptyTensorError):
        tl.Tensor().submit()


def test_assigning_to_the_handle_leaves_the_work_alone(gate: Gate) -> None:
    x = tl.tensor(gate, shape=(3,)) + 1
    future = x.submit()
    x[0] = 50.0
    gate.opened.set()
    assert future.result(PATIENCE).unwrap().tolist() == [1.0, 2.0, 3.0]
    assert x.numpy().tolist() == [50.0, 2.0, 3.0]


@pytest.mark.parametrize("backend", ["numpy", "torch", "dask", "reference"])
def test_every_backend_works_in_the_background(backend: str) -> None:
    x = tl.tensor(np.arange(6.0).reshape(2, 3), backend=backend)
    y = (x["i,k"] * x["j,k"])["i,j"]
    y.submit().result(PATIENCE)
    assert y.backend == backend
    np.testing.assert_allclose(np.asarray(y), [[5.0, 14.0], [14.0, 50.0]])


@pytest.mark.parametrize("recording", [True, False], ids=["with gradients", "without"])
def test_the_grad_mode_is_that_of_recording(recording: bool) -> None:
    weight = torch.ones(2, requires_grad=True)
    x = tl.tensor(weight)
    with torch.set_grad_enabled(recording):
        y = (x["i"] * 3)["i"]
    with torch.set_grad_enabled(not recording):
        y.submit().result(PATIENCE)
    assert y.unwrap().requires_grad is recording
    if recording:
        y.unwrap().sum().backward()
        assert weight.grad is not None
        assert weight.grad.tolist() == [3.0, 3.0]
