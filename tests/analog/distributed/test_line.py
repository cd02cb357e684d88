"""Lines between processes: both ends are here, or one is in a process that is killed."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time

import pytest

from analog.distributed.connection import LostPart
from analog.distributed.line import Ends, Line, serve

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not show the files of a process")

#: Takes the ends that it is given, says so, answers with ten times what it is asked, and never answers 0.
OTHER = """
import sys, time
from analog.distributed.line import Ends, serve
serve(Ends(*map(int, sys.argv[1:])), lambda question: 10 * question or time.sleep(100))
print("ready", flush=True)
time.sleep(100)
"""


def always() -> bool:
    return True


def test_answers_come_in_order_and_of_any_size() -> None:
    line = Line()
    serve(line.ends, lambda question: question * 2)
    line.taken()
    for question in (1, "a", b"x" * 1_000_000, [None]):
        line.ask(question)
        assert line.answer(1.0, always) == question * 2


def test_the_answer_to_a_question_that_was_given_up_is_passed_over() -> None:
    line, go = Line(), threading.Event()
    serve(line.ends, lambda question: (go.wait(), question)[1])
    line.taken()
    line.ask("given up")
    looked = iter([True, False])
    with pytest.raises(LostPart, match="not in the cluster"):
        line.answer(0.01, lambda: next(looked))
    line.ask("asked")
    go.set()
    assert line.answer(1.0, always) == "asked"


def answering() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "tensorlayer line"}


def test_an_end_without_the_other_ends() -> None:
    before = answering()
    line = Line()
    serve(line.ends, lambda question: question)
    line.taken()
    (thread,) = answering() - before
    del line
    gc.collect()
    thread.join(5)
    assert not thread.is_alive()


def test_a_process_that_is_killed_is_found_out_at_once() -> None:
    line = Line()
    ends = [str(number) for number in (line.ends.process, line.ends.questions, line.ends.answers)]
    with subprocess.Popen([sys.executable, "-c", OTHER, *ends], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        line.taken()
        line.ask(4)
        assert line.answer(30.0, always) == 40
        line.ask(0)
        threading.Timer(0.2, other.kill).start()
        start = time.monotonic()
        with pytest.raises(LostPart, match="its worker is gone"):
            line.answer(30.0, always)
        assert time.monotonic() - start < 10
    line.ask(1)
    with pytest.raises(LostPart, match="its worker is gone"):
        line.answer(30.0, always)


def test_ends_that_are_not_there_are_refused() -> None:
    with pytest.raises(OSError, match="No such file"):
        serve(Ends(1 << 30, 0, 1), lambda question: question)
