"""Threads that wait in machine code: each task once, whoever sleeps, leaves, forks or comes at the same time."""

from __future__ import annotations

import ctypes
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from threading import Thread

import numpy as np
import pytest

import backends.numba.crew as crews
from backends.numba.board import ASLEEP, AWAKE, post_of
from backends.numba.compilation import compile_kernel
from backends.numba.crew import ALONE, Crew
from tensorlayer.runtime import other_threads_wait

CALLABLE = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p)
#: Adds one to the count of every task.
COUNTS = """\
def kernel(first, last, places):
    for task in range(first, last):
        places[task] += 1
"""
#: Adds the counts of the other half.
ADDS = """\
def kernel(first, last, places):
    half = (last - first) // 2
    for task in range(half):
        places[task] += places[half + task]
        places[half + task] = places[task]
"""
#: The first task lasts until the last has begun, at most some seconds; places[0] tells whether it has.
MEETS = """\
from backends.numba.functions import *


def kernel(first, last, places):
    address = places[1]
    for task in range(first, last):
        if task == places[2] - 1:
            exchange(address, 1)
        if task == 0:
            looks = 0
            while number_at(address) == 0 and looks < 1 << 31:
                looks += 1
            places[0] = number_at(address)
"""
#: The last task takes long: some ten milliseconds.
LAST = """\
from backends.numba.functions import *


def kernel(first, last, places):
    for task in range(first, last):
        if task == places[2] - 1:
            for _ in range(1 << 24):
                number_at(places[1])
            places[0] += 1
"""


@pytest.fixture
def crew() -> Iterator[Crew]:
    made = Crew()
    yield made
    made.dismiss()


def address_of(array: np.ndarray) -> int:
    place: int = array.__array_interface__["data"][0]
    return place


def run(crew: Crew, source: str, places: np.ndarray, tasks: int, threads: int) -> bool:
    """Whether there was help."""
    kernel, share = compile_kernel(source), crew.take(threads)
    if share is ALONE:
        kernel.call(0, tasks, address_of(places))
        return False
    job = np.array([kernel.address, address_of(places), tasks])
    CALLABLE(share.function)(share.board, share.threads, address_of(job))
    crew.give_back()
    return True


def state(crew: Crew) -> int:
    return int(crew._board[post_of(0)])


def sleeping(crew: Crew) -> bool:
    deadline = time.monotonic() + 30
    while state(crew) != ASLEEP and time.monotonic() < deadline:
        time.sleep(0.001)
    return state(crew) == ASLEEP


@pytest.mark.parametrize(("tasks", "threads"), [(1, 2), (7, 2), (7, 3), (1000, 4), (100_000, 2)])
def test_every_task_is_done_once(crew: Crew, tasks: int, threads: int) -> None:
    counts = np.zeros(tasks, np.int64)
    for _ in range(3):
        assert run(crew, COUNTS, counts, tasks, threads)
    np.testing.assert_array_equal(counts, 3)


def test_helpers_that_look_or_sleep_come_whenever_they_are_called(crew: Crew) -> None:
    counts, draws = np.zeros(64, np.int64), random.Random(5)
    for _ in range(2000):
        run(crew, COUNTS, counts, counts.size, 2)
        # About as long as a helper looks before it sleeps, so that calls meet it on its way to bed.
        end = time.perf_counter() + draws.uniform(0, 120e-6)
        while time.perf_counter() < end:
            if draws.random() < 0.2:
                crew.rouse()
    np.testing.assert_array_equal(counts, 2000)


def test_two_threads_work_at_once(crew: Crew) -> None:
    for _ in range(5):
        places = np.zeros(24, np.int64)
        places[1:3] = address_of(places) + 64, 100
        assert run(crew, MEETS, places, 100, 2)
        assert places[0] == 1


def test_a_caller_that_sleeps_is_woken(crew: Crew) -> None:
    places = np.zeros(24, np.int64)
    places[1:3] = address_of(places) + 64, 2
    for _ in range(3):
        run(crew, LAST, places, 2, 2)
    assert places[0] == 3


@pytest.mark.usefixtures("own_threads")
def test_a_helper_without_work_sleeps_until_it_is_roused(crew: Crew) -> None:
    assert not crew.looks_out(1)
    run(crew, COUNTS, np.zeros(9, np.int64), 9, 2)
    assert sleeping(crew)
    assert not crew.looks_out(1)
    crew._board[post_of(0)] = AWAKE
    assert (crew.looks_out(1), crew.looks_out(2)) == (True, False)
    crew._board[post_of(0)] = ASLEEP
    crew.rouse()
    assert sleeping(crew)
    assert other_threads_wait()


def test_callers_at_the_same_time_work_alone(crew: Crew) -> None:
    assert crew.take(2) is not ALONE
    counts = np.zeros(50, np.int64)
    assert not run(crew, COUNTS, counts, 50, 2)
    crew.give_back()
    assert run(crew, COUNTS, counts, 50, 2)
    np.testing.assert_array_equal(counts, 2)


def test_kernels_are_run_alone_where_somebody_else_has_the_crew(crew: Crew) -> None:
    counts, kernel = np.zeros(50, np.int64), compile_kernel(COUNTS)
    for threads in (1, 2):
        crew.run(kernel, counts.size, threads, address_of(counts))
    assert len(crew._helpers) == 1
    crew.take(2)
    crew.run(kernel, counts.size, 2, address_of(counts))
    crew.give_back()
    assert crew.take(2) is not ALONE
    crew.give_back()
    np.testing.assert_array_equal(counts, 3)


@pytest.mark.parametrize("threads", [1, 2])
def test_what_comes_then_runs_once_when_all_is_done(crew: Crew, threads: int) -> None:
    counts, later, kernel = np.zeros(500, np.int64), np.zeros(7, np.int64), compile_kernel(COUNTS)
    adds = compile_kernel(ADDS)
    then = (adds.address, 0, 500, address_of(counts), kernel.address, 2, 6, address_of(later))
    crew.run(kernel, 500, threads, address_of(counts), then)
    np.testing.assert_array_equal(counts[:250], counts[250:])
    assert counts.min() == counts.max() == 2
    np.testing.assert_array_equal(later, [0, 0, 1, 1, 1, 1, 0])


def test_many_callers(crew: Crew) -> None:
    arrays = [np.zeros(500, np.int64) for _ in range(4)]

    def work(counts: np.ndarray) -> None:
        for _ in range(200):
            crew.run(compile_kernel(COUNTS), counts.size, 3, address_of(counts))

    callers = [Thread(target=work, args=(counts,)) for counts in arrays]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    np.testing.assert_array_equal(arrays, 200)


@pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="this system places no threads, or has one processor",
)
def test_helpers_run_on_another_processor_than_the_caller(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = os.sched_getaffinity(0)
    for processor in allowed:
        # The system may move the caller at any time.
        monkeypatch.setattr(crews, "current_processor", lambda here=processor: here)
        run(crew, COUNTS, np.zeros(9, np.int64), 9, 2)
        assert os.sched_getaffinity(crew._helpers[0].native_id or 0) == allowed - {processor}


def test_who_is_dismissed_leaves(crew: Crew) -> None:
    run(crew, COUNTS, np.zeros(9, np.int64), 9, 3)
    helpers = list(crew._helpers)
    assert len(helpers) == 2
    crew.dismiss()
    assert not any(helper.is_alive() for helper in helpers)
    assert crew.take(2) is ALONE


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.processes
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork.*:DeprecationWarning")
def test_a_child_hires_anew(crew: Crew) -> None:
    counts = np.zeros(9, np.int64)
    run(crew, COUNTS, counts, 9, 2)
    child = os.fork()
    if child == 0:
        crew.forget()
        helped = run(crew, COUNTS, counts, 9, 2) and bool((counts == 2).all())
        os._exit(0 if helped else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.processes
@pytest.mark.parametrize("pause", [0.0, 0.01])
def test_an_interpreter_ends_while_helpers_look_or_sleep(pause: float) -> None:
    script = f"""
import time, numpy as np
from analog.kernels import CPU, Kernel, kernel
def body(row, first, last, x):
    for column in range(first, last):
        x[row, column] += 1
kernel.WORTH_A_THREAD, kernel.thread_count = 1e-12, lambda: 2
x = np.zeros((64, 64))
for _ in range(3):
    CPU.launch(Kernel(body), 64, 64, x)
time.sleep({pause})
print(x.min(), x.max(), len(kernel.CREW._helpers))
"""
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert (result.stdout, result.stderr, result.returncode) == ("3.0 3.0 1\n", "", 0)
