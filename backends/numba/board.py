"""The memory by which the threads of a crew know what to do: whole numbers of 64 bits, in lines of the cache."""

from __future__ import annotations

__all__ = [
    "ACQUIRE",
    "ASLEEP",
    "AWAITED",
    "AWAKE",
    "BACK",
    "BELL",
    "CALLED",
    "DONE",
    "FRONT",
    "FUNCTION",
    "LEAVING",
    "LINE",
    "LOOKS",
    "PER_THREAD",
    "PIECES",
    "PLACES",
    "RELEASE",
    "TAKEN",
    "TASKS",
    "WORKING",
    "post_of",
]

#: Numbers in a line.
LINE = 8
#: How many pieces have been taken, and how many from either end: lines of their own.
TAKEN, FRONT, BACK = 0, LINE, 2 * LINE
#: What there is to do: a kernel, what it works on, its tasks, and in how many pieces they are taken; then Python's
#: functions on locks.
FUNCTION, PLACES, TASKS, PIECES, ACQUIRE, RELEASE = range(3 * LINE, 3 * LINE + 6)
#: A helper's line begins with its state; then come its locks: what wakes it, and what wakes who waits for it.
BELL, DONE = 1, 2
#: States of a helper. One that is awake looks at its state; one that works may be awaited by a caller that sleeps.
AWAKE, ASLEEP, CALLED, WORKING, AWAITED, LEAVING = range(6)

#: Pieces per thread: what one thread does not get to do, another does.
PER_THREAD = 32
#: How often a thread looks before it sleeps: some hundred microseconds. Sleeping and waking costs half of
#: that, but a kernel that finds its helper asleep goes without, and Python takes as long between those of a product.
LOOKS = 3 << 17


def post_of(helper: int) -> int:
    """Where the line of a helper begins; helpers are numbered from 0."""
    return (4 + helper) * LINE
