"""Work that starts when other work is done; nothing is lost and nothing runs that was given up."""

from __future__ import annotations

from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorlayer.options import current_options, options
from tensorlayer.runtime import submit_after


def at_once(task: Any) -> Future[Any]:
    done: Future[Any] = Future()
    done.set_result(task())
    return done


def test_it_runs_after_the_last_of_them() -> None:
    waited: list[Future[int]] = [Future(), Future()]
    chained = submit_after(at_once, waited, lambda: sum(f.result() for f in waited))
    waited[1].set_result(2)
    assert not chained.done()
    waited[0].set_result(40)
    assert chained.result(0) == 42


def test_it_runs_under_the_options_of_where_it_was_asked_for() -> None:
    waited: Future[int] = Future()
    with options(memory=99):
        chained = submit_after(at_once, [waited], lambda: current_options().memory)
    waited.set_result(1)
    assert chained.result(0) == 99


@pytest.mark.parametrize("second_fails", [True, False])
def test_the_first_error_is_the_result(second_fails: bool) -> None:
    ran: list[int] = []
    waited: list[Future[int]] = [Future(), Future()]
    chained = submit_after(at_once, waited, lambda: ran.append(1))
    waited[0].set_exception(ValueError("first"))
    waited[1].set_exception(KeyError("second")) if second_fails else waited[1].set_result(1)
    with pytest.raises(ValueError, match="first"):
        chained.result(0)
    assert ran == []


def test_what_was_cancelled_never_runs() -> None:
    ran: list[int] = []
    waited: Future[int] = Future()
    chained = submit_after(at_once, [waited], lambda: ran.append(1))
    assert chained.cancel()
    waited.set_result(1)
    assert ran == []


def test_a_cancellation_is_passed_on() -> None:
    waited: Future[int] = Future()
    chained = submit_after(at_once, [waited], lambda: 1)
    assert waited.cancel()
    with pytest.raises(CancelledError):
        chained.result(0)


def test_a_pool_that_refuses_is_the_result() -> None:
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    chained = submit_after(pool.submit, [], lambda: 1)
    with pytest.raises(RuntimeError, match="shutdown"):
        chained.result(0)


def test_the_error_of_the_task_is_the_result() -> None:
    with pytest.raises(ZeroDivisionError):
        submit_after(at_once, [], lambda: 1 // 0).result(0)


@given(st.lists(st.sets(st.integers(0, 9)), min_size=1, max_size=10))
def test_any_graph_of_work_is_done_in_one_thread(reads: list[set[int]]) -> None:
    with ThreadPoolExecutor(1) as pool:
        futures: list[Future[int]] = []
        expected: list[int] = []
        for i, read in enumerate(reads):
            earlier = sorted(n for n in read if n < i)
            waited = [futures[n] for n in earlier]
            futures.append(submit_after(pool.submit, waited, lambda waited=waited: 1 + sum(f.result() for f in waited)))
            expected.append(1 + sum(expected[n] for n in earlier))
        assert [future.result(10) for future in futures] == expected
