"""Watching that somebody sends the pairs that wait through the devices."""

from __future__ import annotations

import warnings
import weakref
from dataclasses import dataclass
from typing import Any

import torch
from torch.optim.optimizer import register_optimizer_step_post_hook

__all__ = ["watch"]

#: Steps of other optimizers that pairs may wait for their own: several optimizers may take turns.
PATIENCE = 10


@dataclass(slots=True)
class _Wait:
    """Pairs that wait: how many there were at the last step, and at how many steps there were more than before."""

    parameter: weakref.ref[torch.nn.Parameter]
    count: int = 0
    times: int = 0

    @property
    def pending(self) -> Any:
        """The parameter, if it is alive and its pairs still wait."""
        parameter = self.parameter()
        return None if parameter is None or parameter.grad is None else parameter

    def is_overdue(self, count: int) -> bool:
        """Whether they become more and more, now that there are so many."""
        self.times += count > self.count
        self.count = count
        return self.times >= PATIENCE


#: By the identity of their parameter.
_waiting: dict[int, _Wait] = {}
_warned: weakref.WeakValueDictionary[int, torch.nn.Parameter] = weakref.WeakValueDictionary()


def watch(parameter: torch.nn.Parameter) -> None:
    """Warn once if steps of optimizers pass while pairs of `parameter` become more and more.

    Pairs that only wait, as those of another model that nobody trains any more, are no matter.
    """
    _waiting[id(parameter)] = _Wait(weakref.ref(parameter))


def _after_step(optimizer: torch.optim.Optimizer, arguments: Any, options: Any) -> None:
    """What still waits after a step was either not known to the optimizer or not understood."""
    del arguments, options
    left = {key: parameter for key, wait in _waiting.items() if (parameter := wait.pending) is not None}
    for key in _waiting.keys() - left.keys():
        del _waiting[key]
    if not left:
        return
    own = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    stale = {key: left[key] for key in left if _waiting[key].is_overdue(len(left[key].pending)) or key in own}
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


def _names(optimizer: torch.optim.Optimizer) -> dict[int, str]:
    """What the optimizer calls its parameters, if it was given names."""
    return {
        id(parameter): name
        for group in optimizer.param_groups
        for name, parameter in zip(group.get("param_names", ()), group["params"], strict=False)
    }


register_optimizer_step_post_hook(_after_step)
