"""The cluster: which workers there are, and waiting for what they do."""

from __future__ import annotations

import time
from typing import Any

from backends.dask.cluster import address_of
from backends.dask.runtime import current_client
from tensorlayer.errors import OptionError, WorkerLostError

__all__ = ["LostPart", "as_client", "result_of", "workers_of"]

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


def result_of(client: Any, address: str, call: Any) -> Any:
    """Wait for what an actor was asked.

    Raises
    ------
    LostPart
        If its worker died.
    WorkerLostError
        If the scheduler is gone.
    """
    while True:
        try:
            return call.result(timeout=POLL)
        except TimeoutError:
            if address not in workers_of(client):
                raise LostPart(address) from None
        except (OSError, RuntimeError, ValueError) as error:  # how dask says that an actor is gone
            raise LostPart(f"{address}: {error}") from error
