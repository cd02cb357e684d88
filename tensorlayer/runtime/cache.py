"""Where compiled code is kept for the next process."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

__all__ = ["cache_folder", "load_cached", "save_cached"]

#: Entries of a folder; one takes some tens of thousands of bytes.
MOST_ENTRIES = 2000


def cache_folder(name: str) -> Path:
    """The folder of that name in ``TENSORLAYER_CACHE``, or in the user's cache; it need not exist."""
    chosen = os.environ.get("TENSORLAYER_CACHE")
    if chosen:
        return Path(chosen) / name
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "tensorlayer" / name


def load_cached(folder: str, name: str) -> bytes | None:
    """What `save_cached` has kept under that name; None if nothing was, or not all of it."""
    path = cache_folder(folder) / name
    try:
        checksum, _, data = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    with suppress(OSError):
        os.utime(path)
    return data if checksum == _checksum(data) else None


def save_cached(folder: str, name: str, data: bytes) -> None:
    """Keep data under a name, at once for all processes; nothing happens where the folder cannot be written to.

    Of names with the same ending, that which was not used for longest goes when there are too many.
    """
    with suppress(OSError):
        path = cache_folder(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, _checksum(data) + b"\n" + data)
        _forget(path)


def _replace(path: Path, data: bytes) -> None:
    handle, written = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(written).replace(path)
    except OSError:
        Path(written).unlink()
        raise


def _forget(path: Path) -> None:
    """Others may be doing the same."""
    entries = sorted(path.parent.glob(f"*{path.suffix}"), key=lambda entry: entry.stat().st_mtime)
    for entry in entries[: max(len(entries) - MOST_ENTRIES, 0)]:
        entry.unlink(missing_ok=True)


def _checksum(data: bytes) -> bytes:
    return sha256(data).hexdigest().encode()
