"""Compiled code on the disk, under a name that says what it was compiled from."""

from __future__ import annotations

import contextlib
import os
import tempfile
from hashlib import sha256
from pathlib import Path

from tensorlayer.runtime.cache import cache_folder

__all__ = ["load", "save"]

#: An entry has about 100 kB.
MOST_ENTRIES = 2000


def load(name: str) -> bytes | None:
    """What was saved under that name; None if nothing was, or not all of it."""
    try:
        checksum, _, data = _path(name).read_bytes().partition(b"\n")
    except OSError:
        return None
    with contextlib.suppress(OSError):
        os.utime(_path(name))
    return data if checksum == _checksum(data) else None


def save(name: str, data: bytes) -> None:
    """Save under that name, at once for all processes; nothing happens in a folder that cannot be written to."""
    with contextlib.suppress(OSError):
        path = _path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, _checksum(data) + b"\n" + data)
        _forget(path.parent)


def _forget(folder: Path) -> None:
    """Remove what has not been used for longest, where there is too much; others may be doing the same."""
    entries = sorted(folder.glob("*.bin"), key=lambda path: path.stat().st_mtime)
    for path in entries[: max(len(entries) - MOST_ENTRIES, 0)]:
        path.unlink(missing_ok=True)


def _replace(path: Path, data: bytes) -> None:
    handle, written = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(written).replace(path)
    except OSError:
        Path(written).unlink()
        raise


def _path(name: str) -> Path:
    return cache_folder("analog") / f"{name}.bin"


def _checksum(data: bytes) -> bytes:
    return sha256(data).hexdigest().encode()
