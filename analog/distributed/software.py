"""Workers that compute something else are refused: other versions, or no compiler of kernels."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from analog.errors import VersionMismatchError
from tensorlayer.errors import BackendNotInstalledError

__all__ = ["require_software", "software"]

#: What the bits of results and the meaning of messages depend on.
PACKAGES = ("tensorlayer-graph", "numpy", "numba", "distributed")

Software = dict[str, str | None]


def software() -> Software:
    """The versions in this process; None for what is not installed."""
    return {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def require_software(client: Any, addresses: Iterable[str]) -> None:
    """Refuse workers that cannot take part.

    Raises
    ------
    VersionMismatchError
        If a worker has other versions than this process, or not this package.
    BackendNotInstalledError
        If a worker lacks the compiler of kernels.
    """
    found = client.run(software, workers=list(addresses), on_error="return")
    require_same(software(), found)


def require_same(own: Software, found: Mapping[str, Software | BaseException]) -> None:
    """Compare what workers said, by their addresses, with what is here."""
    for address, theirs in found.items():
        if isinstance(theirs, BaseException):
            raise VersionMismatchError(
                f"the worker at {address} does not know this package ({theirs}): install the same version there"
            )
        if theirs["numba"] is None:
            raise BackendNotInstalledError(
                f"the worker at {address} lacks numba, which compiles what crossbars do: there, run "
                "pip install 'tensorlayer-graph[analog]'"
            )
        different = [f"{name} {theirs.get(name)} (here {own[name]})" for name in own if theirs.get(name) != own[name]]
        if different:
            raise VersionMismatchError(
                f"the worker at {address} has {', '.join(different)}: results would not be the same to the bit; "
                "install the same versions"
            )
