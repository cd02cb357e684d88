"""Threads that share out the tasks of a kernel, and wait for the next one in machine code.

They neither need the interpreter lock when they come to help nor keep a caller waiting that does. A helper that has
nothing to do looks out for a few microseconds, as long as it would take to wake, and then sleeps.
"""

from __future__ import annotations

import atexit
import os
from array import array
from collections.abc import Sequence
from functools import lru_cache
from threading import Lock, Thread
from typing import NamedTuple, final

import numpy as np

from backends.numba import locks
from backends.numba.address import address_of
from backends.numba.board import ACQUIRE, AWAKE, BELL, DONE, LINE, RELEASE, post_of
from backends.numba.compilation import CompiledKernel, compile_kernel
from tensorlayer.runtime.pools import ThreadPool, waits_in
from tensorlayer.runtime.processors import current_processor, keep_off

__all__ = ["ALONE", "CREW", "LOOPS", "Crew", "Share"]

#: These threads need no sending to rest, but those of other libraries do before a kernel starts.
LOOPS = ThreadPool("compiled loops", lambda: None)

#: Threads that one kernel may use, at most.
MOST = 256
#: What the three arguments of a kernel mean here: the address of the board, a number, and three more of `share`.
TEXT = """\
from backends.numba.functions import *


def kernel(board, number, places):
    {call}
"""
#: Runs a kernel, with a crew or alone, and then others, once each: a caller whose caches a loop has emptied should not
#: have to come back to Python in between.
RUN = """\
from numpy import int64

from backends.numba.functions import *


def kernel(board, threads, job):
    if threads > 1:
        share(board, threads, job[0], job[1], job[2])
    else:
        call_kernel(job[0], 0, job[2], pointer(job[1], int64))
    for call in range(job[3]):
        at = 4 + 4 * call
        call_kernel(job[at], job[at + 1], job[at + 2], pointer(job[at + 3], int64))
"""


class Share(NamedTuple):
    """How machine code has tasks shared out.

    Attributes
    ----------
    function : int
        Address of ``share(board, threads, places)``; `places` is that of three whole numbers: the address of a
        function ``f(first, last, places)``, what it gets as its last argument, and the number of tasks. 0: nobody
        helps.
    board : int
        Its first argument.
    threads : int
        Its second argument.
    """

    function: int
    board: int
    threads: int


#: Nobody helps.
ALONE = Share(0, 0, 1)


@final
class Crew:
    """Helping threads, which work for one caller at a time."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        # An array of NumPy begins where it likes; a line of numbers is to be one of the cache.
        memory = np.zeros(post_of(MOST) + LINE, np.int64)
        first = -address_of(memory) // 8 % LINE
        self._board = memory[first : first + post_of(MOST)]
        self._address = address_of(self._board)
        self._helpers: list[Thread] = []
        self._free = Lock()
        self._avoided = -1
        self._hiring = True

    def take(self, threads: int) -> Share:
        """So many threads, the caller among them; `ALONE` if somebody else has the crew, or the interpreter ends.

        Whoever has taken it gives it back, unless it is `ALONE`. The threads of other libraries are sent to rest.
        """
        threads = min(threads, MOST + 1)
        return Share(_machine_code("share").address, self._address, threads) if self._takes(threads) else ALONE

    def give_back(self) -> None:
        """Let others have the crew."""
        self._free.release()

    def run(self, kernel: CompiledKernel, tasks: int, threads: int, places: int, then: Sequence[int] = ()) -> None:
        """Run all tasks of a kernel.

        Parameters
        ----------
        kernel : CompiledKernel
            What runs.
        tasks : int
            Number of tasks.
        threads : int
            How many threads may work at once; if somebody else has the crew, the caller works alone.
        places : int
            Address of what the kernel works on.
        then : sequence of int, optional
            What the caller runs when all that is done: for each kernel its address and three arguments.
        """
        job = array("q", (kernel.address, places, tasks, len(then) // 4, *then))
        run, threads = compile_kernel(RUN), min(threads, tasks, MOST + 1)
        if threads < 2 or not self._takes(threads):
            run.call(0, 1, job.buffer_info()[0])
            return
        try:
            run.call(self._address, threads, job.buffer_info()[0])
        finally:
            self._free.release()

    def looks_out(self, helpers: int) -> bool:
        """Whether the last of so many helpers is awake: work for it begins at once."""
        return len(self._helpers) >= helpers and bool(self._board[post_of(helpers - 1)] == AWAKE)

    def rouse(self) -> None:
        """Wake the helpers: there will be something to do within microseconds."""
        if self._helpers:
            _machine_code("rouse_helpers").call(self._address, len(self._helpers), 0)

    def dismiss(self) -> None:
        """End all helpers, and hire no more."""
        self._hiring = False
        with self._free:
            if self._helpers:
                _machine_code("dismiss_helpers").call(self._address, len(self._helpers), 0)
            for helper in self._helpers:
                helper.join()
            self._helpers.clear()

    def forget(self) -> None:
        """Begin anew in a process that has none of the threads."""
        self._begin()

    def _takes(self, threads: int) -> bool:
        LOOPS.wake()
        if not (self._hiring and self._free.acquire(blocking=False)):
            return False
        try:
            while len(self._helpers) < threads - 1:
                self._hire()
            self._keep_off(current_processor())
        except BaseException:
            self._free.release()
            raise
        return True

    def _hire(self) -> None:
        number = len(self._helpers)
        own = self._board[post_of(number) :]
        self._board[ACQUIRE], self._board[RELEASE] = locks.ACQUIRE, locks.RELEASE
        own[BELL], own[DONE] = locks.closed_lock(), locks.closed_lock()
        arguments = _machine_code("serve"), self._address, number
        helper = Thread(target=_serve, args=arguments, name=f"tensorlayer-crew-{number}", daemon=True)
        helper.start()
        self._helpers.append(helper)
        self._avoided = -1

    def _keep_off(self, here: int) -> None:
        if here != self._avoided:
            for helper in self._helpers:
                if helper.native_id is not None:
                    keep_off(helper.native_id, here)
            self._avoided = here


@waits_in
def _serve(code: CompiledKernel, board: int, helper: int) -> None:
    code.call(board, helper, 0)


@lru_cache(maxsize=4)
def _machine_code(name: str) -> CompiledKernel:
    given = {"share": "share(board, number, places[0], places[1], places[2])"}
    return compile_kernel(TEXT.format(call=given.get(name, f"{name}(board, number)")))


#: The crew of this process.
CREW = Crew()
atexit.register(CREW.dismiss)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=CREW.forget)
