"""The cluster whose client is active: handing it work, and taking results without waiting for the dead."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from backends.dask.chunks import grid
from tensorlayer.errors import WorkerLostError

__all__ = ["active_client", "futures_of", "gathered", "keys_of", "sent"]

#: Seconds between two looks at the workers while results are awaited.
POLL = 0.5
#: Seconds without a single worker after which results are given up; a nanny restarts one in a few.
PATIENCE = 30.0


def active_client() -> Any | None:
    """The `dask.distributed` client that is active here, or None. Never imports `distributed`."""
    if "distributed" not in sys.modules:
        return None
    from dask import config
    from distributed import Client

    if config.get("scheduler", None) not in (None, "distributed", "dask.distributed"):
        return None
    try:
        return Client.current()  # type: ignore[no-untyped-call]
    except ValueError:
        return None


def keys_of(array: Any) -> list[Any]:
    """Keys of all blocks, in row-major order."""
    return [(array.name, *index) for index in grid(array.chunks)]


def futures_of(array: Any) -> list[Any] | None:
    """The futures of all blocks, in row-major order; None if the array is not on its way on a cluster."""
    if "distributed" not in sys.modules:
        return None
    from distributed import Future

    layer = getattr(array.dask.layers.get(array.name), "mapping", {})
    found = [layer.get(key) for key in keys_of(array)]
    return found if all(isinstance(future, Future) for future in found) else None


def sent(client: Any, arrays: Sequence[Any]) -> list[Any]:
    """Start the computation of arrays together; the blocks of the result are futures.

    Elements of this process travel inside the graph, so that the scheduler can give them to another worker
    when one dies.
    """
    with _any_graph_size():
        return list(client.persist(list(arrays)))


def _any_graph_size() -> AbstractContextManager[Any]:
    # dask warns of elements inside a graph; here they are there on purpose.
    from dask import config

    context: AbstractContextManager[Any] = config.set({"distributed.admin.large-graph-warning-threshold": 2**60})
    return context


def gathered(futures: Sequence[Any]) -> list[Any]:
    """Wait for blocks and bring them into this process.

    Raises
    ------
    WorkerLostError
        If processes died and the blocks cannot be computed again.
    """
    if not futures:
        return []
    from distributed.client import CancelledError  # type: ignore[attr-defined]
    from distributed.scheduler import KilledWorker, NoWorkerError

    client = futures[0].client
    try:
        blocks: list[Any] = client.sync(_gather, client, list(futures))
    except (KilledWorker, NoWorkerError) as error:
        raise WorkerLostError(f"worker processes died, again and again, while a block was computed: {error}") from error
    except (CancelledError, OSError, RuntimeError) as error:
        if client.status == "running" and not isinstance(error, CancelledError):
            raise
        raise WorkerLostError(
            f"the cluster at {_address(client)} that held the elements is gone ({error}): connect again and recompute"
        ) from error
    return blocks


def _address(client: Any) -> str:
    return str(getattr(client.scheduler, "addr", None) or client)


async def _gather(client: Any, futures: list[Any]) -> list[Any]:
    """Gather, and look from time to time whether there is anybody left to compute."""
    gathering = asyncio.ensure_future(client.gather(futures, asynchronous=True))
    alone = 0.0
    while not gathering.done():
        await asyncio.wait({gathering}, timeout=POLL)
        alone = 0.0 if gathering.done() or await client.nthreads() else alone + POLL
        if alone > PATIENCE:
            gathering.cancel()
            raise WorkerLostError(
                f"all worker processes of {_address(client)} died, and none came back within {PATIENCE:.0f} s: "
                "start workers and compute again"
            )
    blocks: list[Any] = await gathering
    return blocks
