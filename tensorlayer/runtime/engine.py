"""Engines: the libraries that run several processes. Found through entry points, loaded when first used."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from tensorlayer.errors import BackendNotInstalledError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from tensorlayer.runtime.runtime import Runtime

__all__ = ["GROUP", "Engine", "active_engines", "get_engine", "register_engine"]

#: The entry-point group in which engines are declared, each under the import name of its library.
GROUP = "tensorlayer.runtimes"

_registered: dict[str, Engine] = {}


class Engine(ABC):
    """Starts and finds worker processes.

    Attributes
    ----------
    library : str
        Import name of the library. As long as a program has not imported it, the engine is not asked.
    """

    library: ClassVar[str]

    @abstractmethod
    def active(self) -> Runtime | None:
        """The runtime that the program already has, as by an open client; None if there is none."""

    @abstractmethod
    def start(self, processes: int) -> Runtime:
        """Start worker processes on this machine; closing the runtime stops them.

        Raises
        ------
        BackendNotInstalledError
            With the pip line, if the library is missing.
        """

    @abstractmethod
    def connect(self, address: str) -> Runtime:
        """Join the workers of a scheduler; closing the runtime leaves them running.

        Raises
        ------
        WorkerLostError
            If nothing answers at the address.
        """


@lru_cache(maxsize=1)
def _entry_points() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=GROUP)}


def register_engine(engine: Engine) -> Engine:
    """Declare an engine for this process only; a package declares an entry point instead."""
    _registered[engine.library] = engine
    return engine


def _engine(library: str) -> Engine:
    if library not in _registered:
        _registered[library] = _entry_points()[library].load()
    return _registered[library]


def get_engine() -> Engine:
    """The engine that starts processes: the first declared.

    Raises
    ------
    BackendNotInstalledError
        If none is declared.
    """
    names = [*_registered, *_entry_points()]
    if not names:
        raise BackendNotInstalledError(
            "worker processes need an engine, and none is declared: pip install 'tensorlayer-graph[dask]'"
        )
    return _engine(names[0])


def active_engines() -> Iterator[Engine]:
    """The engines whose library the program has imported. Imports no library."""
    for name in dict.fromkeys((*_registered, *_entry_points())):
        if name in sys.modules:
            yield _engine(name)
