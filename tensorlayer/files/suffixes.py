"""Which suffix means which format."""

from __future__ import annotations

from pathlib import Path

from tensorlayer.errors import FileFormatError
from tensorlayer.files.format import Format
from tensorlayer.files.npy import Npy
from tensorlayer.files.npz import Npz
from tensorlayer.files.safetensors import Safetensors
from tensorlayer.files.zarr import Zarr

__all__ = ["FORMATS", "format_of"]

#: The formats there are, by suffix.
FORMATS: dict[str, Format] = {each.suffix: each for each in (Npy(), Npz(), Safetensors(), Zarr())}


def format_of(path: Path) -> Format:
    """The format that a path's suffix names.

    Raises
    ------
    FileFormatError
        If no format has it; the message lists the known suffixes.
    """
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        raise FileFormatError(f"{path}: no format has the suffix {path.suffix!r}; there are {' '.join(FORMATS)}")
    return found
