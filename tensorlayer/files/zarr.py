"""Stores of the zarr library: a folder with a group of arrays."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar, final

from tensorlayer.files.format import Array, Format

__all__ = ["Zarr"]

_MARKS = ("zarr.json", ".zgroup", ".zarray")


@final
class Zarr(Format):
    """Several tensors in a folder, cut into compressed chunks; a store of a single array is read too.

    Zarr takes a chunk that is not there for one that holds the fill value, so a chunk that was deleted by
    hand is not noticed.
    """

    suffix: ClassVar[str] = ".zarr"
    library: ClassVar[str] = "zarr"

    def read(self, path: Path, wanted: Collection[str] | None) -> dict[str, Array]:
        """The wanted arrays of the group; a store of one array has the name of the folder."""
        found = self.load_library().open(store=str(path), mode="r")
        arrays: dict[str, Any] = dict(found.arrays()) if hasattr(found, "arrays") else {path.stem: found}
        return {name: array[...] for name, array in arrays.items() if wanted is None or name in wanted}

    def write(self, path: Path, tensors: Mapping[str, Array]) -> None:
        """Write a group of arrays.

        Zarr's own writer leaves threads behind when one of its chunks fails, which go on writing; so it writes
        to memory here, one tensor at a time.
        """
        zarr = self.load_library()
        files: dict[str, Any] = {}
        group = zarr.open_group(store=zarr.storage.MemoryStore(files), mode="w-")
        for name, array in tensors.items():
            group.create_array(name, data=array)
            _move(files, path)
        _move(files, path)

    def is_own(self, path: Path) -> bool:
        """Whether the folder is a store: another folder is never replaced."""
        return path.is_dir() and any((path / mark).is_file() for mark in _MARKS)


def _move(files: dict[str, Any], folder: Path) -> None:
    """Write what is in memory to a folder, and forget it."""
    while files:
        name, elements = files.popitem()
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(elements.to_bytes())
