"""Optimizers of torch that know crossbars."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from analog.nn.parameter import AnalogParameter

__all__ = ["AnalogOptimizer", "AnalogSGD"]


class _Analog(torch.optim.Optimizer):
    """What is added to an optimizer of torch."""

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> Any:
        """Digital parameters as torch does, then pulses through the crossbars at the learning rate of their group."""
        loss = super().step(closure)
        for group in self.param_groups:
            for parameter in group["params"]:
                if isinstance(parameter, AnalogParameter):
                    parameter.update_(float(group["lr"]))
                    parameter.grid.each_(lambda tile: tile.post_update_())
        return loss

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget gradients, and pairs that wait."""
        super().zero_grad(set_to_none)
        for group in self.param_groups:
            for parameter in group["params"]:
                if isinstance(parameter, AnalogParameter):
                    parameter.pending.clear()


class AnalogSGD(_Analog, torch.optim.SGD):
    """`torch.optim.SGD`, and pulses for crossbars; momentum and weight decay act on digital parameters only."""


def AnalogOptimizer(optimizer: type[torch.optim.Optimizer], *arguments: Any, **options: Any) -> torch.optim.Optimizer:  # noqa: N802
    """Any optimizer of torch that trains crossbars by pulses: ``AnalogOptimizer(torch.optim.Adam, parameters)``."""
    made: torch.optim.Optimizer = type(f"Analog{optimizer.__name__}", (_Analog, optimizer), {})(*arguments, **options)
    return made
