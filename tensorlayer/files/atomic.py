"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["replacing"]


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to, whose content takes the place of `path` when the scope is left without an error.

    Parameters
    ----------
    path : Path
        The file or folder to make or replace. A link is followed.

    Yields
    ------
    Path
        A free path in the same folder. What is written there is on the disk before it is renamed; after an
        error it is removed, and `path` is as it was.

    Raises
    ------
    OSError
        If there is a device or a pipe at `path`, whose place no file can take.
    """
    path = path.resolve()
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(errno.EINVAL, "it is a device or a pipe, not a file", str(path))
    fresh = _free_path(path)
    try:
        yield fresh
        _permit(fresh, path)
        _flush(fresh)
        _put(fresh, path)
    except BaseException:
        _remove(fresh)
        raise
    _flush_folder(path.parent)


def _free_path(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")


def _permit(fresh: Path, path: Path) -> None:
    """Who may read a file is as before, or as for any new file: some libraries write files for their owner only."""
    if fresh.is_dir():
        return
    if path.exists():
        fresh.chmod(path.stat().st_mode & 0o777)
        return
    probe = _free_path(path)
    try:
        with probe.open("xb") as file:
            fresh.chmod(os.fstat(file.fileno()).st_mode & 0o777)
    finally:
        _remove(probe)


def _put(fresh: Path, path: Path) -> None:
    """Rename; a folder cannot take the place of another, which is moved aside first and back after an error.

    A file never takes the place of a folder: the system refuses, and what is in the folder stays.
    """
    if not (fresh.is_dir() and path.is_dir()):
        fresh.replace(path)
        return
    aside = _free_path(path)
    path.rename(aside)
    try:
        fresh.rename(path)
    except BaseException:
        aside.rename(path)
        raise
    _remove(aside)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Force a file, or everything in a folder, to the disk."""
    if not path.is_dir():
        _flush_one(path)
        return
    for folder, _, names in os.walk(path):
        for name in names:
            _flush_one(Path(folder, name))
        _flush_folder(Path(folder))


def _flush_one(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _flush_folder(path: Path) -> None:
    """Force the names in a folder to the disk, where the system can open folders."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
