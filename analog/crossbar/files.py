"""Crossbars in files: safetensors, with everything but the arrays as JSON in its header."""

from __future__ import annotations

import hashlib
import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from analog.crossbar.checkpoint import Checkpoint, require_version
from analog.errors import CheckpointError
from tensorlayer.errors import FileAccessError, LibraryNotInstalledError, MissingFileError
from tensorlayer.files.atomic import replacing

__all__ = ["read_checkpoint", "write_checkpoint"]


def write_checkpoint(path: str | Path, checkpoint: Checkpoint) -> None:
    """Write a crossbar, with arrays of NumPy, to a file, whole or not at all: see `Crossbar.save`."""
    path = Path(path)
    arrays = {name: np.ascontiguousarray(array) for name, array in checkpoint.arrays.items()}
    text = json.dumps(checkpoint.header)
    library = _library(".numpy")
    if not path.parent.is_dir():
        raise MissingFileError(f"{path}: there is no folder {path.parent}; make it first")
    try:
        with replacing(path) as fresh:
            library.save_file(arrays, fresh, metadata={"crossbar": text, "digest": _digest(text, arrays)})
    except Exception as error:  # the library has its own class for what the file system refuses
        reason = getattr(error, "strerror", None) or error
        raise FileAccessError(f"{path} could not be written ({reason}); nothing was changed") from error


def read_checkpoint(path: str | Path) -> Checkpoint:
    """What a file holds, checked: see `Crossbar.load`."""
    path = Path(path)
    if not path.exists():
        raise MissingFileError(f"{path}: no such file")
    text, digest, arrays = _contents(path)
    header = _header(path, text)
    if digest != _digest(text, arrays):
        raise CheckpointError(f"{path} was altered: its content does not have its digest")
    return Checkpoint.of_parts(str(path), header, arrays)


def _contents(path: Path) -> tuple[str, str, dict[str, Any]]:
    """Header, digest and arrays."""
    library = _library()
    try:
        with library.safe_open(path, framework="numpy") as archive:
            metadata = archive.metadata() or {}
            arrays = {name: archive.get_tensor(name) for name in archive.keys()}  # noqa: SIM118  # no mapping
    except Exception as error:  # the library's own class differs between its versions
        if isinstance(error, OSError) and error.errno is not None:
            raise FileAccessError(f"{path} cannot be read: {error.strerror}") from error
        raise CheckpointError(f"{path} is truncated, damaged, or no file of a crossbar: {error}") from error
    if not metadata.keys() >= {"crossbar", "digest"}:
        raise CheckpointError(f"{path} is no file of a crossbar: its header lacks it")
    return metadata["crossbar"], metadata["digest"], arrays


def _header(path: Path, text: str) -> dict[str, Any]:
    """The header, of a version that is known: looked at before the digest, whose rule may differ."""
    try:
        header: dict[str, Any] = json.loads(text)
    except ValueError as error:
        raise CheckpointError(f"{path}: its header is damaged: {error}") from error
    require_version(str(path), header)
    return header


def _digest(text: str, arrays: dict[str, Any]) -> str:
    """SHA-256 of the header and of every array with its name, type and shape."""
    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"\n{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).data if array.size else b"")
    return digest.hexdigest()


def _library(module: str = "") -> Any:
    try:
        return importlib.import_module(f"safetensors{module}")
    except ImportError:
        raise LibraryNotInstalledError(
            "files of crossbars need the library safetensors: pip install 'tensorlayer-graph[analog]'"
        ) from None
