"""What a file format must say about itself."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tensorlayer.errors import LibraryNotInstalledError

__all__ = ["Array", "Format"]

Array = np.ndarray[Any, Any]


class Format(ABC):
    """Reads and writes files of one suffix. Instances hold nothing.

    Methods raise whatever the library raises: `read_tensors` and `write_tensors` say it in this package's words.

    Attributes
    ----------
    suffix : str
        How file names end, as ``".npz"``.
    library : str
        Import name of the library; loaded when a file is read or written.
    """

    suffix: ClassVar[str]
    library: ClassVar[str]

    def load_library(self, module: str = "") -> Any:
        """Import the library, or a module of it.

        Raises
        ------
        LibraryNotInstalledError
            With the pip line, if it is missing.
        """
        try:
            return importlib.import_module(f"{self.library}{module}")
        except ImportError as error:
            raise LibraryNotInstalledError(
                f"{self.suffix} files need the library {self.library!r} ({error}): "
                "pip install 'tensorlayer-graph[files]'"
            ) from None

    @abstractmethod
    def read(self, path: Path, wanted: Collection[str] | None) -> dict[str, Array]:
        """The tensors of a file by name; only the wanted ones that it has, or all for None."""

    @abstractmethod
    def write(self, path: Path, tensors: Mapping[str, Array]) -> None:
        """Write the tensors to a path where nothing is yet."""

    def refuse(self, tensors: Mapping[str, Any]) -> str | None:
        """Why the format cannot hold these tensors, or None if it can. Looks at names and element types only."""
        del tensors
        return None

    def is_own(self, path: Path) -> bool:
        """Whether what is at `path` may be replaced by a file of this format."""
        return path.is_file()
