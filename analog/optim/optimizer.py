"""Optimizers of torch that know crossbars."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import torch

from analog.errors import ConfigError
from analog.nn.parameter import AnalogParameter
from tensorlayer.errors import UnsupportedOperationError

__all__ = ["AnalogOptimizer", "AnalogSGD", "analog_parameters"]

APART = "give it digital parameters itself, and those of crossbars to an AnalogSGD beside it"
#: Optimizers of torch, by name as not every version has them, that cannot be told to leave crossbars alone, and why.
REFUSED = {
    "LBFGS": (
        "tries weights and takes them back, which pulses cannot: use an optimizer of one gradient per step, as "
        "AnalogOptimizer(torch.optim.Adam, ...)"
    ),
    "Muon": f"orthogonalises matrices of gradients, which crossbars never form: {APART}",
    "SparseAdam": f"takes sparse gradients only, which crossbars have not: {APART}",
}


def analog_parameters(optimizer: torch.optim.Optimizer) -> Iterator[tuple[AnalogParameter, float]]:
    """The analog parameters of an optimizer with the learning rates of their groups; uphill they are negative."""
    for group in optimizer.param_groups:
        rate = -float(group["lr"]) if group.get("maximize") else float(group["lr"])
        for parameter in group["params"]:
            # Of the type: torch has a function of Python that says what are instances of its parameters.
            if issubclass(type(parameter), AnalogParameter):
                yield parameter, rate


class PulsingOptimizer(torch.optim.Optimizer):
    """What is added to an optimizer of torch: after its step, pulses at the learning rate of their group.

    A closure's backward pass is part of the step, so what it leaves is looked at when pulses are sent.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._attach()

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        # Hooks are not part of a copy of an optimizer.
        if _send_pulses not in self._optimizer_step_post_hooks.values():
            self._attach()

    def _attach(self) -> None:
        self.register_step_pre_hook(_look_first)
        self.register_step_post_hook(_send_pulses)


def _look_first(optimizer: torch.optim.Optimizer, arguments: Any, options: Any) -> None:
    """A step that is refused changes digital parameters no more than crossbars."""
    del arguments, options
    for parameter, _ in analog_parameters(optimizer):
        parameter.require_updatable()


@torch.no_grad()
def _send_pulses(optimizer: torch.optim.Optimizer, arguments: Any, options: Any) -> None:
    """Updates of all crossbars, then what happens to devices once per step."""
    del arguments, options
    for parameter, lr in analog_parameters(optimizer):
        if parameter.requires_grad:
            parameter.update_(lr)
            parameter.grid.each_(lambda crossbar: crossbar.post_update_())


class AnalogSGD(PulsingOptimizer, torch.optim.SGD):
    """`torch.optim.SGD`, and pulses for crossbars.

    Momentum, weight decay and the like act on digital parameters only: a crossbar gets its gradient times the learning
    rate, as pulses. A step sends every pair of vectors once, so without ``zero_grad`` too no pair counts twice.

    Examples
    --------
    >>> import torch
    >>> from analog.config import FloatingPointRPUConfig
    >>> from analog.nn import AnalogLinear
    >>> layer = AnalogLinear(3, 2, rpu_config=FloatingPointRPUConfig())
    >>> optimizer = AnalogSGD(layer.parameters(), lr=0.1)
    >>> before = layer.get_weights()[0]
    >>> layer(torch.ones(1, 3)).sum().backward()
    >>> optimizer.step()
    >>> (layer.get_weights()[0] - before).round(decimals=4)
    tensor([[-0.1000, -0.1000, -0.1000],
            [-0.1000, -0.1000, -0.1000]])
    """


def AnalogOptimizer(optimizer: type[torch.optim.Optimizer], *arguments: Any, **options: Any) -> torch.optim.Optimizer:  # noqa: N802
    """Any optimizer of torch that trains crossbars by pulses: ``AnalogOptimizer(torch.optim.Adam, parameters)``.

    Parameters
    ----------
    optimizer : type
        What trains digital parameters.
    *arguments, **options
        As of that class.

    Raises
    ------
    ConfigError
        If it is no class of optimizers.
    UnsupportedOperationError
        For `torch.optim.LBFGS`, which goes back and forth between weights within a step: pulses cannot be taken back;
        for `Muon` and `SparseAdam`, which take only such parameters as crossbars are not.
    """
    given: Any = optimizer
    if not (isinstance(given, type) and issubclass(given, torch.optim.Optimizer)):
        raise ConfigError(f"optimizer is {given!r}: give a class, as AnalogOptimizer(torch.optim.Adam, parameters)")
    for kind in given.__mro__:
        if kind.__module__.startswith("torch.optim") and kind.__name__ in REFUSED:
            raise UnsupportedOperationError(f"{kind.__name__} {REFUSED[kind.__name__]}")
    pulsing: Any = _pulsing(given)  # type: ignore[arg-type]  # mypy takes the metaclass's hash for the class's
    made: torch.optim.Optimizer = pulsing(*arguments, **options)
    return made


@functools.cache
def _pulsing(optimizer: type[torch.optim.Optimizer]) -> Any:
    """The class of those that send pulses too."""
    if issubclass(optimizer, PulsingOptimizer):
        return optimizer
    made = {"__doc__": optimizer.__doc__, "__reduce__": _reduced}
    return type(f"Analog{optimizer.__name__}", (PulsingOptimizer, optimizer), made)


def _reduced(optimizer: torch.optim.Optimizer) -> tuple[Any, ...]:
    """How it is pickled: its class has no name that an import would find."""
    return _blank, (type(optimizer).__bases__[1],), optimizer.__getstate__()


def _blank(optimizer: Any) -> torch.optim.Optimizer:
    """One that is to get its state."""
    pulsing = _pulsing(optimizer)
    made: torch.optim.Optimizer = pulsing.__new__(pulsing)
    return made
