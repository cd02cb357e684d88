"""What there is to compute with."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextvars import ContextVar, Token, copy_context
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from tensorlayer.errors import AllocationError, BackendError, OptionError
from tensorlayer.runtime.engine import active_engines, get_engine
from tensorlayer.runtime.memory import Memory, host_memory

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

__all__ = ["Runtime", "register_devices"]

_entered: ContextVar[Runtime | None] = ContextVar("tensorlayer_runtime", default=None)
_probes: dict[str, Callable[[], Mapping[str, Memory]]] = {}


def register_devices(backend: str, probe: Callable[[], Mapping[str, Memory]]) -> None:
    """Tell runtimes of the devices a backend brings; called by a backend when it has loaded its library.

    Parameters
    ----------
    backend : str
        Name of the backend; one probe is kept for each.
    probe : callable
        Gives the memory of every device.
    """
    _probes[backend] = probe


class Runtime:
    """The processes, devices, memory and threads there are: of this process, in this class.

    An engine for several processes derives from it. As a context manager it is the current runtime inside,
    and closes what it started when left.

    Examples
    --------
    >>> with Runtime.local() as runtime:
    ...     runtime.processes, runtime.submit(pow, 2, 3).result()
    (1, 8)
    """

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._lock = Lock()
        self._closed = False
        self._tokens: list[Token[Runtime | None]] = []

    # -- which runtime ---------------------------------------------------------------------------------------

    @staticmethod
    def current() -> Runtime:
        """The runtime in force: the one entered, or an open client of a cluster, or this process."""
        entered = _entered.get()
        if entered is not None:
            return entered
        for engine in active_engines():
            active = engine.active()
            if active is not None:
                return active
        return _this_process

    @staticmethod
    def local(processes: int = 1) -> Runtime:
        """A runtime on this machine.

        Parameters
        ----------
        processes : int, optional
            Worker processes to start; with one, the default, everything is done in this process.

        Raises
        ------
        BackendNotInstalledError
            If more than one process is asked for and the library for that is missing.
        OptionError
            If the number is no positive integer.
        """
        if not hasattr(processes, "__index__") or processes < 1:
            raise OptionError(f"a runtime has one process or more, an integer, got processes={processes!r}")
        return Runtime() if processes == 1 else get_engine().start(processes)

    @staticmethod
    def connect(address: str) -> Runtime:
        """The runtime of a scheduler's address, as ``"tcp://10.0.0.1:8786"``.

        Raises
        ------
        BackendNotInstalledError
            If the library for that is missing.
        OptionError
            If it is no address.
        WorkerLostError
            If nothing answers there.
        """
        if not isinstance(address, str) or not address:  # an engine would take None for leave to start a cluster
            raise OptionError(f"a scheduler has an address, as 'tcp://10.0.0.1:8786', got {address!r}")
        return get_engine().connect(address)

    # -- what there is ---------------------------------------------------------------------------------------

    @property
    def processes(self) -> int:
        """Number of processes that hold elements and compute."""
        return 1

    @property
    def threads(self) -> int:
        """Threads that one process may run at once."""
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1

    @property
    def devices(self) -> tuple[str, ...]:
        """``"cpu"``, and what the backends in use bring, as ``"cuda:0"``."""
        return tuple(dict.fromkeys(("cpu", *(device for probe in _probes.values() for device in probe()))))

    def memory(self, device: str = "cpu") -> Memory:
        """Memory of a device, of one process.

        Raises
        ------
        AllocationError
            If there is no such device; the message lists those there are.
        """
        if device == "cpu":
            return host_memory()
        for probe in _probes.values():
            if (found := probe().get(device)) is not None:
                return found
        raise AllocationError(f"no device {device!r}: there are {', '.join(self.devices)}")

    # -- work ------------------------------------------------------------------------------------------------

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Call a function in a thread of this process, under the options in force here.

        Raises
        ------
        BackendError
            If the runtime is closed.
        """
        from concurrent.futures import ThreadPoolExecutor

        with self._lock:
            if self._closed:
                raise BackendError("this runtime is closed: its threads are gone; use Runtime.current()")
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="tensorlayer")
            return self._pool.submit(copy_context().run, function, *arguments)

    def close(self) -> None:
        """Stop what the runtime started; work that has not begun is cancelled. May be called again."""
        with self._lock:
            pool, self._pool, self._closed = self._pool, None, True
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> Self:
        if self._closed:
            raise BackendError("this runtime is closed: start another, or use Runtime.current()")
        self._tokens.append(_entered.set(self))
        return self

    def __exit__(self, *exc_info: object) -> None:
        _entered.reset(self._tokens.pop())
        self.close()

    def __repr__(self) -> str:
        if self._closed:
            return "<runtime, closed>"
        processes = f"{self.processes} process{'es' if self.processes > 1 else ''}"
        return f"<runtime of {processes}, {self.threads} threads, {', '.join(self.devices)}, {self.memory()}>"


class _ThisProcess(Runtime):
    """The runtime when nobody chose one: nobody started it, so closing it only waits for its threads."""

    def close(self) -> None:
        super().close()
        self._closed = False


_this_process = _ThisProcess()
