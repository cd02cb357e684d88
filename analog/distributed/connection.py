"""The cluster: which workers there are, and waiting for what they do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from backends.dask.cluster import address_of
from backends.dask.runtime import current_client
from tensorlayer.errors import OptionError, WorkerLostError

__all__ = ["LostPart", "answers_of", "as_client", "result_of", "workers_of"]

#: Asks an actor; gives what to wait for, or None if there is no such actor.
Call = Callable[[], Any]
#: Seconds between two looks at the cluster while an answer is awaited.
POLL = 2.0
#: Seconds to wait for a worker when there is none; a nanny restarts one in a few.
PATIENCE = 30.0


class LostPart(Exception):  # noqa: N818  # never leaves this folder
    """A worker is gone with what it held."""


def as_client(client: Any = None) -> Any:
    """A client of `dask.distributed`: the one given, or that of the runtime in force.

    Raises
    ------
    OptionError
        If it is something else.
    WorkerLostError
        If there is none, or it is closed.
    """
    found = getattr(client, "client", client) if client is not None else current_client()
    if found is None:
        raise WorkerLostError(
            "there are no worker processes: start some with tensorlayer.Runtime.local(processes=2), or join a "
            "scheduler with tensorlayer.Runtime.connect(address)"
        )
    if not hasattr(found, "scheduler_info"):
        raise OptionError(
            f"client is {client!r}: give a distributed.Client or a Runtime, as tensorlayer.Runtime.connect(address)"
        )
    require_scheduler(found)
    return found


def require_scheduler(client: Any) -> None:
    """Refuse a connection that is closed."""
    if client.status != "running":
        raise _gone(client)


def _gone(client: Any, error: BaseException | None = None) -> WorkerLostError:
    reason = "" if error is None else f" ({error})"
    return WorkerLostError(
        f"the scheduler at {address_of(client)} is gone{reason}: connect again, and go on from the last checkpoint "
        "with DistributedGrid.load(folder)"
    )


def workers_of(client: Any, without: frozenset[str] = frozenset()) -> dict[str, int]:
    """Threads of each worker there is, by address, sorted; waits a while if there is none.

    Raises
    ------
    WorkerLostError
        If the scheduler is gone, or no worker comes.
    """
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        require_scheduler(client)
        try:
            found = client.nthreads()
        except (OSError, RuntimeError) as error:
            raise _gone(client, error) from error
        if alive := {address: threads for address, threads in sorted(found.items()) if address not in without}:
            return alive
        time.sleep(0.1)
    raise WorkerLostError(
        f"no worker of {address_of(client)} is left, and none came within {PATIENCE:.0f} s: start workers"
    )


def result_of(client: Any, address: str, call: Call) -> Any:
    """Ask an actor, and wait.

    Raises
    ------
    LostPart
        If its worker died.
    WorkerLostError
        If the scheduler is gone.
    """
    (answer,) = answers_of(client, [(address, call)])
    if isinstance(answer, LostPart):
        raise answer
    return answer


def answers_of(client: Any, calls: Sequence[tuple[str, Call]]) -> list[Any]:
    """Ask several actors at once, and wait once; a `LostPart` in place of each answer that will not come.

    Calls are made where messages are sent, since threads that take turns would delay each other's.

    Parameters
    ----------
    client : distributed.Client
        The connection.
    calls : sequence of (str, callable)
        The address of each actor's worker, and what asks it.
    """
    if not calls:
        return []
    answering = asyncio.run_coroutine_threadsafe(_answers(client, calls), client.loop.asyncio_loop)
    try:
        return answering.result()
    except BaseException:
        answering.cancel()
        raise


async def _answers(client: Any, calls: Sequence[tuple[str, Call]]) -> list[Any]:
    made = [(address, call()) for address, call in calls]
    return await asyncio.gather(*(_answer(client, address, call) for address, call in made))


async def _answer(client: Any, address: str, call: Any) -> Any:
    while call is not None:
        try:
            async with asyncio.timeout(POLL):
                return await call
        except TimeoutError:
            if address not in await _alive(client):
                return LostPart(address)
        except (OSError, RuntimeError, ValueError) as error:  # how dask says that an actor is gone
            return LostPart(f"{address}: {error}")
    return LostPart(f"{address} is gone")


async def _alive(client: Any) -> Any:
    require_scheduler(client)
    try:
        return await client.nthreads()
    except (OSError, RuntimeError) as error:
        raise _gone(client, error) from error
