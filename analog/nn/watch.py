"""Watching that somebody sends the pairs that wait through the devices."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Iterator
from typing import Any

import torch
from torch.optim.optimizer import register_optimizer_step_post_hook

__all__ = ["watch"]

#: Steps of other optimizers that pairs may wait for their own: several optimizers may take turns.
PATIENCE = 10

#: What waits: how many steps have passed since.
_steps: dict[int, int] = {}
_waiting: weakref.WeakValueDictionary[int, torch.nn.Parameter] = weakref.WeakValueDictionary()
_warned: set[int] = set()


def watch(parameter: torch.nn.Parameter) -> None:
    """Warn once if steps of optimizers pass and pairs of `parameter` are still there."""
    _waiting[id(parameter)] = parameter
    _steps[id(parameter)] = 0


def _after_step(optimizer: torch.optim.Optimizer, arguments: Any, options: Any) -> None:
    """What still waits after a step was either not known to the optimizer or not understood."""
    del arguments, options
    own = dict(_names(optimizer))
    left = {key: parameter for key, parameter in _waiting.items() if parameter.grad is not None}
    for key in [key for key in _steps if key not in left]:
        del _steps[key]
        _waiting.pop(key, None)
    stale = [key for key in left if key in own or _overdue(key)]
    unknown = [key for key in stale if key not in _warned]
    _warned.update(unknown)
    if unknown:
        names = ", ".join(own.get(key, repr(left[key])) for key in unknown)
        warnings.warn(
            f"the crossbars of {names} were not trained by the step of {type(optimizer).__name__}: use "
            "analog.optim.AnalogSGD or AnalogOptimizer, with all parameters of the model",
            UserWarning,
            stacklevel=3,
        )


def _overdue(key: int) -> bool:
    _steps[key] += 1
    return _steps[key] >= PATIENCE


def _names(optimizer: torch.optim.Optimizer) -> Iterator[tuple[int, str]]:
    """What the optimizer calls its parameters; their number in their group if it was not given names."""
    for number, group in enumerate(optimizer.param_groups):
        names = group.get("param_names")
        for place, parameter in enumerate(group["params"]):
            yield id(parameter), names[place] if names else f"parameter {place} of group {number}, {parameter!r}"


register_optimizer_step_post_hook(_after_step)
