"""Whole models of torch onto crossbars and back."""

from __future__ import annotations

import copy
import itertools
import warnings

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from analog.config import ConstantStepDevice, MappingParameter, SingleRPUConfig
from analog.errors import CheckpointError, ConfigError
from analog.nn import (
    AnalogConv2d,
    AnalogLinear,
    AnalogMultiheadAttention,
    AnalogSequential,
    analog_matrices,
    analog_summary,
    convert_to_analog,
    convert_to_digital,
)
from analog.optim import AnalogSGD
from tensorlayer.errors import ShapeError, UnsupportedOperationError
from tests.analog.nn.configs import exact


class Block(nn.Module):
    """Two convolutions and a way around them, as in torchvision's ResNet."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride > 1:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        around = x if self.downsample is None else self.downsample(x)
        return self.relu(self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x))))) + around)


class ResNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 7, 2, 3, bias=False)
        self.bn1, self.relu, self.maxpool = nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)
        self.layer1 = nn.Sequential(Block(4, 4, 1), Block(4, 4, 1))
        self.layer2 = nn.Sequential(Block(4, 8, 2), Block(8, 8, 1))
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(8, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.layer2(self.layer1(self.maxpool(self.relu(self.bn1(self.conv1(x))))))
        return self.fc(self.avgpool(x).flatten(1))


def encoder(**options) -> nn.TransformerEncoder:
    layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, **options)
    return nn.TransformerEncoder(layer, 2, enable_nested_tensor=options.get("batch_first", False))


MODELS = {
    "resnet": (ResNet, (4, 3, 16, 16)),
    "encoder": (encoder, (5, 3, 8)),
    "encoder, batch first": (lambda: encoder(batch_first=True, norm_first=False), (3, 5, 8)),
}


@pytest.mark.parametrize("name", MODELS)
def test_ideal_models_train_as_torchs(name: str) -> None:
    make, shape = MODELS[name]
    torch.manual_seed(1)
    digital = make()
    analog = convert_to_analog(digital, exact(MappingParameter(max_input_size=20, max_output_size=6)))
    optimizers = AnalogSGD(analog.parameters(), lr=0.05), torch.optim.SGD(digital.parameters(), lr=0.05)
    for _ in range(5):
        x = torch.randn(shape)
        results = analog(x), digital(x)
        torch.testing.assert_close(*results, rtol=1e-4, atol=1e-5)
        target = torch.randn_like(results[0])
        for optimizer, result in zip(optimizers, results, strict=True):
            optimizer.zero_grad()
            (result - target).square().mean().backward()
            optimizer.step()
    back = convert_to_digital(analog)
    for one, other in zip(back.parameters(), digital.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(back.eval()(x), digital.eval()(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("exclude", [(), ("layers.0.self_attn", "layers.1.self_attn"), ("layers.0",)])
def test_evaluation_of_encoders_takes_no_short_cut(exclude: tuple[str, ...]) -> None:
    digital = encoder(batch_first=True).eval()
    analog = convert_to_analog(digital, exact(), exclude=exclude).eval()
    x, padding = torch.randn(3, 5, 8), torch.arange(5) >= torch.tensor([[5], [3], [1]])
    with torch.no_grad(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The PyTorch API of nested tensors", UserWarning)
        for mask in (None, padding):
            results = (model(x, src_key_padding_mask=mask) for model in (analog, digital))
            visible = slice(None) if mask is None else ~mask
            torch.testing.assert_close(*(y[visible] for y in results), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("bias", "bias_kv", "zero", "kdim", "batch_first"), list(itertools.product([True, False], repeat=5))
)
def test_attention_is_torchs(bias: bool, bias_kv: bool, zero: bool, kdim: bool, batch_first: bool) -> None:
    torch.manual_seed(1)
    sizes = {"kdim": 6, "vdim": 5} if kdim else {}
    digital = nn.MultiheadAttention(
        8, 2, bias=bias, add_bias_kv=bias_kv, add_zero_attn=zero, batch_first=batch_first, **sizes
    )
    for parameter in digital.parameters():
        nn.init.normal_(parameter, std=0.5)
    analog = AnalogMultiheadAttention.from_digital(digital, exact())
    query, key = torch.randn(3, 4, 8), torch.randn(3, 5, 6 if kdim else 8)
    value = torch.randn(3, 5, 5 if kdim else 8)
    inputs = [x if batch_first else x.transpose(0, 1) for x in (query, key, value)]
    padding = torch.arange(5) >= torch.tensor([[5], [3], [4]])
    per_head = (torch.rand(6, 4, 5) > 0.7) & (torch.arange(5) > 0)
    for options in (
        {},
        {"key_padding_mask": padding, "need_weights": False},
        {"attn_mask": torch.randn(4, 5), "average_attn_weights": False},
        {"attn_mask": per_head, "key_padding_mask": padding},
    ):
        for one, other in zip(analog(*inputs, **options), digital(*inputs, **options), strict=True):
            assert (one is None) == (other is None)
            if one is not None:
                torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)
    single = [x[0] if batch_first else x[:, 0] for x in inputs]
    torch.testing.assert_close(analog(*single)[0], digital(*single)[0], rtol=1e-5, atol=1e-5)


def test_attention_refuses_what_does_not_go_together() -> None:
    attention = AnalogMultiheadAttention(8, 2, rpu_config=exact())
    x = torch.zeros(4, 3, 8)
    for options, message in (
        ({"attn_mask": torch.zeros(4, 5)}, r"attn_mask is \[4, 5\]"),
        ({"key_padding_mask": torch.zeros(4, 3)}, r"key_padding_mask is \[4, 3\]: it must be \[3, 4\]"),
    ):
        with pytest.raises(ShapeError, match=message):
            attention(x, x, x, **options)
    with pytest.raises(ShapeError, match="must all be"):
        attention(x, x[0], x)
    causal = torch.ones(4, 4).triu(1) > 0
    noise = torch.randn_like(x)
    expected = attention(noise, noise, noise, attn_mask=causal)[0]
    torch.testing.assert_close(attention(noise, noise, noise, is_causal=True)[0], expected)


def test_the_model_stays_unless_it_is_told_otherwise() -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.Sequential(nn.Conv2d(1, 1, 1)))
    before = copy.deepcopy(model.state_dict())
    analog = convert_to_analog(model, exact())
    assert type(model[0]) is nn.Linear
    assert type(analog[0]) is AnalogLinear
    assert type(analog[1][0]) is AnalogConv2d
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name])
    assert convert_to_analog(model, exact(), inplace=True) is model
    assert type(model[1][0]) is AnalogConv2d
    assert convert_to_digital(model, inplace=True) is model
    assert type(model[1][0]) is nn.Conv2d


def test_shared_layers_stay_shared() -> None:
    shared = nn.Linear(3, 3)
    model = nn.ModuleDict({"first": shared, "chain": nn.Sequential(nn.ReLU(), shared)})
    for inplace in (False, True):
        analog = convert_to_analog(model, exact(), inplace=inplace)
        assert analog["first"] is analog["chain"][1]
        assert isinstance(analog["first"], AnalogLinear)
        assert len(list(analog_matrices(analog))) == 1
    digital = convert_to_digital(model)
    assert digital["first"] is digital["chain"][1]


def test_layers_are_chosen_by_name_class_and_function() -> None:
    class Special(nn.Linear):
        pass

    model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 2)), Special(2, 2), nn.Conv1d(1, 1, 1))
    seen = []

    def choose(name, layer, config):
        seen.append((name, type(layer)))
        return config.replace(mapping=MappingParameter(max_input_size=1)) if name == "0" else config

    analog = convert_to_analog(model, exact(), exclude=["1"], specific_rpu_config_fun=choose)
    assert [type(layer).__name__ for layer in analog] == ["AnalogLinear", "Sequential", "Special", "AnalogConv1d"]
    assert type(analog[1][0]) is nn.Linear
    assert seen == [("0", nn.Linear), ("3", nn.Conv1d)]
    assert len(analog[0].matrix.grid.crossbars) == 2
    analog = convert_to_analog(model, exact(), mapping={Special: AnalogLinear})
    assert [type(layer).__name__ for layer in analog] == ["Linear", "Sequential", "AnalogLinear", "Conv1d"]


def test_a_seed_makes_models_alike() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    seeds = [
        [matrix.grid.crossbars[0, 0].seed for _, matrix in analog_matrices(convert_to_analog(model, exact(), seed=5))]
        for _ in range(2)
    ]
    assert seeds[0] == seeds[1]
    assert len(set(seeds[0])) == 2


def test_weights_that_devices_cannot_hold_are_reported() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(100, 2))
    nn.init.constant_(model[0].weight, 2.0)
    device = ConstantStepDevice(w_max_dtod=0.0, w_min_dtod=0.0)
    with pytest.warns(UserWarning, match=r"devices cannot hold all weights.*: 0 \(1\.4\)") as caught:
        analog = convert_to_analog(model, SingleRPUConfig(device=device))
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert float(analog[0].get_weights()[0].max()) == pytest.approx(0.6)
    scaled = SingleRPUConfig(device=device, mapping=MappingParameter(weight_scaling_omega=0.6))
    kept = convert_to_analog(model, scaled)[0].get_weights()[0]
    torch.testing.assert_close(kept, model[0].weight.detach(), rtol=1e-6, atol=0)


def test_a_report_of_many_layers_is_short() -> None:
    model = nn.Sequential(*(nn.Linear(1, 1) for _ in range(11)))
    for layer in model:
        nn.init.constant_(layer.weight, 9.0)
    with pytest.warns(UserWarning, match=r"7 \(8\.\d+\) and 3 more;"):
        convert_to_analog(model, SingleRPUConfig(device=ConstantStepDevice()))


def test_what_would_be_lost_is_refused_and_nothing_changes() -> None:
    hooked = nn.Sequential(nn.Linear(2, 2))
    hooked[0].register_forward_hook(lambda *_: None)
    tied = nn.Sequential(nn.Embedding(4, 2), nn.Linear(2, 4, bias=False))
    tied[1].weight = tied[0].weight
    normed = nn.Sequential(weight_norm(nn.Linear(2, 2)))
    for model, message in (
        (hooked, "hooks or param"),
        (tied, "'1' are tied to those of '0'"),
        (normed, "hooks or param"),
    ):
        with pytest.raises(UnsupportedOperationError, match=message):
            convert_to_analog(model, exact(), inplace=True)
        assert not any(isinstance(layer, AnalogLinear) for layer in model)
    assert isinstance(convert_to_analog(tied, exact(), exclude=["1"])[1], nn.Linear)
    with pytest.raises(ConfigError, match=r"exclude names \['nowhere'\]"):
        convert_to_analog(hooked, exact(), exclude=["nowhere"])


def test_layers_without_weights_are_refused() -> None:
    lazy = nn.Sequential(nn.LazyLinear(3), nn.Linear(3, 2))
    with pytest.raises(UnsupportedOperationError, match="'0' is a LazyLinear"):
        convert_to_analog(lazy, exact())
    assert type(convert_to_analog(lazy, exact(), exclude=["0"])[1]) is AnalogLinear
    lazy(torch.ones(1, 4))
    assert convert_to_analog(lazy, exact())[0].in_features == 4
    with pytest.raises(UnsupportedOperationError, match="meta device"):
        convert_to_analog(nn.Linear(2, 2, device="meta"), exact())


def test_a_single_layer_is_a_model() -> None:
    digital = nn.Linear(3, 2)
    digital.weight.requires_grad_(False)
    analog = convert_to_analog(digital, exact())
    assert isinstance(analog, AnalogLinear)
    assert not analog.matrix.analog.requires_grad
    assert analog.bias.requires_grad
    assert torch.equal(convert_to_digital(analog).weight, digital.weight)


@pytest.mark.parametrize("digital", [nn.Linear(3, 2), nn.Conv2d(3, 2, 3), nn.GRU(3, 2, 2), nn.MultiheadAttention(4, 2)])
def test_what_is_frozen_stays_so_on_the_way_back(digital) -> None:
    *_, (name, last) = digital.named_parameters()
    last.requires_grad_(False)
    back = convert_to_digital(convert_to_analog(digital, exact()))
    assert not back.get_parameter(name).requires_grad
    assert sum(each.requires_grad for each in back.parameters()) == len(list(digital.parameters())) - 1


@pytest.mark.parametrize("digital", [nn.Linear(3, 2), nn.Conv2d(3, 2, 3), nn.LSTM(3, 2), nn.MultiheadAttention(4, 2)])
@pytest.mark.parametrize("strict", [True, False])
def test_the_state_of_a_model_of_torch_is_refused_with_advice(digital, strict: bool) -> None:
    model = nn.Sequential(convert_to_analog(digital, exact()))
    with pytest.raises(CheckpointError, match=f"0 is of a {type(digital).__name__} of torch.* convert_to_analog"):
        model.load_state_dict(nn.Sequential(digital).state_dict(), strict=strict)
    assert model.load_state_dict({}, strict=False).missing_keys


def test_the_summary_counts_by_hand() -> None:
    mapping = MappingParameter(max_input_size=10, max_output_size=4, digital_bias=False)
    model = AnalogSequential(
        AnalogConv2d(2, 6, 3, groups=2, rpu_config=exact(mapping)),
        nn.BatchNorm2d(6),
        AnalogLinear(7, 3, rpu_config=exact()),
    )
    conv, norm, linear = analog_summary(model).layers
    # Two groups of 3 x (9 + bias) fit a crossbar of 4 x 10 each.
    assert (conv.matrices, conv.crossbars, conv.weights, conv.devices) == (((3, 10), (3, 10)), 2, 60, 60)
    assert conv.utilisation == 60 / 80
    assert (norm.kind, norm.crossbars, norm.parameters) == ("BatchNorm2d", 0, 12)
    assert (linear.weights, linear.parameters, linear.capacity) == (21, 3, 512 * 512)
    assert model.analog_tile_count() == analog_summary(model).total.crossbars == 3
    text, html = str(analog_summary(model)), analog_summary(model)._repr_html_()
    for part in ("AnalogConv2d", "2 of 3 x 10", "FloatingPointDevice", "75.0%", "total"):
        assert part in text
        assert part in html
    assert not analog_summary(nn.ReLU()).layers


def test_a_chain_acts_on_all_its_crossbars() -> None:
    config = exact(MappingParameter(weight_scaling_omega=0.6))
    model = AnalogSequential(
        AnalogLinear(3, 2, rpu_config=config), nn.Sequential(AnalogLinear(2, 2, rpu_config=config))
    )
    assert len(list(model.analog_layers())) == len(list(model.analog_matrices())) == 2
    before = [matrix.get_weights() for _, matrix in model.analog_matrices()]
    model.remap_analog_weights(0.3)
    for (_, matrix), weights in zip(model.analog_matrices(), before, strict=True):
        assert float(torch.tensor(matrix.grid.weights).abs().max()) == pytest.approx(0.3)
        torch.testing.assert_close(matrix.get_weights(), weights)
