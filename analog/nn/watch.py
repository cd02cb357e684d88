"""Watching that somebody sends the pairs that wait through the devices."""

from __future__ import annotations

import warnings
import weakref
from typing import Any

import torch
from torch.optim.optimizer import register_optimizer_step_post_hook

__all__ = ["watch"]

#: Steps of other optimizers that pairs may wait for their own: several optimizers may take turns.
PATIENCE = 10

#: What waits: pairs at the last step, and at how many steps there were more than before.
_steps: dict[int, tuple[int, int]] = {}
_waiting: weakref.WeakValueDictionary[int, torch.nn.Parameter] = weakref.WeakValueDictionary()
_warned: weakref.WeakValueDictionary[int, torch.nn.Parameter] = weakref.WeakValueDictionary()


def watch(parameter: torch.nn.Parameter) -> None:
    """Warn once if steps of optimizers pass while pairs of `parameter` become more and more.

    Pairs that only wait, as those of another model that nobody trains any more, are no matter.
    """
    _waiting[id(parameter)] = parameter
    _steps[id(parameter)] = (0, 0)


def _after_step(optimizer: torch.optim.Optimizer, arguments: Any, options: Any) -> None:
    """What still waits after a step was either not known to the optimizer or not understood."""
    del arguments, options
    left = {key: parameter for key, parameter in _waiting.items() if parameter.grad is not None}
    _forget_all_but(left)
    if not left:
        return
    own = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    stale = {key: left[key] for key in left if key in own or _is_overdue(key, left[key])}
    unknown = {key: stale[key] for key in stale if key not in _warned}
    _warned.update(unknown)
    if unknown:
        names = _names(optimizer)
        shown = ", ".join(names.get(key, repr(parameter)) for key, parameter in unknown.items())
        warnings.warn(
            f"the crossbars of {shown} were not trained by the step of {type(optimizer).__name__}: use "
            "analog.optim.AnalogSGD or AnalogOptimizer, with all parameters of the model",
            UserWarning,
            stacklevel=3,
        )


def _forget_all_but(left: dict[int, torch.nn.Parameter]) -> None:
    for key in [key for key in _steps if key not in left]:
        del _steps[key]
        _waiting.pop(key, None)


def _is_overdue(key: int, parameter: Any) -> bool:
    before, times = _steps[key]
    count = len(parameter.pending)
    _steps[key] = (count, times + (count > before))
    return _steps[key][1] >= PATIENCE


def _names(optimizer: torch.optim.Optimizer) -> dict[int, str]:
    """What the optimizer calls its parameters, if it was given names."""
    return {
        id(parameter): name
        for group in optimizer.param_groups
        for name, parameter in zip(group.get("param_names", ()), group["params"], strict=False)
    }


register_optimizer_step_post_hook(_after_step)
