"""Runs of a sweep as tasks of a cluster."""

from __future__ import annotations

import numbers
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from analog.distributed.connection import require_scheduler
from analog.distributed.runs import Run
from tensorlayer.errors import DtypeError, WorkerLostError

__all__ = ["Feed", "Outcome", "finished"]

#: What a run gave, by name; of one that failed, ``error``.
Outcome = dict[str, Any]
#: Seconds that a task should take: runs that are much shorter go together, since a task costs about a millisecond.
TASK = 0.5
#: Seconds that it should take at least, towards the end: workers wait for shorter ones.
SHORT = 0.02


def finished(
    client: Any, function: Callable[..., Any], runs: Sequence[Run], most: int
) -> Iterator[list[tuple[Run, Outcome]]]:
    """Runs as they finish, task by task; no more than `most` tasks are with the cluster at once."""
    from distributed import as_completed

    feed = Feed(client, function, runs, most)
    # With results, which come while others are taken: each would be fetched on its own otherwise.
    completed = as_completed(feed.send(), with_results=True, raise_errors=False)  # type: ignore[no-untyped-call]
    try:
        for future, result in completed:
            outcomes = feed.take(future, result)
            completed.update(feed.send())  # type: ignore[no-untyped-call]
            yield outcomes
    finally:
        feed.cancel()


class Feed:
    """Keeps a cluster busy, but not more.

    Parameters
    ----------
    client : distributed.Client
        The connection.
    function : callable
        What a run calls.
    runs : sequence of Run
        All that are to be done.
    most : int
        Tasks at once.
    """

    def __init__(self, client: Any, function: Callable[..., Any], runs: Sequence[Run], most: int) -> None:
        self.client, self.function, self.most = client, function, most
        self._left = deque(runs)
        self._alone: deque[Run] = deque()
        self._sent: dict[Any, list[Run]] = {}
        self._size = self._least = 1

    def send(self) -> list[Any]:
        """Fill up what is with the cluster; gives the new futures."""
        futures = []
        while len(self._sent) < self.most and (self._alone or self._left):
            runs = [self._alone.popleft()] if self._alone else self._next()
            future = self.client.submit(perform, self.function, [run.values for run in runs], pure=False)
            self._sent[future] = runs
            futures.append(future)
        return futures

    def _next(self) -> list[Run]:
        # Towards the end tasks become smaller, so that all workers end together.
        size = max(self._least, min(self._size, len(self._left) // self.most))
        return [self._left.popleft() for _ in range(min(size, len(self._left)))]

    def take(self, future: Any, result: Any) -> list[tuple[Run, Outcome]]:
        """What the runs of a task gave: the result of `perform`, if it has one.

        Raises
        ------
        WorkerLostError
            If the cluster is gone.
        """
        runs = self._sent.pop(future)
        if future.status == "cancelled":
            require_scheduler(self.client)
            raise WorkerLostError("the cluster dropped runs that were sent to it: call again to do what is left")
        error = future.exception()
        if error is None:
            seconds, outcomes = result
            pace = len(runs) / max(seconds, 1e-6)
            self._size, self._least = max(1, int(TASK * pace)), max(1, int(SHORT * pace))
            return list(zip(runs, outcomes, strict=True))
        if len(runs) > 1:
            self._alone.extend(runs)  # one of them kills workers; the others shall not suffer for it
            return []
        return [(runs[0], {"error": words(error)})]

    def cancel(self) -> None:
        """Call back what is not finished."""
        if self._sent and self.client.status == "running":
            self.client.cancel(list(self._sent))


def perform(function: Callable[..., Any], values: Sequence[Mapping[str, Any]]) -> tuple[float, list[Outcome]]:
    """Several runs, in a worker: how long they took, and what they gave."""
    start = time.perf_counter()
    outcomes = [outcome(function, each) for each in values]
    return time.perf_counter() - start, outcomes


def outcome(function: Callable[..., Any], values: Mapping[str, Any]) -> Outcome:
    """One run; its results as plain values."""
    try:
        return plain_results(function(**values))
    except Exception as error:  # noqa: BLE001  # a run that fails is a result
        return {"error": words(error)}


def plain_results(results: Any) -> Outcome:
    """What a run gave, as a table holds it."""
    if not isinstance(results, Mapping):
        raise DtypeError(f"the function gave {type(results).__name__}: a run gives a mapping of names to numbers")
    return {str(name): plain(name, value) for name, value in results.items()}


def plain(name: object, value: Any) -> Any:
    """A value that a table holds."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, numbers.Real) or getattr(value, "shape", None) == ():
        return value.item() if hasattr(value, "item") else float(value)
    raise DtypeError(f"the result {name!r} is {type(value).__name__}: a table holds numbers, bools, text and None")


def words(error: BaseException) -> str:
    """An error in a table."""
    return f"{type(error).__name__}: {error}"
