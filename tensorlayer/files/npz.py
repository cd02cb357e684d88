"""NumPy's archive of arrays."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar, final

import numpy as np

from tensorlayer.files.format import Array, Format

__all__ = ["Npz"]


@final
class Npz(Format):
    """Several tensors in one zip archive; every one has a checksum, which is compared when it is read."""

    suffix: ClassVar[str] = ".npz"
    library: ClassVar[str] = "numpy"

    def read(self, path: Path, wanted: Collection[str] | None) -> dict[str, Array]:
        """The wanted tensors; the others stay in the archive."""
        with path.open("rb") as file, np.lib.npyio.NpzFile(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files if wanted is None or name in wanted}

    def write(self, path: Path, tensors: Mapping[str, Array]) -> None:
        """Write the tensors, uncompressed."""
        named: dict[str, Any] = dict(tensors)
        with path.open("xb") as file:
            np.savez(file, allow_pickle=False, **named)

    def refuse(self, tensors: Mapping[str, Any]) -> str | None:
        """NumPy takes tensors as keyword arguments beside its own."""
        taken = {"file", "allow_pickle"} & set(tensors)
        return f"NumPy reserves the name {taken.pop()!r} there" if taken else None
