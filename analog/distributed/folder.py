"""Grids in folders: one file for each crossbar, and a manifest that says which files are the grid."""

from __future__ import annotations

import json
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from analog.config import RPUConfig
from analog.crossbar.arguments import as_integer
from analog.distributed.part import Place, Tiles
from analog.distributed.transition import Birth, Transition, from_files
from analog.errors import CheckpointError
from tensorlayer.errors import FileAccessError, MissingFileError, TensorlayerError
from tensorlayer.files.atomic import replacing
from tensorlayer.shape import Nested

__all__ = ["Generation"]

MANIFEST = "grid.json"
FORMAT, VERSION = "tensorlayer.analog.DistributedGrid", 1


@dataclass(frozen=True)
class Generation:
    """The files of one state of a grid.

    Files of a new state are written beside those of the old one; then the manifest, which is replaced at once, names
    the new ones. Whatever happens before that, the folder holds the old state, whole.

    Parameters
    ----------
    folder : Path
        Of the grid; workers must reach it by the same name.
    name : str
        Of the state, and of its folder in there.
    born : Birth
        Extents, config and seed.
    """

    folder: Path
    name: str
    born: Birth

    @classmethod
    def fresh(cls, folder: str | Path, born: Birth) -> Self:
        """A new state, not written yet, in a folder that is made if it is missing."""
        made = cls(Path(folder).resolve(), secrets.token_hex(8), born)
        try:
            made.place.mkdir(parents=True)
        except OSError as error:
            raise FileAccessError(f"{folder} cannot be made a folder of a grid: {error.strerror or error}") from error
        return made

    @classmethod
    def present(cls, folder: str | Path) -> Self:
        """The state that a folder holds.

        Raises
        ------
        MissingFileError
            If there is none.
        CheckpointError
            If it cannot be understood.
        """
        path = Path(folder).resolve()
        try:
            manifest = json.loads((path / MANIFEST).read_text("utf-8"))
        except FileNotFoundError:
            raise MissingFileError(f"{folder} holds no grid: there is no {MANIFEST}") from None
        except OSError as error:
            raise FileAccessError(f"{path / MANIFEST} cannot be read: {error.strerror or error}") from error
        except ValueError as error:
            raise CheckpointError(f"{path / MANIFEST} is damaged: {error}") from error
        return cls(path, *_parsed(path / MANIFEST, manifest))

    @property
    def place(self) -> Path:
        """Where the files are."""
        return self.folder / self.name

    def files(self) -> dict[Place, Path]:
        """The file of each crossbar."""
        places = ((row, column) for (row, column), _ in self.born.layout.blocks())
        return {(row, column): self.place / f"{row}.{column}.safetensors" for row, column in places}

    def write(self) -> Transition:
        """Parts write their crossbars."""
        files = self.files()
        return Transition(_save, lambda places: {place: files[place] for place in places})

    def read(self) -> Transition:
        """Parts make their crossbars from the files."""
        return from_files(self.born, self.files())

    def publish(self) -> None:
        """Make this state the one that the folder holds, and forget others."""
        born = self.born
        content = {
            "format": FORMAT,
            "version": VERSION,
            "state": self.name,
            "blocks": [list(lengths) for lengths in born.layout.layers[0]],
            "config": born.config.to_dict(),
            "seed": born.seed,
            "tile": born.tile,
        }
        try:
            with replacing(self.folder / MANIFEST) as fresh:
                fresh.write_text(json.dumps(content), "utf-8")
        except OSError as error:
            reason = error.strerror or error
            raise FileAccessError(
                f"{self.folder / MANIFEST} could not be written ({reason}); the folder holds what it held"
            ) from error
        self._forget_others()

    def discard(self) -> None:
        """Remove the files."""
        shutil.rmtree(self.place, ignore_errors=True)

    def _forget_others(self) -> None:
        for path in self.folder.iterdir():
            if path.is_dir() and path != self.place and _is_state(path):
                shutil.rmtree(path, ignore_errors=True)


def _is_state(path: Path) -> bool:
    """Whether a folder looks like one of ours; others are left alone."""
    return len(path.name) == 16 and all(file.name.endswith((".safetensors", ".part")) for file in path.iterdir())


def _save(tiles: Tiles, files: dict[Place, Path]) -> None:
    for place, file in files.items():
        tiles[place].save(file)


def _parsed(path: Path, manifest: Any) -> tuple[str, Birth]:
    try:
        if (manifest["format"], manifest["version"]) != (FORMAT, VERSION):
            raise CheckpointError(
                f"{path} is {manifest['format']} version {manifest['version']}; this program reads {FORMAT} version "
                f"{VERSION}"
            )
        seed, tile = (as_integer(name, manifest[name], 1 << 32) for name in ("seed", "tile"))
        config = RPUConfig.from_dict(manifest["config"])
        return str(manifest["state"]), Birth(Nested(manifest["blocks"]), config, seed, tile)
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{path}: its content is not that of a grid: {error}") from error
    except TensorlayerError as error:
        raise CheckpointError(f"{path}: {error}") from error
