"""What the options of a command choose: backend, device, memory, processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tensorlayer.backend import backend_names, get_backend
from tensorlayer.errors import OptionError
from tensorlayer.options import options
from tensorlayer.runtime import Runtime

__all__ = ["chosen_scope"]


@contextmanager
def chosen_scope(backend: str | None, device: str | None, memory: str | None, processes: int = 1) -> Iterator[None]:
    """Check the choices, then compute under them in this scope; processes that are started end with it.

    Raises
    ------
    BackendNotFoundError, BackendNotInstalledError
        If there is no such backend, or its library is missing.
    OptionError
        If the choices do not go together, or the device or the amount of memory means nothing.
    """
    if backend is not None:
        get_backend(backend).load()
    _check_device(backend, device)
    _check_processes(backend, processes)
    with ExitStack() as stack:
        stack.enter_context(options(backend=backend, device=device, memory=memory))
        if processes > 1:
            stack.enter_context(Runtime.local(processes))
        yield


def _check_device(backend: str | None, device: str | None) -> None:
    if device is None:
        return
    if backend is None:
        raise OptionError(f"--device {device}: say whose device it is, as --backend NAME --device {device}")
    devices = get_backend(backend).devices
    if device not in devices and f"{device}:0" not in devices:
        raise OptionError(f"--device {device}: backend {backend!r} has {', '.join(devices)} on this machine")


def _check_processes(backend: str | None, processes: int) -> None:
    if processes == 1:
        return
    able = [name for name in backend_names() if "distributed" in get_backend(name).allocators]
    if backend not in able:
        raise OptionError(
            f"--processes {processes}: backend {backend or 'of the data'} computes in one process; "
            f"choose one that shares work out, as --backend {' or '.join(able)}"
        )
