"""The archive of the safetensors library."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar, final

import numpy as np

from tensorlayer.files.format import Array, Format

__all__ = ["Safetensors"]


@final
class Safetensors(Format):
    """Several tensors in one file; nothing in it is ever executed. It has no double-precision complex numbers."""

    suffix: ClassVar[str] = ".safetensors"
    library: ClassVar[str] = "safetensors"

    def read(self, path: Path, wanted: Collection[str] | None) -> dict[str, Array]:
        """The wanted tensors; the others are not read."""
        with self.load_library().safe_open(path, framework="numpy") as archive:
            return {name: archive.get_tensor(name) for name in archive.keys() if wanted is None or name in wanted}  # noqa: SIM118  # no mapping

    def write(self, path: Path, tensors: Mapping[str, Array]) -> None:
        """Write the tensors."""
        # The library writes memory as it lies: rows first, in the machine's byte order.
        laid_out = {name: np.asarray(array, array.dtype.newbyteorder("="), "C") for name, array in tensors.items()}
        self.load_library(".numpy").save_file(laid_out, path)

    def refuse(self, tensors: Mapping[str, Any]) -> str | None:
        """It lacks some element types of NumPy."""
        lacking = [f"{name} ({array.dtype})" for name, array in tensors.items() if array.dtype.itemsize > 8]
        return f"it has no such element type as that of {', '.join(lacking)}; .npz and .zarr have" if lacking else None
