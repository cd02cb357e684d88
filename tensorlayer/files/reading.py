"""Tensors from files."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from tensorlayer.errors import AllocationError, FileAccessError, FileFormatError, MissingFileError, TensorlayerError
from tensorlayer.files.format import Array
from tensorlayer.files.suffixes import format_of

__all__ = ["read_tensors"]


def read_tensors(path: str | Path, wanted: Collection[str] | None = None) -> dict[str, Array]:
    """Read tensors.

    Parameters
    ----------
    path : str or Path
        A file of a known suffix: ``.npy`` (one tensor, named as the file, mapped into memory and read-only),
        ``.npz``, ``.safetensors``, or a folder ``.zarr``.
    wanted : collection of str, optional
        Names; those that the file lacks are left out. All that it has when left out.

    Returns
    -------
    dict of str to numpy.ndarray
        In the order of the file.

    Raises
    ------
    MissingFileError
        If there is no such file.
    FileFormatError
        If the suffix is unknown, or the file is truncated, corrupt or holds no numbers.
    FileAccessError
        If the file system refuses.
    AllocationError
        If there is not enough memory.
    LibraryNotInstalledError
        If the format's library is missing; the message has the pip line.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> import numpy as np
    >>> path = Path(mkdtemp(), "two.npz")
    >>> np.savez(path, a=np.eye(2), b=np.arange(3))
    >>> read_tensors(path, wanted=["b"])
    {'b': array([0, 1, 2])}
    """
    path = Path(path)
    form = format_of(path)
    if not path.exists():
        raise MissingFileError(f"{path}: no such file")
    try:
        tensors = form.read(path, wanted)
    except TensorlayerError:
        raise
    except OSError as error:
        # Libraries report damaged files as OSError without a number; the system's own errors have one.
        kind = FileFormatError if error.errno is None else FileAccessError
        raise kind(f"{path}: cannot be read: {error.strerror or error}") from error
    except MemoryError as error:
        raise AllocationError(f"{path}: there is not enough memory to read it: {error}") from error
    except Exception as error:  # every library has its own errors for damaged files
        raise FileFormatError(
            f"{path}: damaged, or no {form.suffix} file: {str(error) or type(error).__name__}"
        ) from error
    for name, array in tensors.items():
        if array.dtype.kind not in "biufc":
            raise FileFormatError(f"{path}: {name!r} holds {array.dtype}, not numbers")
    # Bytes in the machine's order: torch knows no other.
    return {name: array.astype(array.dtype.newbyteorder("="), copy=False) for name, array in tensors.items()}
