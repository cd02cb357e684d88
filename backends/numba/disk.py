"""The folder of generated kernels: what was not used for longest goes when it grows too large."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

__all__ = ["trim", "used"]

#: Bytes that the kernels of all programs may take; a kernel takes some tens of thousands.
LIMIT = 256 << 20


def _kernels(folder: Path) -> dict[str, list[Path]]:
    """Name of every kernel -> its files: the text, and numba's index and machine code."""
    found: dict[str, list[Path]] = defaultdict(list)
    for path in (*folder.glob("*.py"), *folder.glob("__pycache__/*.nb?")):
        found[path.name.partition(".")[0]].append(path)
    return found


def used(text: Path) -> None:
    """Say that the kernel with that text is in use. Machine code carries the time; that of the text must not change."""
    for path in text.parent.glob(f"__pycache__/{text.stem}.*.nb?"):
        try:
            os.utime(path)
        except OSError:
            continue


def trim(folder: Path, limit: int = LIMIT) -> None:
    """Delete the kernels that were not used for longest, until half of `limit` bytes is free again, if it is exceeded.

    Other processes compile again what they miss.

    Parameters
    ----------
    folder : Path
        Where the kernels are.
    limit : int
        Bytes that they may take.
    """
    times: list[tuple[float, int, list[Path]]] = []
    for files in _kernels(folder).values():
        facts = [fact for path in files if (fact := _stat(path)) is not None]
        times.append((max((fact.st_mtime for fact in facts), default=0.0), sum(fact.st_size for fact in facts), files))
    total = sum(size for _, size, _ in times)
    if total <= limit:
        return
    for _, size, files in sorted(times, key=lambda entry: entry[0]):
        if total <= limit // 2:
            return
        for path in files:
            path.unlink(missing_ok=True)
        total -= size


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None
