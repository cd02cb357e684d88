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
        """Write a group of arrays."""
        group = self.load_library().open_group(store=str(path), mode="w-")
        for name, array in tensors.items():
            group.create_array(name, data=array)

    def is_own(self, path: Path) -> bool:
        """Whether the folder is a store: another folder is never replaced."""
        return path.is_dir() and any((path / mark).is_file() for mark in _MARKS)
