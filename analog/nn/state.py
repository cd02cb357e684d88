"""Matrices on crossbars in state dictionaries, and on their way to other devices."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import torch

from analog.config import RPUConfig
from analog.crossbar.checkpoint import Checkpoint
from analog.errors import CheckpointError
from analog.nn.parameter import AnalogParameter

__all__ = ["MatrixState"]

TEXT = "crossbars.text"


class MatrixState(torch.nn.Module):
    """State and movement of a module with an `AnalogParameter`.

    Its part of a state dictionary are the digital parameters and buffers, and of the crossbars: every array as a tensor
    (``crossbars.0.1.cell.weights`` of the crossbar in row 0 and column 1 of the grid), and a tensor of bytes, JSON
    text, with everything that is no array: configuration, extents, seeds, counters (``crossbars.text``). There are no
    pickled objects in it, so it is read with ``weights_only=True`` and by safetensors. Pairs that wait are not in it.
    """

    analog: AnalogParameter
    _config: RPUConfig

    # -- state dictionaries --------------------------------------------------------------------------------

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        super()._save_to_state_dict(destination, prefix, keep_vars)
        del destination[f"{prefix}analog"]
        kept = {f"{row}.{column}": tile.checkpoint() for (row, column), tile in self.analog.grid.crossbars.items()}
        headers = {place: _without_config(each.header) for place, each in kept.items()}
        for place, each in kept.items():
            for name, array in each.arrays.items():
                tensor = torch.tensor(array, device=self.analog.device)
                destination[_key(prefix, place, name)] = tensor
        text = json.dumps({"config": self._config.to_dict(), "crossbars": headers})
        destination[prefix + TEXT] = torch.frombuffer(bytearray(text.encode()), dtype=torch.uint8)

    def _load_from_state_dict(  # noqa: PLR0917
        self,
        state_dict: Mapping[str, Any],
        prefix: str,
        local_metadata: Any,
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        saved = self.read_state(state_dict, prefix)
        own = f"{prefix}crossbars."
        rest = {key: value for key, value in state_dict.items() if not key.startswith(own)}
        with self._without_analog():
            super()._load_from_state_dict(
                rest, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
            )
        if saved is None:
            missing_keys.append(prefix + TEXT)
        else:
            self.analog.become(saved)

    def read_state(self, state_dict: Mapping[str, Any], prefix: str = "") -> Any:
        """The grid of a state dictionary, checked; nothing is changed.

        Parameters
        ----------
        state_dict : mapping
            Of a model.
        prefix : str, optional
            Path of this module in the model, with a point behind.

        Returns
        -------
        CrossbarGrid or None
            None if the dictionary has no crossbars there.

        Raises
        ------
        CheckpointError
            If its configuration or its extents are others, or it is damaged.
        """
        text = state_dict.get(prefix + TEXT)
        if text is None:
            return None
        plain = _parsed(text, prefix)
        self._require_config(plain["config"], prefix)
        grid = self.analog.grid
        if plain["crossbars"].keys() != {f"{row}.{column}" for row, column in grid.crossbars}:
            raise CheckpointError(f"{prefix}crossbars: the checkpoint has {list(plain['crossbars'])}, this is {grid!r}")
        kept = {}
        for row, column in grid.crossbars:
            place = f"{row}.{column}"
            begin = _key(prefix, place, "")
            arrays = {
                key.removeprefix(begin).replace(".", "/"): value.numpy(force=True)
                for key, value in state_dict.items()
                if key.startswith(begin)
            }
            header = plain["crossbars"][place]
            kept[row, column] = Checkpoint.of_parts(begin.rstrip("."), header, arrays, grid.config)
        return grid.like(kept)

    def _require_config(self, plain: Any, prefix: str) -> None:
        if plain == self._config.to_dict():
            return
        saved = RPUConfig.from_dict(plain)
        if saved != self._config:
            raise CheckpointError(
                f"{prefix or 'the matrix'}: the checkpoint was made with {saved!r}, this layer with {self._config!r}; "
                "make the model with the configuration of the checkpoint"
            )

    # -- other devices -------------------------------------------------------------------------------------

    def _apply(self, fn: Callable[[torch.Tensor], torch.Tensor], recurse: bool = True) -> Self:
        """What `torch.nn.Module.to` and its kin do; crossbars follow to another device, and stay float32."""
        with self._without_analog():
            super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self.analog.move(fn(torch.empty((), device=self.analog.device)).device)
        return self

    @contextmanager
    def _without_analog(self) -> Iterator[None]:
        """Hide the crossbars from what torch does to parameters."""
        analog = self._parameters.pop("analog")
        try:
            yield
        finally:
            self._parameters = {"analog": analog, **self._parameters}


def _key(prefix: str, place: str, name: str) -> str:
    return f"{prefix}crossbars.{place}.{name.replace('/', '.')}"


def _without_config(header: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in header.items() if name != "config"}


def _parsed(text: Any, prefix: str) -> dict[str, Any]:
    try:
        plain: dict[str, Any] = json.loads(text.numpy(force=True).tobytes())
        plain["config"], plain["crossbars"]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{prefix}{TEXT} is no description of crossbars: {error}") from None
    return plain
