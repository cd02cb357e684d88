"""What the threads of a crew do, in machine code: see `backends.numba.crew`.

A state changes in one step that no other thread sees half of, and whoever makes another thread sleep or wake knows by
the old state whether there is a lock to release. Imported by generated kernels only: it imports numba.
"""

from __future__ import annotations

from typing import Any

from numba import njit, types

from backends.numba.board import (
    ACQUIRE,
    ASLEEP,
    AWAITED,
    AWAKE,
    BACK,
    BELL,
    CALLED,
    DONE,
    FRONT,
    FUNCTION,
    LEAVING,
    LOOKS,
    PER_THREAD,
    PIECES,
    PLACES,
    RELEASE,
    TAKEN,
    TASKS,
    WORKING,
)
from backends.numba.board import post_of as line_of
from backends.numba.intrinsics import acquire, call_kernel, exchange, next_number, number_at, pointer, release, replace

__all__ = ["dismiss_helpers", "rouse_helpers", "serve", "share"]

post_of: Any = njit(line_of)


@njit
def _place(board: Any, number: Any) -> Any:
    return board + 8 * number


@njit
def _take_pieces(board: Any, end: Any) -> None:
    """Do pieces from one end until none is left: what a thread did in one kernel is in its cache in the next."""
    plan = pointer(board, types.int64)
    tasks, pieces = plan[TASKS], plan[PIECES]
    while next_number(_place(board, TAKEN)) < pieces:
        number = next_number(_place(board, end))
        piece = number if end == FRONT else pieces - 1 - number
        first, last = piece * tasks // pieces, (piece + 1) * tasks // pieces
        call_kernel(plan[FUNCTION], first, last, pointer(plan[PLACES], types.int64))


@njit
def share(board: Any, threads: Any, function: Any, places: Any, tasks: Any) -> None:
    """Do all tasks with so many threads; the caller is one of them."""
    plan = pointer(board, types.int64)
    plan[FUNCTION], plan[PLACES], plan[TASKS], plan[PIECES] = function, places, tasks, min(tasks, PER_THREAD * threads)
    plan[TAKEN] = plan[FRONT] = plan[BACK] = 0
    for helper in range(threads - 1):
        post = _place(board, post_of(helper))
        if exchange(post, CALLED) == ASLEEP:
            release(plan[RELEASE], plan[post_of(helper) + BELL])
    _take_pieces(board, FRONT)
    for helper in range(threads - 1):
        # One that has not begun by now is not waited for.
        if not replace(_place(board, post_of(helper)), CALLED, AWAKE):
            _await_end(board, helper)


@njit
def _await_end(board: Any, helper: Any) -> None:
    plan, post, looks = pointer(board, types.int64), _place(board, post_of(helper)), LOOKS
    while number_at(post) == WORKING:
        looks -= 1
        if looks == 0 and replace(post, WORKING, AWAITED):
            acquire(plan[ACQUIRE], plan[post_of(helper) + DONE])


@njit
def serve(board: Any, helper: Any) -> None:
    """Help whenever called, until told to leave."""
    plan, post = pointer(board, types.int64), _place(board, post_of(helper))
    while number_at(post) != LEAVING:
        _await_call(board, helper)
        # Whoever has called may do without by now.
        if replace(post, CALLED, WORKING):
            _take_pieces(board, BACK)
            if exchange(post, AWAKE) == AWAITED:
                release(plan[RELEASE], plan[post_of(helper) + DONE])


@njit
def _await_call(board: Any, helper: Any) -> None:
    plan, post, looks = pointer(board, types.int64), _place(board, post_of(helper)), LOOKS
    while number_at(post) == AWAKE:
        looks -= 1
        if looks == 0:
            looks = LOOKS
            if replace(post, AWAKE, ASLEEP):
                acquire(plan[ACQUIRE], plan[post_of(helper) + BELL])


@njit
def rouse_helpers(board: Any, helpers: Any) -> None:
    """Wake those that sleep: they look a while for something to do."""
    plan = pointer(board, types.int64)
    for helper in range(helpers):
        if replace(_place(board, post_of(helper)), ASLEEP, AWAKE):
            release(plan[RELEASE], plan[post_of(helper) + BELL])


@njit
def dismiss_helpers(board: Any, helpers: Any) -> None:
    """Have all leave; none of them may be called just now."""
    plan = pointer(board, types.int64)
    for helper in range(helpers):
        if exchange(_place(board, post_of(helper)), LEAVING) == ASLEEP:
            release(plan[RELEASE], plan[post_of(helper) + BELL])
