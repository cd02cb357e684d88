"""NumPy's file of one array."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar, final

import numpy as np

from tensorlayer.files.format import Array, Format

__all__ = ["Npy"]


@final
class Npy(Format):
    """One tensor, named as the file. Read by mapping the file into memory: pages are fetched when looked at."""

    suffix: ClassVar[str] = ".npy"
    library: ClassVar[str] = "numpy"

    def read(self, path: Path, wanted: Collection[str] | None) -> dict[str, Array]:
        """The tensor, under the file's name without suffix; its elements cannot be written to."""
        name = path.stem
        if wanted is not None and name not in wanted:
            return {}
        mapped = np.load(path, mmap_mode="r", allow_pickle=False)
        # A plain array that keeps the map alive: backends recognise arrays by their exact type.
        return {name: np.asarray(mapped)}

    def write(self, path: Path, tensors: Mapping[str, Array]) -> None:
        """Write the one tensor."""
        (array,) = tensors.values()
        with path.open("xb") as file:
            np.save(file, array, allow_pickle=False)

    def refuse(self, tensors: Mapping[str, Any]) -> str | None:
        """It holds one tensor."""
        return None if len(tensors) == 1 else f"it holds one tensor, not {len(tensors)}"
