"""What computes: a backend, on a device or by several processes. The examples run the same text by each of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

import tensorlayer as tl

__all__ = ["Contender", "installed", "load_program"]

#: The definition first, then what everything is compared with.
FIRST = ("reference", "numpy")


class Contender(NamedTuple):
    """A backend, on its default device or another, by this process or by several."""

    backend: str
    device: str | None = None
    processes: int = 1

    def __str__(self) -> str:
        device = f" {self.device}" if self.device else ""
        return f"{self.backend}{device}" + (f", {self.processes} processes" if self.processes > 1 else "")

    @contextmanager
    def in_charge(self) -> Iterator[None]:
        """Let this contender compute everything in the scope; processes it needs are started, and end with it."""
        with ExitStack() as stack:
            if self.processes > 1:
                stack.enter_context(tl.Runtime.local(processes=self.processes))
            stack.enter_context(tl.use(self.backend, self.device))
            yield


def installed(processes: int = 2) -> list[Contender]:
    """Every backend whose library is installed, on each of its kinds of device; dask by several processes as well."""
    rows = sorted(tl.backends(), key=lambda row: FIRST.index(row.name) if row.name in FIRST else len(FIRST))
    found = []
    for row in rows:
        # No library, no GPU for one that needs it, or one that computes beside another, as crossbars do.
        if not row.devices or "Map" in row.lacks:
            continue
        found.append(Contender(row.name))
        found += [Contender(row.name, device) for device in row.devices[1:] if device.endswith(":0")]
        if row.name == "dask" and processes > 1:
            found.append(Contender(row.name, processes=processes))
    return found


@cache
def load_program(name: str) -> tl.Program:
    """A program of the folder ``programs``, by name."""
    return tl.program((Path(__file__).parent / "programs" / f"{name}.tl").read_text("utf-8"))
