"""State dictionaries, looked at before anything is loaded: torch loads module by module, and stops where one fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch

from analog.errors import CheckpointError
from analog.nn.state import MatrixState

__all__ = ["check_state", "load_state", "require_readable"]


def load_state(model: torch.nn.Module, state: Mapping[str, Any]) -> None:
    """Take a state dictionary, all of it or nothing.

    As ``model.load_state_dict(state)``, which leaves the modules loaded that come before one that does not fit.

    Parameters
    ----------
    model : Module
        With or without analog layers, in any memory.
    state : mapping of str to Tensor
        Of a model that was made in the same way: ``model.state_dict()``.

    Raises
    ------
    CheckpointError
        If it is of another model, or damaged; nothing has changed then.
    """
    check_state(model, state)
    model.load_state_dict(state)


def check_state(model: torch.nn.Module, state: Mapping[str, Any]) -> None:
    """Refuse a state dictionary of another model, before anything is loaded.

    Raises
    ------
    CheckpointError
        If entries are missing, superfluous, of other extents, or of crossbars with another configuration.
    """
    grids = tuple(f"{prefix}crossbars." for prefix, _ in _matrices(model))
    own = {name for name in model.state_dict() if not name.startswith(grids)}
    given = {name for name in state if not name.startswith(grids)}
    if own != given:
        missing, more = sorted(own - given), sorted(given - own)
        raise CheckpointError(f"the checkpoint is of another model: it lacks {missing} and has {more} besides")
    absent = [prefix for prefix in require_readable(model, state) if prefix]
    if absent:
        raise CheckpointError(f"the checkpoint is of another model: it lacks {absent[0]}")


def require_readable(module: torch.nn.Module, state: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Refuse what a state dictionary has of a module, if it does not fit; gives the grids that it has not.

    Parameters
    ----------
    module : Module
        Part of a model.
    state : mapping
        Of the whole model, or of this part.
    prefix : str, optional
        Path of the part, with a point behind.

    Raises
    ------
    CheckpointError
        If a tensor has other extents, or crossbars are damaged or have another configuration.
    """
    for name, value in (*module.named_parameters(), *module.named_buffers()):
        _require_shape(state, prefix + name, value)
    absent = []
    for path, matrix in _matrices(module):
        if matrix.read_state(state, prefix + path) is None:
            absent.append(f"{prefix}{path}crossbars")
    return absent


def _matrices(module: torch.nn.Module) -> Iterator[tuple[str, MatrixState]]:
    """With their paths, and a point behind."""
    for name, part in module.named_modules(remove_duplicate=False):
        if isinstance(part, MatrixState):
            yield f"{name}." if name else "", part


def _require_shape(state: Mapping[str, Any], name: str, own: torch.Tensor) -> None:
    given = state.get(name)
    if given is None or torch.nn.parameter.is_lazy(own):
        return
    if not isinstance(given, torch.Tensor):
        raise CheckpointError(f"{name} is {type(given).__name__} in the checkpoint: it must be a tensor")
    if given.shape != own.shape:
        raise CheckpointError(f"{name} is {list(given.shape)} in the checkpoint, here {list(own.shape)}")
