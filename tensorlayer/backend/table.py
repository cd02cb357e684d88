"""The table of backends: one source for `tensorlayer.backends`, the command line and the documentation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from tensorlayer.backend.registry import backend_names, get_backend
from tensorlayer.errors import BackendError, BackendNotInstalledError
from tensorlayer.graph import OPERATIONS

__all__ = ["BackendRow", "BackendTable", "backends"]


@dataclass(frozen=True, slots=True)
class BackendRow:
    """What is known of one backend.

    Attributes
    ----------
    name : str
        What users write.
    version : str or None
        Version of the library, or None if it is not installed.
    install : str
        The pip line that installs it; "" if it is installed.
    devices : tuple of str
        Devices there are; empty if the library is not installed.
    lacks : tuple of str
        Operations that it does not run.
    problem : str
        Why it cannot be loaded; "" if it can.
    """

    name: str
    version: str | None
    install: str
    devices: tuple[str, ...]
    lacks: tuple[str, ...]
    problem: str = ""

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The row as text."""
        if self.problem:
            return self.name, self.problem, "-", "everything"
        status = self.version or f"not installed: {self.install}"
        return self.name, status, " ".join(self.devices) or "-", ", ".join(self.lacks) or "nothing"


@final
class BackendTable(tuple[BackendRow, ...]):
    """Rows that print as a table."""

    __slots__ = ()

    header = ("backend", "version", "devices", "lacks")

    @property
    def _lines(self) -> list[tuple[str, ...]]:
        return [self.header, *(row.cells for row in self)]

    def __repr__(self) -> str:
        lines = self._lines
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.header))]
        return "\n".join("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines)

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row.cells)}</tr>" for row in self)
        return f"<table><tr>{''.join(f'<th>{name}</th>' for name in self.header)}</tr>{rows}</table>"

    def to_markdown(self) -> str:
        """The table in Markdown."""
        head, *rows = ["| " + " | ".join(line) + " |" for line in self._lines]
        return "\n".join([head, "|" + "---|" * len(self.header), *rows])


def backends() -> BackendTable:
    """All declared backends: name, version or the pip line that installs it, devices, and what it lacks.

    Examples
    --------
    >>> "numpy" in [row.name for row in backends()]
    True
    """
    return BackendTable(_row(name) for name in backend_names())


def _row(name: str) -> BackendRow:
    try:
        backend = get_backend(name)
        version = backend.version
        devices = backend.devices if version else ()
    except (BackendError, BackendNotInstalledError) as error:  # one that is broken does not hide the others
        return BackendRow(name, None, "", (), tuple(cls.__name__ for cls in OPERATIONS), str(error))
    lacks = tuple(cls.__name__ for cls in OPERATIONS if not backend.supports(cls))
    return BackendRow(name, version, "" if version else backend.install, devices, lacks)
