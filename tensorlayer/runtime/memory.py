"""How much memory there is."""

from __future__ import annotations

import os
from typing import NamedTuple

__all__ = ["Memory", "format_bytes", "host_memory"]

_MEMINFO = "/proc/meminfo"
_CGROUP = "/sys/fs/cgroup"


class Memory(NamedTuple):
    """Memory of a device, in bytes."""

    total: int
    free: int

    @property
    def used(self) -> int:
        """Bytes in use, by all programs."""
        return self.total - self.free

    def __str__(self) -> str:
        return f"{format_bytes(self.used)} of {format_bytes(self.total)} in use, {format_bytes(self.free)} free"


def format_bytes(amount: float) -> str:
    """An amount of memory for people.

    Examples
    --------
    >>> format_bytes(3 * 2**30), format_bytes(0), format_bytes(1536)
    ('3.0 GiB', '0 B', '1.5 KiB')
    """
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if amount < 1024:
            return f"{amount:.0f} B" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} PiB"


def host_memory() -> Memory:
    """Main memory that this process may use: the machine's, or less where its control group has a limit."""
    machine = _machine()
    limit = _read_number(f"{_CGROUP}/memory.max")
    if limit is None or limit >= machine.total:
        return machine
    # Pages of files that were read count as used, but are given up when needed.
    cached = _read_table(f"{_CGROUP}/memory.stat").get("inactive_file", 0)
    used = (_read_number(f"{_CGROUP}/memory.current") or 0) - cached
    return Memory(limit, max(0, min(limit - used, machine.free)))


def _machine() -> Memory:
    table = {name: kilobytes * 1024 for name, kilobytes in _read_table(_MEMINFO).items()}
    if "MemTotal" in table:
        return Memory(table["MemTotal"], table.get("MemAvailable", table.get("MemFree", 0)))
    page = os.sysconf("SC_PAGE_SIZE")
    total = page * os.sysconf("SC_PHYS_PAGES")
    free = page * os.sysconf("SC_AVPHYS_PAGES") if "SC_AVPHYS_PAGES" in os.sysconf_names else total
    return Memory(total, free)


def _text(path: str) -> str:
    """What a file says; "" if there is no such file."""
    try:
        with open(path, encoding="ascii") as file:  # noqa: PTH123  # importing pathlib takes longer than all of this
            return file.read()
    except OSError:
        return ""


def _read_number(path: str) -> int | None:
    """The number in a file; None if there is no such file, or it says "max"."""
    text = _text(path).strip()
    return int(text) if text.isdigit() else None


def _read_table(path: str) -> dict[str, int]:
    """Lines of a name and a number; none if there is no such file."""
    pairs = (line.replace(":", " ").split() for line in _text(path).splitlines())
    return {words[0]: int(words[1]) for words in pairs if len(words) > 1 and words[1].isdigit()}
