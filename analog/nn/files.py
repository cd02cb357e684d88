"""Models in files."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import torch

from analog.errors import CheckpointError
from analog.nn.check import load_state
from tensorlayer.errors import FileAccessError, LibraryNotInstalledError, MissingFileError
from tensorlayer.files.atomic import replacing

__all__ = ["load_model", "save_model"]


def save_model(model: torch.nn.Module, path: str | Path) -> None:
    """Write a model's state to a file of safetensors, whole or not at all.

    Parameters
    ----------
    model : Module
        With or without analog layers, in any memory. Pairs that wait for an optimizer are not kept.
    path : str or Path
        Of the file; an old one is replaced.

    Raises
    ------
    CheckpointError
        If the state has something that is no tensor.
    FileAccessError, MissingFileError
        If the file system refuses; an old file is as it was.
    LibraryNotInstalledError
        If safetensors is missing.
    """
    path, state = Path(path), model.state_dict()
    for name, value in state.items():
        if not isinstance(value, torch.Tensor):
            raise CheckpointError(f"{name} is {type(value).__name__}: files hold tensors; use torch.save")
    # Copies, because layers may share tensors, which the format does not allow.
    tensors = {name: value.detach().clone().contiguous() for name, value in state.items()}
    library = _library()
    if not path.parent.is_dir():
        raise MissingFileError(f"{path}: there is no folder {path.parent}; make it first")
    try:
        with replacing(path) as fresh:
            library.save_file(tensors, fresh, metadata={"format": "pt"})
    except Exception as error:  # the library has its own class for what the file system refuses
        reason = getattr(error, "strerror", None) or error
        raise FileAccessError(f"{path} could not be written ({reason}); nothing was changed") from error


def load_model(model: torch.nn.Module, path: str | Path) -> None:
    """Take the state of a file; the model goes on, bit for bit, as the one that was saved.

    Parameters
    ----------
    model : Module
        Made as the one that was saved, in any memory.
    path : str or Path
        What `save_model` wrote.

    Raises
    ------
    CheckpointError
        If the file is damaged, or of another model; nothing has changed then.
    FileAccessError, MissingFileError
        If it cannot be read, or there is none.
    LibraryNotInstalledError
        If safetensors is missing.
    """
    path = Path(path)
    if not path.exists():
        raise MissingFileError(f"{path}: no such file")
    library = _library()
    try:
        state: dict[str, Any] = library.load_file(path)
    except Exception as error:  # the library's own class differs between its versions
        if isinstance(error, OSError) and error.errno is not None:
            raise FileAccessError(f"{path} cannot be read: {error.strerror}") from error
        raise CheckpointError(f"{path} is truncated, damaged, or no file of a model: {error}") from error
    load_state(model, state)


def _library() -> Any:
    try:
        return importlib.import_module("safetensors.torch")
    except ImportError:
        raise LibraryNotInstalledError(
            "files of models need the library safetensors: pip install 'tensorlayer-graph[analog]'"
        ) from None
