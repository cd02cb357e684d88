"""The cluster whose client is active: handing it work, and taking results without waiting for the dead."""

from __future__ import annotations

import asyncio
import concurrent.futures
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from backends.dask.chunks import grid
from tensorlayer.errors import WorkerLostError

__all__ = [
    "active_client",
    "address_of",
    "awaited",
    "futures_of",
    "gathered",
    "keys_of",
    "owners_of",
    "promised",
    "sent",
]

#: Seconds between two looks at the workers while results are awaited.
POLL = 0.5
#: Seconds without a single worker after which results are given up; a nanny restarts one in a few.
PATIENCE = 30.0


def active_client(*, anywhere: bool = True) -> Any | None:
    """The `dask.distributed` client that is active, here or (if `anywhere`) in the process; or None.

    Never imports `distributed`.
    """
    if "distributed" not in sys.modules:
        return None
    from dask import config
    from distributed import Client

    if config.get("scheduler", None) not in (None, "distributed", "dask.distributed"):
        return None
    try:
        return Client.current(allow_global=anywhere)  # type: ignore[no-untyped-call]
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


def owners_of(array: Any) -> set[Any]:
    """The clients through which blocks that an array reads are held."""
    if "distributed" not in sys.modules:
        return set()
    from distributed import Future

    # An array has one layer for each operation; all blocks of one layer are held by one client.
    tasks = (next(iter(getattr(layer, "mapping", {}).values()), None) for layer in array.dask.layers.values())
    return {task.client for task in tasks if isinstance(task, Future)}


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
    client = futures[0].client
    with _lost_workers(client):
        blocks: list[Any] = client.sync(_patiently, client, lambda: client.gather(list(futures), asynchronous=True))
    return blocks


def awaited(futures: Sequence[Any]) -> None:
    """Wait for blocks, which stay where they are; raises what `gathered` raises."""
    if futures:
        client = futures[0].client
        with _lost_workers(client):
            client.sync(_patiently, client, lambda: _all_done(futures))


def promised(futures: Sequence[Any], result: Any) -> concurrent.futures.Future[Any]:
    """A future that gives `result` when all blocks are there; cancelling it gives them up."""
    if not futures:
        done: concurrent.futures.Future[Any] = concurrent.futures.Future()
        done.set_result(result)
        return done
    client = futures[0].client
    return asyncio.run_coroutine_threadsafe(_settled(client, futures, result), client.loop.asyncio_loop)


async def _settled(client: Any, futures: Sequence[Any], result: Any) -> Any:
    try:
        with _lost_workers(client):
            await _patiently(client, lambda: _all_done(futures))
    except asyncio.CancelledError:
        await client.cancel(list(futures), asynchronous=True)
        raise
    return result


async def _all_done(futures: Sequence[Any]) -> None:
    await asyncio.gather(*map(_done, futures))


async def _done(future: Any) -> None:
    error = await future.exception()
    if future.cancelled():
        raise concurrent.futures.CancelledError(f"{future.key} was cancelled")
    if error is not None:
        raise error


async def _patiently(client: Any, work: Callable[[], Awaitable[Any]]) -> Any:
    """Await work, and look from time to time whether there is anybody left to do it."""
    working = asyncio.ensure_future(work())
    alone = 0.0
    try:
        while not working.done():
            await asyncio.wait({working}, timeout=POLL)
            alone = 0.0 if working.done() or await client.nthreads() else alone + POLL
            if alone > PATIENCE:
                raise WorkerLostError(
                    f"all worker processes of {address_of(client)} died, and none came back within {PATIENCE:.0f} s: "
                    "start workers and compute again"
                )
        return await working
    finally:
        working.cancel()


@contextmanager
def _lost_workers(client: Any) -> Iterator[None]:
    """Turn what dask raises when processes are lost into one error."""
    from distributed.scheduler import KilledWorker, NoWorkerError

    try:
        yield
    except (KilledWorker, NoWorkerError) as error:
        raise WorkerLostError(f"worker processes died, again and again, while a block was computed: {error}") from error
    except (concurrent.futures.CancelledError, OSError, RuntimeError) as error:
        # A task may raise the same types; it is the cluster only if that is gone, or gave up on its own.
        if client.status == "running" and not isinstance(error, concurrent.futures.CancelledError):
            raise
        raise WorkerLostError(
            f"the cluster at {address_of(client)} that held the elements is gone, or dropped them ({error}): connect "
            "again and recompute"
        ) from error


def address_of(client: Any) -> str:
    """Where the scheduler of a client is, or was."""
    began = client.cluster or getattr(client, "_start_arg", client)  # what a closed client still knows
    return str(getattr(client.scheduler, "addr", None) or getattr(began, "scheduler_address", began))
