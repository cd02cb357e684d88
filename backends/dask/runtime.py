"""Worker processes by `dask.distributed`: started here, found, or joined by a scheduler's address."""

from __future__ import annotations

import logging
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any, ClassVar, final

from backends.dask.cluster import active_client, address_of
from backends.dask.settle import settle
from tensorlayer.errors import BackendNotInstalledError, WorkerLostError
from tensorlayer.runtime import Engine, Memory, Runtime

__all__ = ["DaskEngine", "DaskRuntime", "current_client", "engine"]

#: Seconds to wait for a scheduler to answer, or for workers to start.
START_TIMEOUT = 30.0
#: What dask's processes do beside their work: workers look up a hundred times a second where their threads are, for a
#: page that is not served here, and all measure fifty times a second whether they are late. With two workers on two
#: processors that took a twentieth of the time.
ASIDE = {"distributed.worker.profile.enabled": False, "distributed.admin.tick.interval": "500ms"}


@final
class DaskRuntime(Runtime):
    """The processes of a dask cluster.

    Parameters
    ----------
    client : distributed.Client
        The connection to the cluster.
    owned : sequence, optional
        What closing the runtime closes: the client, and a cluster that was started with it.
    """

    def __init__(self, client: Any, owned: tuple[Any, ...] = ()) -> None:
        super().__init__()
        self.client = client
        self._owned = owned

    @property
    def address(self) -> str:
        """Address of the scheduler, or of the one that was lost."""
        return address_of(self.client)

    @property
    def workers(self) -> tuple[str, ...]:
        """Addresses of the worker processes, sorted.

        Raises
        ------
        WorkerLostError
            If the scheduler does not answer.
        """
        return tuple(sorted(self._asked(self.client.nthreads)))

    @property
    def processes(self) -> int:
        """Number of worker processes."""
        return len(self.workers)

    @property
    def threads(self) -> int:
        """Threads that one worker process runs at once: the least, where they differ."""
        return min(self._asked(self.client.nthreads).values(), default=1)

    def memory(self, device: str = "cpu") -> Memory:
        """Memory of the worker process that has least of it free."""
        if device != "cpu":
            return super().memory(device)
        found = self._asked(self.client.run, _own_memory)
        return min(found.values(), key=lambda memory: memory.free) if found else super().memory(device)

    def _asked(self, question: Callable[..., Any], *arguments: Any) -> Any:
        if self.client.status != "running":
            raise WorkerLostError(
                f"the connection to the scheduler at {self.address} is closed: connect again, or start processes"
            )
        try:
            return question(*arguments)
        except (OSError, RuntimeError) as error:
            raise WorkerLostError(f"the scheduler at {self.address} does not answer: {error}") from error

    def close(self) -> None:
        """Stop what the runtime started; a cluster that was joined goes on."""
        super().close()
        owned, self._owned = self._owned, ()
        for part in owned:
            part.close()


def _own_memory(dask_worker: Any) -> Memory:
    """Memory of this worker: its limit, or what the machine has."""
    machine = Runtime.local().memory()
    limit = dask_worker.memory_manager.memory_limit
    if not limit:
        return machine
    used = dask_worker.monitor.recent().get("memory", 0) if dask_worker.monitor.quantities["memory"] else 0
    return Memory(limit, max(0, min(machine.free, limit - used)))


@final
class DaskEngine(Engine):
    """Starts and finds clusters of `dask.distributed`."""

    library: ClassVar[str] = "distributed"
    _found: DaskRuntime | None = None

    def active(self) -> DaskRuntime | None:
        """The cluster of the client that is open here."""
        client = active_client()
        if client is None:
            return None
        # One runtime for one client: each has its own threads for local work.
        if self._found is None or self._found.client is not client:
            self._found = DaskRuntime(client)
        return self._found

    def start(self, processes: int) -> DaskRuntime:
        """Start worker processes on this machine, one thread each, and make their client the active one."""
        distributed = _load()
        from dask import config

        with config.set(ASIDE):
            cluster = distributed.LocalCluster(
                n_workers=processes,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address=None,
                config=deepcopy(config.config),  # as it is now: for workers that are started later, too
                silence_logs=logging.CRITICAL,  # errors come back to the caller; a log would say everything twice
                # Any free port of the loopback device: with the usual one a second cluster would warn that it is taken.
                scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
            )
        try:
            client = distributed.Client(cluster, timeout=START_TIMEOUT)
            client.wait_for_workers(processes, timeout=START_TIMEOUT)
            client.register_worker_callbacks(partial(settle, neighbours=processes))
        except (OSError, TimeoutError) as error:
            cluster.close()
            raise WorkerLostError(f"{processes} worker processes did not start within {START_TIMEOUT} s") from error
        return DaskRuntime(client, (client, cluster))

    def connect(self, address: str) -> DaskRuntime:
        """Join the workers of a scheduler and make its client the active one."""
        distributed = _load()
        try:
            client = distributed.Client(address, timeout=START_TIMEOUT)
        except (OSError, ValueError, TimeoutError) as error:
            raise WorkerLostError(
                f"no scheduler answers at {address!r} ({error}): start one with `dask scheduler` and workers with "
                "`dask worker`"
            ) from error
        return DaskRuntime(client, (client,))


def current_client() -> Any | None:
    """The client that work goes to: one made current on purpose, or that of the runtime in force; None for here."""
    chosen = active_client(anywhere=False)
    if chosen is not None:
        return chosen
    runtime = Runtime.current()
    return runtime.client if isinstance(runtime, DaskRuntime) else None


def _load() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise BackendNotInstalledError(
            f"worker processes need the library 'distributed' ({error}): pip install 'tensorlayer-graph[dask]'"
        ) from None
    return distributed


#: The instance that the entry point names.
engine = DaskEngine()
