"""What records or transforms programs of torch gets an error that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from analog.nn import AnalogConv1d, AnalogLinear
from tensorlayer.errors import UnsupportedOperationError
from tests.analog.nn.configs import exact, noisy

X = torch.ones(2, 1, 4)
ACTS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "export": (lambda layer: torch.export.export(layer, (X,)), "torch.export cannot record"),
    "trace": (lambda layer: torch.jit.trace(layer, (X,)), "torch.jit.trace cannot record"),
    "script": (torch.jit.script, "torch.jit.script cannot record .*convert_to_digital"),
    "vmap": (lambda layer: torch.func.vmap(layer)(X), "vmap, .* the whole batch"),
    "grad": (lambda layer: torch.func.grad(lambda x: layer(x).sum())(X), r"grad .* backward\(\)"),
    "jacrev": (lambda layer: torch.func.jacrev(layer)(X), "vmap, grad and their kin"),
}


LAYERS: dict[str, Callable[..., torch.nn.Module]] = {
    "linear": lambda config: AnalogLinear(4, 3, rpu_config=config),
    "conv": lambda config: AnalogConv1d(1, 3, 2, rpu_config=config),
}


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning", "ignore::torch.jit.TracerWarning")
@pytest.mark.parametrize(("act", "message"), ACTS.values(), ids=ACTS)
@pytest.mark.parametrize("config", [exact(), noisy()], ids=["exact", "noisy"])
@pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)
def test_crossbars_are_not_recorded(make: Any, config: Any, act: Callable[[Any], Any], message: str) -> None:
    model = torch.nn.Sequential(make(config))
    before = state_of(model)
    with pytest.raises(UnsupportedOperationError, match=message):
        act(model)
    assert torch.equal(state_of(model), before)
    assert model(X).isfinite().all()
    assert not torch.equal(state_of(model), before)


def state_of(model: torch.nn.Module) -> torch.Tensor:
    """Counters of the crossbars."""
    return next(value for name, value in model.state_dict().items() if name.endswith("crossbars.text"))
