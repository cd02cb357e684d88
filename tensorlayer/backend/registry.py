"""Which backends there are: found through entry points, loaded when first used."""

from __future__ import annotations

import copyreg
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tensorlayer.backend.abstract import Backend
from tensorlayer.errors import BackendError, BackendNotFoundError
from tensorlayer.suggestion import did_you_mean

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["GROUP", "backend_names", "backend_of", "get_backend", "register"]

#: The entry-point group in which backends are declared.
GROUP = "tensorlayer.backends"

_loaded: dict[str, Backend] = {}
_by_type: dict[type, Backend] = {}


@lru_cache(maxsize=1)
def _entry_points() -> dict[str, EntryPoint]:
    # Costs as much as half of this package; needed when the first array is wrapped.
    from importlib.metadata import entry_points

    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=GROUP):
        other = found.setdefault(point.name, point)
        if other.value != point.value:
            raise BackendError(f"two packages claim the backend {point.name!r}: {other.value} and {point.value}")
    return found


def backend_names() -> tuple[str, ...]:
    """Names of all declared backends, installed or not."""
    return tuple(dict.fromkeys((*_entry_points(), *_loaded)))


def register(backend: Backend) -> Backend:
    """Declare a backend for this process only; a package declares an entry point instead.

    Raises
    ------
    BackendError
        If the name is taken by another backend.
    """
    if backend.name in backend_names() and _loaded.get(backend.name) is not backend:
        raise BackendError(f"the name {backend.name!r} is taken; there are {', '.join(backend_names())}")
    _loaded[backend.name] = backend
    copyreg.pickle(type(backend), _by_name)
    _by_type.clear()
    return backend


def get_backend(name: str) -> Backend:
    """The backend called `name`.

    Raises
    ------
    BackendNotFoundError
        If there is none; the message lists those there are.
    BackendError
        If the package that declares it is broken.
    """
    backend = _loaded.get(name)
    if backend is None:
        point = _entry_points().get(name)
        if point is None:
            known = backend_names()
            raise BackendNotFoundError(f"no backend {name!r}{did_you_mean(name, known)}: there are {', '.join(known)}")
        try:
            loaded = point.load()
        except Exception as error:
            raise BackendError(
                f"backend {name!r} cannot be loaded from {point.value} ({error}): repair or remove the package"
            ) from error
        if not isinstance(loaded, Backend) or loaded.name != name:
            raise BackendError(f"entry point {point.value} must name a Backend called {name!r}, it names {loaded!r}")
        backend = _loaded.setdefault(name, loaded)
        copyreg.pickle(type(backend), _by_name)
    return backend


def _by_name(backend: Backend) -> tuple[Any, ...]:
    """Backends are pickled by name: where they are restored, there is one of each as well."""
    return _restored, (backend.name, backend.device)


def _restored(name: str, device: str) -> Backend:
    return get_backend(name).at(device)


def backend_of(array: Any) -> Backend | None:
    """The backend whose native type `array` is, or None. Imports no array library."""
    cls = type(array)
    backend = _by_type.get(cls)
    if backend is None:
        backend = next((known for known in _sound() if known.recognises(cls)), None)
        if backend is not None:
            _by_type[cls] = backend
    return backend


def _sound() -> Iterator[Backend]:
    """The backends that can be loaded: a broken package stops nobody who does not ask for it."""
    for name in backend_names():
        with suppress(BackendError):
            yield get_backend(name)
