"""Crossbars in files: safetensors, with everything but the arrays as JSON in its header."""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analog.cell import CellState, Storage
from analog.config.rpu_config import RPUConfig
from analog.crossbar.arguments import as_integer, as_shape
from analog.errors import CheckpointError, ConfigError
from analog.random import RandomKey
from tensorlayer.errors import FileAccessError, LibraryNotInstalledError, MissingFileError
from tensorlayer.files.atomic import replacing

__all__ = ["Checkpoint", "read_checkpoint", "write_checkpoint"]

#: Raised by one whenever what is in a file changes its meaning.
VERSION = 1
FORMAT = "tensorlayer.analog.Crossbar"


@dataclass(frozen=True)
class Checkpoint:
    """What a file holds.

    Parameters
    ----------
    path : Path
        Of the file.
    config : RPUConfig
        Devices, converters and pulses.
    shape : tuple of int
        (outputs, inputs).
    key : RandomKey
        Seed and tile.
    state : CellState
        With arrays of NumPy.
    """

    path: Path
    config: RPUConfig
    shape: tuple[int, int]
    key: RandomKey
    state: CellState

    def require(self, config: RPUConfig, shape: tuple[int, int], key: RandomKey) -> None:
        """Refuse a file of another crossbar.

        Raises
        ------
        CheckpointError
            Naming the first difference.
        """
        for name, saved, own in (
            ("shape", self.shape, shape),
            ("config", self.config, config),
            ("random key", self.key, key),
        ):
            if saved != own:
                raise CheckpointError(
                    f"{self.path} is of another crossbar: its {name} is {saved!r}, not {own!r}; "
                    "Crossbar.load makes the one that was saved"
                )

    def state_like(self, fresh: CellState, storage: Storage) -> CellState:
        """The state, in the memory of a crossbar.

        Parameters
        ----------
        fresh : CellState
            A state of that crossbar, whose entries the saved one must have. It may have more: some are made when they
            are first needed.
        storage : Storage
            The crossbar's memory.

        Raises
        ------
        CheckpointError
            If an entry is missing, or an array of another shape or type.
        """
        saved = dict(self.state.items())
        for name, value in fresh.items():
            if name not in saved:
                raise CheckpointError(f"{self.path} lacks {name!r}")
            # What is the same at all crosspoints is one number until it is written to.
            arrays = [each for each in (value, saved[name]) if not isinstance(each, int | float)]
            if len({_kind(each) for each in arrays}) > 1:
                raise CheckpointError(f"{self.path}: {name!r} should be {_kind(value)}, found {_kind(saved[name])}")
        return self.state.map(storage.take)


def write_checkpoint(
    path: str | Path, config: RPUConfig, shape: tuple[int, int], key: RandomKey, state: CellState, storage: Storage
) -> None:
    """Write a state to a file, whole or not at all: see `Crossbar.save`."""
    path = Path(path)
    read = storage.allocator.backend.to_numpy
    arrays = {name: np.ascontiguousarray(read(array)) for name, array in _arrays(state)}
    header = {
        "format": FORMAT,
        "version": VERSION,
        "config": config.to_dict(),
        "shape": list(shape),
        "seed": key.seed,
        "tile": key.tile,
        "state": _skeleton(state),
    }
    text = json.dumps(header)
    library = _library(".numpy")
    if not path.parent.is_dir():
        raise MissingFileError(f"{path}: there is no folder {path.parent}; make it first")
    try:
        with replacing(path) as fresh:
            library.save_file(arrays, fresh, metadata={"crossbar": text, "digest": _digest(text, arrays)})
    except OSError as error:
        raise FileAccessError(
            f"{path} could not be written ({error.strerror or error}); nothing was changed"
        ) from error


def read_checkpoint(path: str | Path) -> Checkpoint:
    """What a file holds, checked: see `Crossbar.load`."""
    path = Path(path)
    if not path.exists():
        raise MissingFileError(f"{path}: no such file")
    text, digest, arrays = _contents(path)
    header = _header(path, text)
    if digest != _digest(text, arrays):
        raise CheckpointError(f"{path} was altered: its content does not have its digest")
    try:
        config = RPUConfig.from_dict(header["config"])
    except ConfigError as error:
        raise CheckpointError(f"{path}: its configuration cannot be read: {error}") from error
    try:
        shape = as_shape(header["shape"])
        key = RandomKey(*(as_integer(name, header[name], 1 << 32) for name in ("seed", "tile")))
        state = _with_arrays(header["state"], arrays, "")
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path}: its header does not fit its content: {error}") from error
    return Checkpoint(path, config, shape, key, state)


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
        form, version = header["format"], header["version"]
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path}: its header is damaged: {error}") from error
    if form != FORMAT or version != VERSION:
        raise CheckpointError(f"{path} is {form} version {version}; this program reads {FORMAT} version {VERSION}")
    return header


def _skeleton(state: CellState) -> dict[str, Any]:
    """A state without elements of arrays."""
    return {
        "arrays": list(state.arrays),
        "numbers": state.numbers,
        "cells": {name: _skeleton(cell) for name, cell in state.cells.items()},
    }


def _with_arrays(skeleton: dict[str, Any], arrays: dict[str, Any], prefix: str) -> CellState:
    return CellState(
        {name: arrays[prefix + name] for name in skeleton["arrays"]},
        skeleton["numbers"],
        {name: _with_arrays(cell, arrays, f"{prefix}{name}/") for name, cell in skeleton["cells"].items()},
    )


def _arrays(state: CellState, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, array in state.arrays.items():
        yield prefix + name, array
    for name, cell in state.cells.items():
        yield from _arrays(cell, f"{prefix}{name}/")


def _digest(text: str, arrays: dict[str, Any]) -> str:
    """SHA-256 of the header and of every array with its name, type and shape."""
    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"\n{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).data if array.size else b"")
    return digest.hexdigest()


def _kind(array: Any) -> str:
    return f"{str(array.dtype).removeprefix('torch.')}{list(array.shape)}"


def _library(module: str = "") -> Any:
    try:
        return importlib.import_module(f"safetensors{module}")
    except ImportError:
        raise LibraryNotInstalledError(
            "files of crossbars need the library safetensors: pip install 'tensorlayer-graph[analog]'"
        ) from None
