"""What layers, conversions and optimizers do not take, they refuse in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from analog.config import RPUConfig, SingleRPUConfig
from analog.errors import ConfigError
from analog.nn import (
    AnalogConv1d,
    AnalogConvTranspose1d,
    AnalogGRUCell,
    AnalogLinear,
    AnalogLSTM,
    AnalogLSTMCell,
    AnalogMultiheadAttention,
    AnalogRNNCell,
    convert_to_analog,
)
from analog.optim import AnalogOptimizer
from tensorlayer.errors import ConversionError, DtypeError, ShapeError, UnsupportedOperationError
from tests.analog.nn.configs import noisy

LINEAR = torch.nn.Linear(3, 2)
WEIGHT = [LINEAR.weight]
#: Not in every version of torch.
MUON = getattr(torch.optim, "Muon", type("Muon", (torch.optim.SGD,), {"__module__": "torch.optim"}))


@pytest.mark.parametrize("x", [np.ones((2, 4)), [[1.0, 2.0, 3.0, 4.0]], None, torch.ones(2, 4).to_sparse()])
def test_what_is_no_dense_tensor_is_refused(x: Any) -> None:
    with pytest.raises(ConversionError, match=r"x is (ndarray|list|NoneType|torch.sparse_coo): .* dense tensors"):
        AnalogLinear(4, 3, rpu_config=noisy())(x)


CALLS: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "config as bias": (lambda: AnalogLinear(4, 3, noisy()), ConfigError, "given by name: rpu_config="),
    "config as bias of a cell": (lambda: AnalogLSTMCell(4, 3, noisy()), ConfigError, "given by name: rpu_config="),
    "state": (lambda: AnalogLSTM(3, 4)(torch.ones(5, 2, 3), torch.ones(1, 2, 4)), ShapeError, r"hx is \[\[1, 2, 4\]\]"),
    "model": (lambda: convert_to_analog(3, noisy()), ConfigError, "model is int: give a module"),
    "exclude": (lambda: convert_to_analog(LINEAR, noisy(), exclude="0"), ConfigError, r"paths, as \['0'\]"),
    "mapping": (
        lambda: convert_to_analog(LINEAR, noisy(), mapping={torch.nn.Linear: torch.nn.Conv1d}),
        ConfigError,
        "mapping makes of Linear .* no class of AnalogLayer",
    ),
    "config of a layer": (
        lambda: convert_to_analog(LINEAR, noisy(), specific_rpu_config_fun=lambda *_: None),
        ConfigError,
        "the config of 'the layer' is None",
    ),
    "orthogonal": (lambda: AnalogOptimizer(MUON, WEIGHT), UnsupportedOperationError, "Muon .*AnalogSGD"),
    "sparse": (lambda: AnalogOptimizer(torch.optim.SparseAdam, WEIGHT), UnsupportedOperationError, "SparseAdam takes"),
    "optimizer": (lambda: AnalogOptimizer(torch.optim.SGD(LINEAR.parameters())), ConfigError, "give a class"),
}


@pytest.mark.parametrize(("act", "error", "message"), CALLS.values(), ids=CALLS)
def test_arguments_that_make_no_sense_are_refused(act: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        act()


@pytest.mark.parametrize("make", [AnalogLinear, lambda *sizes, **options: AnalogConv1d(*sizes, 3, **options)])
def test_the_configuration_of_a_live_layer_stays(make: Callable[..., Any]) -> None:
    config: RPUConfig = SingleRPUConfig()
    layer = make(4, 3, rpu_config=config)
    assert layer.rpu_config == config
    with pytest.raises(UnsupportedOperationError, match=r"from_digital\(layer\.to_digital\(\), config\)"):
        layer.rpu_config = noisy()
    assert layer.rpu_config == config
    other = type(layer).from_digital(layer.to_digital(), noisy())
    assert other.rpu_config == noisy()


MAKERS: dict[str, Callable[..., Any]] = {
    "linear": lambda **options: AnalogLinear(4, 3, **options),
    "conv": lambda **options: AnalogConv1d(4, 3, 2, **options),
    "transposed": lambda **options: AnalogConvTranspose1d(4, 3, 2, **options),
    "layer": lambda **options: AnalogLSTM(4, 3, proj_size=2, **options),
    "cell": lambda **options: AnalogRNNCell(4, 3, nonlinearity="relu", **options),
    "gates": lambda **options: AnalogGRUCell(4, 3, **options),
    "attention": lambda **options: AnalogMultiheadAttention(4, 2, **options),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_layers_take_the_device_and_the_type_that_crossbars_have(make: Callable[..., Any]) -> None:
    torch.manual_seed(1)
    plain = make(seed=1).state_dict()
    torch.manual_seed(1)
    told = make(seed=1, device=torch.device("cpu"), dtype=torch.float32).state_dict()
    assert all(torch.equal(value, told[name]) for name, value in plain.items())
    with pytest.raises(DtypeError, match=r"dtype is torch\.float64"):
        make(dtype=torch.float64)
    with pytest.raises(UnsupportedOperationError, match="not on meta"):
        make(device="meta")
    with torch.device("meta"), pytest.raises(UnsupportedOperationError, match="not on meta"):
        make()


@pytest.mark.parametrize(
    ("layer", "name", "advice"),
    [
        (AnalogLinear(3, 2), "weight", r"get_weights\(\) gives a copy"),
        (AnalogConv1d(3, 2, 1), "weight", r"get_weights\(\) gives a copy"),
        (AnalogLSTM(3, 2), "weight_ih_l0", r"to_digital\(\) gives torch's LSTM"),
        (AnalogMultiheadAttention(4, 2), "in_proj_weight", r"to_digital\(\) gives torch's MultiheadAttention"),
    ],
)
def test_weights_are_not_where_torch_has_them(layer: torch.nn.Module, name: str, advice: str) -> None:
    assert not hasattr(layer, name)
    before = {key: value.clone() for key, value in layer.state_dict().items()}
    with pytest.raises(AttributeError, match=f"no '{name}', as its weights are on crossbars: {advice}"):
        getattr(layer, name)
    with pytest.raises(AttributeError, match="on crossbars"):
        setattr(layer, name, torch.nn.Parameter(torch.ones(2, 3)))
    with pytest.raises(AttributeError, match=r"^'\w+' object has no attribute 'wait'$"):
        layer.wait  # noqa: B018
    assert before.keys() == layer.state_dict().keys()
    assert all(torch.equal(value, layer.state_dict()[key]) for key, value in before.items())
