"""Tensors to files, whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tensorlayer.errors import FileAccessError, FileFormatError, MissingFileError, TensorlayerError
from tensorlayer.files.atomic import replacing
from tensorlayer.files.suffixes import format_of
from tensorlayer.runtime import format_bytes

__all__ = ["check_target", "write_tensors"]


def check_target(path: str | Path, tensors: Mapping[str, Any]) -> Path:
    """Refuse tensors that cannot be written to a path; computes nothing.

    Parameters
    ----------
    path : str or Path
        As for `write_tensors`.
    tensors : mapping of str to array or Tensor
        The tensors by name; recorded ones stay so.

    Returns
    -------
    Path
        The path.

    Raises
    ------
    MissingFileError
        If its folder is not there.
    FileAccessError
        If its folder may not be written to.
    FileFormatError
        If the suffix is unknown, the format cannot hold the tensors, or something else is at the path.
    LibraryNotInstalledError
        If the format's library is missing; the message has the pip line.
    """
    path = Path(path)
    form = format_of(path)
    if not path.parent.is_dir():
        raise MissingFileError(f"{path}: there is no folder {path.parent}; make it first")
    if not os.access(path.parent, os.W_OK):
        raise FileAccessError(f"{path}: the folder {path.parent} may not be written to")
    if path.exists() and not form.is_own(path):
        raise FileFormatError(
            f"{path} is no {form.suffix} file, so it is not replaced: choose another name, or move it"
        )
    form.load_library()
    reason = form.refuse(tensors) if tensors else "there is none to write"
    if reason:
        raise FileFormatError(f"{path}: {form.suffix} cannot hold these tensors: {reason}")
    return path


def write_tensors(path: str | Path, tensors: Mapping[str, Any]) -> None:
    """Write tensors to a file, or replace it. Afterwards all of it is on the disk, or the old file is as it was.

    Parameters
    ----------
    path : str or Path
        A path of a known suffix: ``.npy`` (one tensor), ``.npz``, ``.safetensors``, or a folder ``.zarr``.
    tensors : mapping of str to array or Tensor
        The tensors by name; computed first if they are recorded.

    Raises
    ------
    FileFormatError
        If the suffix is unknown, the format cannot hold the tensors, or something else is at the path.
    FileAccessError
        If the file system refuses: a full disk, a missing folder, no permission.
    LibraryNotInstalledError
        If the format's library is missing; the message has the pip line.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> write_tensors(Path(mkdtemp(), "one.npy"), {"a": np.eye(2)})
    """
    arrays = {name: np.asarray(tensor) for name, tensor in tensors.items()}
    path = check_target(path, arrays)
    form = format_of(path)
    try:
        with replacing(path) as fresh:
            form.write(fresh, arrays)
    except TensorlayerError:
        raise
    except Exception as error:  # every library reports a full disk in its own way
        raise _refusal(path, arrays, error) from error


def _refusal(path: Path, arrays: Mapping[str, Any], error: Exception) -> TensorlayerError:
    """The error that says in plain words why nothing was written."""
    reason = getattr(error, "strerror", None) or error
    amount = format_bytes(sum(array.nbytes for array in arrays.values()))
    free = format_bytes(shutil.disk_usage(path.parent).free)
    message = f"{path}: {amount} could not be written ({reason}; {free} free on that disk); nothing was changed"
    refused = FileAccessError(message)
    refused.errno = getattr(error, "errno", None) or errno.EIO
    return refused
