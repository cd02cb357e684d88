"""Helping threads: where they run, what they keep, and what becomes of work that they do not get to."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import weakref

import pytest

from tensorlayer.runtime import sharing
from tensorlayer.runtime.processors import current_processor, keep_off
from tensorlayer.runtime.sharing import together

places = pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="this system places no threads, or has one processor",
)


def in_another_thread(work):
    """What `work` gives in a helping thread: the caller does not go on before."""
    results, ended = [], threading.Event()

    def helped():
        results.append(work())
        ended.set()

    together([lambda: ended.wait(30), helped])
    return results[0]


@places
def test_the_processor_of_the_caller_is_one_that_it_may_use():
    assert current_processor() in os.sched_getaffinity(0)


@places
def test_a_thread_keeps_off_a_processor():
    left = {}

    def move(processor):
        keep_off(0, processor)
        left[processor] = os.sched_getaffinity(0)

    allowed = os.sched_getaffinity(0)
    for processor in allowed:
        thread = threading.Thread(target=move, args=(processor,))
        thread.start()
        thread.join()
    assert left == {processor: allowed - {processor} for processor in allowed}


@places
def test_a_thread_is_not_moved_to_processors_that_its_caller_may_not_use():
    allowed, left = os.sched_getaffinity(0), []

    def stay():
        here = min(allowed)
        os.sched_setaffinity(0, {here})
        keep_off(0, here)
        left.append(os.sched_getaffinity(0))

    thread = threading.Thread(target=stay)
    thread.start()
    thread.join()
    assert left == [{min(allowed)}]


@places
def test_helpers_run_on_another_processor_than_the_caller(monkeypatch):
    allowed = os.sched_getaffinity(0)
    for processor in allowed:
        # The system may move the caller at any time.
        monkeypatch.setattr(sharing, "current_processor", lambda here=processor: here)
        assert in_another_thread(lambda: os.sched_getaffinity(0)) == allowed - {processor}


def test_a_thread_that_has_ended_is_kept_off_nothing():
    keep_off(2**22 + 1, current_processor())


def test_work_that_no_thread_has_begun_is_not_done():
    release, begun, late = threading.Event(), threading.Event(), []

    def busy():
        begun.set()
        release.wait(30)

    # The only helper of two threads is kept by another caller.
    other = threading.Thread(target=together, args=([lambda: begun.wait(30), busy],))
    other.start()
    assert begun.wait(30)
    together([lambda: None, lambda: late.append(True)])
    release.set()
    other.join()
    in_another_thread(lambda: None)
    assert not late


def test_a_job_that_was_withdrawn_never_begins():
    late = []
    job = sharing._Job(lambda: late.append(True))
    assert job.withdraw()
    job.run()
    assert not late
    assert not job.withdraw()


def test_the_error_of_a_helper_is_raised():
    def fails():
        raise ZeroDivisionError

    begun = threading.Event()
    with pytest.raises(ZeroDivisionError):
        together([lambda: begun.wait(30), lambda: begun.set() or fails()])
    assert in_another_thread(lambda: 5) == 5


def test_nothing_is_kept_of_what_has_been_done():
    class Operand:
        pass

    operand, forgotten = Operand(), threading.Event()
    weakref.finalize(operand, forgotten.set)
    in_another_thread(lambda held=operand: id(held))
    del operand
    # The helper forgets it once it is done, not when the next one comes.
    assert forgotten.wait(30)


def test_a_helper_that_has_nothing_left_to_do_is_not_waited_for():
    begun, release, released = threading.Event(), threading.Event(), []

    def lingers():
        begun.set()
        released.append(release.wait(10))

    together([lambda: begun.wait(30), lingers], lambda: True)
    release.set()
    assert in_another_thread(lambda: 5) == 5
    assert released == [True]


def test_helpers_leave_before_the_interpreter_ends():
    text = """
import atexit, threading
atexit.register(lambda: print([thread.name for thread in threading.enumerate()]))  # runs after those that come later
from tensorlayer.runtime.sharing import together
begun = threading.Event()
together([begun.wait, begun.set])
print([thread.name for thread in threading.enumerate()])
"""
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["['MainThread', 'tensorlayer-loop-0']", "['MainThread']"]
