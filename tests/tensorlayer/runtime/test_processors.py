"""Where threads run."""

from __future__ import annotations

import os
import threading

import pytest

from tensorlayer.runtime.processors import current_processor, keep_off

places = pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="this system places no threads, or has one processor",
)


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


def test_a_thread_that_has_ended_is_kept_off_nothing():
    keep_off(2**22 + 1, current_processor())
