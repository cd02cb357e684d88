"""A crossbar as plain data and arrays: what files and checkpoints of models hold."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from analog.cell import CellState, Storage
from analog.config.rpu_config import RPUConfig
from analog.crossbar.arguments import as_integer, as_shape
from analog.errors import CheckpointError, ConfigError
from analog.random import RandomKey

__all__ = ["Checkpoint", "require_version"]

#: Raised by one whenever what is kept changes its meaning.
VERSION = 1
FORMAT = "tensorlayer.analog.Crossbar"


@dataclass(frozen=True)
class Checkpoint:
    """A crossbar as it was.

    Parameters
    ----------
    source : str
        Where it was kept, for messages.
    config : RPUConfig
        Devices, converters and pulses.
    shape : tuple of int
        (outputs, inputs).
    key : RandomKey
        Seed and tile.
    state : CellState
        With arrays of NumPy.
    """

    source: str
    config: RPUConfig
    shape: tuple[int, int]
    key: RandomKey
    state: CellState

    def require(self, config: RPUConfig, shape: tuple[int, int], key: RandomKey) -> None:
        """Refuse the state of another crossbar.

        Raises
        ------
        CheckpointError
            Naming the first difference.
        """
        for name, saved, own in (
            ("shape", self.shape, shape),
            ("config", self.config, config),
            ("random key", self.key, key),
        ):
            if saved != own:
                raise CheckpointError(
                    f"{self.source} is of another crossbar: its {name} is {saved!r}, not {own!r}; "
                    "Crossbar.load makes the one that was saved"
                )

    def state_like(self, fresh: CellState, storage: Storage) -> CellState:
        """The state, in the memory of a crossbar.

        Parameters
        ----------
        fresh : CellState
            A state of that crossbar, whose entries the saved one must have. It may have more: some are made when they
            are first needed.
        storage : Storage
            The crossbar's memory.

        Raises
        ------
        CheckpointError
            If an entry is missing, an array of another shape or type, or a weight is no finite number.
        """
        saved = dict(self.state.items())
        for name, value in fresh.items():
            if name not in saved:
                raise CheckpointError(f"{self.source} lacks {name!r}")
            # What is the same at all crosspoints is one number until it is written to.
            arrays = [each for each in (value, saved[name]) if not isinstance(each, int | float)]
            if len({_role(each) for each in arrays}) > 1:
                raise CheckpointError(f"{self.source}: {name!r} should be {_kind(value)}, found {_kind(saved[name])}")
            if name.rpartition("/")[2] == "weights" and not np.isfinite(saved[name]).all():
                raise CheckpointError(f"{self.source}: {name!r} has NaN or infinite elements, which no device holds")
        return self.state.map(storage.take)

    @property
    def header(self) -> dict[str, Any]:
        """Everything but the elements of arrays, as plain data."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "config": self.config.to_dict(),
            "shape": list(self.shape),
            "seed": self.key.seed,
            "tile": self.key.tile,
            "state": _skeleton(self.state),
        }

    @property
    def arrays(self) -> dict[str, Any]:
        """The arrays by path: ``"cell/weights"``."""
        return dict(_arrays(self.state))

    @classmethod
    def of_parts(
        cls, source: str, header: dict[str, Any], arrays: dict[str, Any], config: RPUConfig | None = None
    ) -> Self:
        """The inverse of `header` and `arrays`, with a `config` that is not in the header if one is given.

        Raises
        ------
        CheckpointError
            If they are no such header and arrays, or of another version.
        """
        require_version(source, header)
        try:
            config = RPUConfig.from_dict(header["config"]) if config is None else config
        except ConfigError as error:
            raise CheckpointError(f"{source}: its configuration cannot be read: {error}") from error
        try:
            shape = as_shape(header["shape"])
            key = RandomKey(*(as_integer(name, header[name], 1 << 32) for name in ("seed", "tile")))
            state = _with_arrays(header["state"], arrays, "")
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"{source}: its header does not fit its content: {error}") from error
        return cls(source, config, shape, key, state)


def require_version(source: str, header: dict[str, Any]) -> None:
    """Refuse a header that means something else.

    Raises
    ------
    CheckpointError
        If it is no header, or of another version.
    """
    try:
        form, version = header["format"], header["version"]
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{source}: its header is damaged: {error}") from error
    if form != FORMAT or version != VERSION:
        raise CheckpointError(f"{source} is {form} version {version}; this program reads {FORMAT} version {VERSION}")


def _skeleton(state: CellState) -> dict[str, Any]:
    """A state without elements of arrays."""
    return {
        "arrays": list(state.arrays),
        "numbers": state.numbers,
        "cells": {name: _skeleton(cell) for name, cell in state.cells.items()},
    }


def _with_arrays(skeleton: dict[str, Any], arrays: dict[str, Any], prefix: str) -> CellState:
    for name, value in skeleton["numbers"].items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise TypeError(f"{prefix}{name} is {value!r}, which is no number")
    return CellState(
        {name: arrays[prefix + name] for name in skeleton["arrays"]},
        skeleton["numbers"],
        {name: _with_arrays(cell, arrays, f"{prefix}{name}/") for name, cell in skeleton["cells"].items()},
    )


def _arrays(state: CellState, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, array in state.arrays.items():
        yield prefix + name, array
    for name, cell in state.cells.items():
        yield from _arrays(cell, f"{prefix}{name}/")


def _role(array: Any) -> str:
    """What an array can stand for: parameters that were set have single precision, also where drawn ones have half."""
    return _kind(array).replace("float16", "float32")


def _kind(array: Any) -> str:
    return f"{str(array.dtype).removeprefix('torch.')}{list(array.shape)}"
