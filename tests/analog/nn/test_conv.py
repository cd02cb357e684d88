"""Convolutions against torch's own, and against matrices on patches."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from analog.config import (
    ChoppedTransferCompound,
    ConstantStepDevice,
    FloatingPointRPUConfig,
    IOParameters,
    LinearStepDevice,
    MappingParameter,
    RPUConfig,
    SingleRPUConfig,
    SoftBoundsDevice,
    TransferCompound,
    UnitCellRPUConfig,
)
from analog.errors import ConfigError, NotFiniteError
from analog.nn import (
    AnalogConv1d,
    AnalogConv2d,
    AnalogConv3d,
    AnalogConvTranspose1d,
    AnalogConvTranspose2d,
    AnalogConvTranspose3d,
    AnalogMatrix,
    analog_matrices,
)
from analog.nn.chunks import CHUNK_BYTES, chunks
from analog.nn.rows import Windows
from analog.optim import AnalogSGD
from tensorlayer.errors import DtypeError, ShapeError
from tests.analog.nn.configs import MAPPINGS, exact, fixed_range, lossless, noisy

#: Class, shape of the input, arguments: together every option of torch at least once.
LAYERS: list[tuple[type, tuple[int, ...], dict[str, Any]]] = [
    (AnalogConv1d, (3, 4, 9), {"kernel_size": 3, "padding": 2, "padding_mode": "reflect"}),
    (AnalogConv1d, (3, 4, 9), {"kernel_size": 4, "stride": 3, "dilation": 2, "bias": False}),
    (AnalogConv1d, (4, 9), {"kernel_size": 3, "groups": 4, "out_channels": 8}),
    (AnalogConv2d, (2, 4, 6, 7), {"kernel_size": (3, 2), "stride": (1, 2), "padding": (2, 1)}),
    (AnalogConv2d, (2, 4, 6, 7), {"kernel_size": (2, 3), "padding": "same", "padding_mode": "circular"}),
    (AnalogConv2d, (2, 4, 6, 7), {"kernel_size": 3, "padding": "valid", "groups": 2, "dilation": (2, 1)}),
    (AnalogConv2d, (2, 4, 6, 7), {"kernel_size": 1, "stride": 2}),
    (AnalogConv2d, (4, 6, 7), {"kernel_size": 3, "padding": 1, "padding_mode": "replicate", "bias": False}),
    (AnalogConv2d, (0, 4, 6, 7), {"kernel_size": 3}),
    (AnalogConv3d, (2, 4, 4, 5, 3), {"kernel_size": (2, 3, 1), "stride": (2, 1, 2), "padding": 1, "groups": 2}),
    (AnalogConv3d, (4, 4, 5, 3), {"kernel_size": (1, 3, 1), "padding": "same", "dilation": (1, 2, 1)}),
    (AnalogConvTranspose1d, (3, 4, 5), {"kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1}),
    (AnalogConvTranspose1d, (4, 5), {"kernel_size": 2, "stride": 3, "bias": False, "groups": 2}),
    (AnalogConvTranspose2d, (2, 4, 4, 3), {"kernel_size": (3, 2), "stride": (2, 1), "padding": (0, 1)}),
    (
        AnalogConvTranspose2d,
        (2, 4, 4, 3),
        {"kernel_size": 3, "dilation": (1, 2), "output_padding": (0, 1), "groups": 2},
    ),
    (AnalogConvTranspose3d, (2, 4, 2, 3, 2), {"kernel_size": 2, "stride": (1, 2, 2), "output_padding": (0, 1, 1)}),
    (AnalogConvTranspose3d, (4, 2, 3, 2), {"kernel_size": (1, 2, 3), "padding": (0, 1, 1), "stride": 2}),
]
NAMES = [f"{layer.__name__[6:]}-{number}" for number, (layer, _, _) in enumerate(LAYERS)]


def twins(layer, config, options: dict[str, Any]):
    """An analog layer and torch's with the same weights."""
    arguments = {"in_channels": 4, "out_channels": 6} | options
    torch.manual_seed(1)
    analog = layer(**arguments, rpu_config=config)
    torch.manual_seed(1)
    return analog, layer.digital_class(**arguments)


def train(models, shape: tuple[int, ...], steps: int, lr: float = 0.05) -> None:
    """Both at the same time, outputs and gradients compared at every step."""
    optimizers = AnalogSGD(models[0].parameters(), lr=lr), torch.optim.SGD(models[1].parameters(), lr=lr)
    for _ in range(steps):
        x = torch.randn(shape)
        inputs = x.clone().requires_grad_(), x.clone().requires_grad_()
        results = tuple(model(given) for model, given in zip(models, inputs, strict=True))
        torch.testing.assert_close(*results, rtol=1e-5, atol=1e-5)
        weights = torch.randn_like(results[0])
        for optimizer, result in zip(optimizers, results, strict=True):
            optimizer.zero_grad()
            ((result - weights).square().sum() / max(result.numel(), 1)).backward()
            optimizer.step()
        torch.testing.assert_close(inputs[0].grad, inputs[1].grad, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("config", [exact(), exact(MAPPINGS["grid"]), lossless(MAPPINGS["grid"])])
@pytest.mark.parametrize(("layer", "shape", "options"), LAYERS, ids=NAMES)
def test_ideal_layers_train_as_torchs(layer, shape, options, config: RPUConfig) -> None:
    analog, digital = twins(layer, config, options)
    train((analog, digital), shape, steps=20)
    weights, bias = analog.get_weights()
    torch.testing.assert_close(weights, digital.weight.detach(), rtol=1e-5, atol=1e-5)
    assert (bias is None) == (digital.bias is None)
    if bias is not None:
        torch.testing.assert_close(bias, digital.bias.detach(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("input_range", [None, 20.0])
@pytest.mark.parametrize("mapping", MAPPINGS)
@pytest.mark.parametrize("layer", [AnalogConv2d, AnalogConvTranspose2d])
def test_everything_digital_around_the_crossbars_cancels(layer, mapping: str, input_range: float | None) -> None:
    models = twins(layer, exact(MAPPINGS[mapping], input_range), {"kernel_size": 3, "groups": 2, "stride": 2})
    train(models, (2, 4, 5, 5), steps=10)


def test_a_hundred_steps() -> None:
    train(twins(AnalogConv2d, exact(), {"kernel_size": 3, "padding": 1}), (4, 4, 5, 5), steps=100)


@pytest.mark.parametrize("bias", ["digital", "analog", None])
def test_patches_go_through_the_matrix_in_order(bias: str | None) -> None:
    """With all noise, a convolution is a matrix on the patches of item 0, then of item 1: bit for bit."""
    config = noisy(MappingParameter(digital_bias=bias != "analog", max_input_size=7))
    conv = AnalogConv2d(2, 3, (2, 3), stride=(1, 2), bias=bias is not None, rpu_config=config, seed=5)
    matrix = AnalogMatrix((3, 12), config, bias=bias is not None, seed=5)
    weights, offset = conv.get_weights()
    conv.set_weights(weights, offset)
    matrix.set_weights(weights.flatten(1), offset)
    x, d = torch.randn(3, 2, 5, 6), torch.randn(3, 3, 4, 2)
    for _ in range(2):
        image = x.clone().requires_grad_()
        rows = nn.functional.unfold(x, (2, 3), stride=(1, 2)).transpose(1, 2).reshape(-1, 12).requires_grad_()
        y, expected = conv(image), matrix(rows)
        assert torch.equal(y, expected.reshape(3, 4, 2, 3).movedim(-1, 1))
        y.backward(d)
        expected.backward(d.movedim(1, -1).reshape(-1, 3))
        folded = nn.functional.fold(rows.grad.reshape(3, 8, 12).transpose(1, 2), (5, 6), (2, 3), stride=(1, 2))
        torch.testing.assert_close(image.grad, folded)
        for one in (conv.matrices[0], matrix):
            AnalogSGD([one.analog], lr=0.1).step()
        assert torch.equal(conv.get_weights()[0].flatten(1), matrix.get_weights())
    assert not torch.equal(conv.get_weights()[0], weights)


@pytest.mark.parametrize("layer", [AnalogConv2d, AnalogConvTranspose2d])
def test_chunks_change_nothing(layer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same pulses and the same noise of products, to rounding: a pulse that was different would be 1e-3."""
    io = IOParameters(inp_res=0, out_res=0)
    config = SingleRPUConfig(device=ConstantStepDevice(dw_min_std=0.0), forward=io, backward=io)
    whole = layer(2, 3, 3, stride=2, rpu_config=config, seed=5)
    parts, before = copy.deepcopy(whole), whole.get_weights()[0]
    x, d = torch.randn(3, 2, 7, 7), torch.randn(whole(torch.zeros(3, 2, 7, 7)).shape)
    parts(torch.zeros(3, 2, 7, 7))
    results = []
    for model, limit in ((whole, CHUNK_BYTES), (parts, 100)):
        monkeypatch.setattr("analog.nn.lowering.CHUNK_BYTES", limit)
        monkeypatch.setattr("analog.nn.parameter.LARGEST", limit // 4)
        image = x.clone().requires_grad_()
        y = model(image)
        y.backward(d)
        AnalogSGD(model.parameters(), lr=0.05).step()
        results.append((y.detach(), image.grad, model.get_weights()[0]))
    (y, gradient, weights), (other_y, other_gradient, other_weights) = results
    torch.testing.assert_close(y, other_y, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(gradient, other_gradient, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(weights, other_weights, rtol=0, atol=1e-6)
    assert float((weights - before).abs().max()) > 1e-3


def test_batches_that_devices_count_are_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a transfer every second batch, the first step changes nothing that is visible, whatever its memory."""
    device = TransferCompound(
        [SoftBoundsDevice(), SoftBoundsDevice()], transfer_every=2, units_in_mbatch=True, n_reads_per_transfer=18
    )
    monkeypatch.setattr("analog.nn.parameter.LARGEST", 50)
    layer = AnalogConv2d(2, 3, 3, bias=False, rpu_config=UnitCellRPUConfig(device=device), seed=5)
    optimizer, seen = AnalogSGD(layer.parameters(), lr=0.5), []
    for _ in range(4):
        before = layer.get_weights()[0]
        optimizer.zero_grad()
        layer(torch.ones(2, 2, 6, 6)).sum().backward()
        optimizer.step()
        seen.append(not torch.equal(layer.get_weights()[0], before))
    assert seen == [False, True, False, True]


def test_a_chunk_is_never_more_than_its_bytes() -> None:
    for items, positions, length in ((5, (4, 6), 10), (1, (30,), 7), (3, (2, 3, 4), 1000), (0, (4,), 3)):
        for limit in (100, 1000, 10_000):
            places = torch.zeros(items, positions[0], dtype=torch.int32)
            for chunk in chunks(items, positions, length, limit):
                count = places[chunk.items, chunk.lines].numel() * torch.Size(positions[1:]).numel()
                places[chunk.items, chunk.lines] += 1
                one_line = chunk.lines.stop - chunk.lines.start == 1 and chunk.items.stop - chunk.items.start == 1
                assert 4 * count * length <= limit or one_line
            assert bool((places == 1).all())


def test_what_waits_is_the_image_not_its_patches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analog.nn.lowering.CHUNK_BYTES", 4096)
    monkeypatch.setattr("analog.nn.parameter.LARGEST", 1024)
    sizes: list[int] = []
    take = Windows.take

    def watched(self: Windows, array: Any, chunk: Any) -> Any:
        rows = take(self, array, chunk)
        sizes.append(rows.nbytes)
        return rows

    monkeypatch.setattr(Windows, "take", watched)
    for config in (lossless(), exact()):
        sizes.clear()
        layer = AnalogConv2d(4, 3, 3, rpu_config=config)
        x = torch.randn(6, 4, 10, 10, requires_grad=True)
        layer(x).sum().backward()
        (waiting,) = layer.matrices[0].analog.pending.pairs
        AnalogSGD(layer.parameters(), lr=0.1).step()
        if config == exact():
            assert not sizes
            assert waiting.x.shape == (3, 36)
        else:
            assert max(sizes) <= 4096 < sum(sizes)
            assert waiting.x.data_ptr() == x.data_ptr()


def test_groups_have_devices_of_their_own() -> None:
    for seed in (7, None):
        layer = AnalogConv1d(4, 4, 3, groups=4, rpu_config=noisy(), seed=seed)
        states = [matrix.grid.crossbars[0, 0].state.to_numpy() for matrix in layer.matrices]
        assert len({state["max_bound"].tobytes() for state in states}) == 4
    one, other = (AnalogConv1d(4, 4, 3, groups=4, rpu_config=noisy(), seed=7) for _ in range(2))
    for mine, others in zip(one.matrices, other.matrices, strict=True):
        bounds = (matrix.grid.crossbars[0, 0].state.to_numpy()["max_bound"] for matrix in (mine, others))
        np.testing.assert_array_equal(*bounds)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_floating_point_types_are_rounded(dtype: torch.dtype) -> None:
    layer = AnalogConv2d(2, 3, 3, rpu_config=exact())
    x = torch.randn(2, 2, 5, 5, dtype=dtype, requires_grad=True)
    y = layer(x)
    assert y.dtype == dtype
    assert torch.equal(y, layer(x.float()).to(dtype))
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.dtype == dtype


@pytest.mark.parametrize("layer", [AnalogConv2d, AnalogConvTranspose2d])
def test_wrong_inputs_are_refused_and_change_nothing(layer) -> None:
    model = layer(4, 6, 3, rpu_config=noisy(), seed=1)
    before = [matrix.grid.crossbars[0, 0].state.copy() for matrix in model.matrices]
    for x, error in (
        (torch.zeros(2, 3, 8, 8), ShapeError),
        (torch.zeros(8, 8), ShapeError),
        (torch.zeros(1, 1, 4, 8, 8), ShapeError),
        (torch.zeros(2, 4, 8, 8, dtype=torch.int64), DtypeError),
        (torch.full((2, 4, 8, 8), torch.nan), NotFiniteError),
    ):
        with pytest.raises(error):
            model(x)
    weights, bias = model.get_weights()
    for wrong in ((weights[:-1], bias), (weights, torch.zeros(5))):
        with pytest.raises(ShapeError):
            model.set_weights(*wrong)
    with pytest.raises(NotFiniteError):
        model.set_weights(weights.log().log())
    assert before == [matrix.grid.crossbars[0, 0].state for matrix in model.matrices]


def test_messages_name_what_was_seen_and_what_is_taken() -> None:
    layer = AnalogConv2d(4, 6, 3, rpu_config=exact(), bias=False)
    with pytest.raises(ShapeError, match=r"x is \[2, 3, 8, 8\]: AnalogConv2d takes \(batch, 4, height, width\)"):
        layer(torch.zeros(2, 3, 8, 8))
    with pytest.raises(ShapeError, match=r"\[2, 8\]: a kernel of \[3, 3\] with dilation \[1, 1\] does not fit"):
        layer(torch.zeros(1, 4, 2, 8))
    with pytest.raises(ShapeError, match="this layer has no bias"):
        layer.set_weights(layer.get_weights()[0], torch.zeros(6))
    with pytest.raises(ValueError, match="divisible by groups"):
        AnalogConv2d(4, 6, 3, groups=3)
    scaling = MappingParameter(learn_out_scaling=True, out_scaling_columnwise=True)
    with pytest.raises(ConfigError, match="out_scaling_columnwise"):
        AnalogConvTranspose2d(4, 6, 3, rpu_config=FloatingPointRPUConfig(mapping=scaling))


@pytest.mark.parametrize("error", [torch.nan, torch.inf])
@pytest.mark.parametrize("needs_input_gradient", [True, False])
def test_errors_that_are_not_finite_leave_nothing(error: float, needs_input_gradient: bool) -> None:
    layer = AnalogConv2d(2, 3, 3, rpu_config=noisy(), seed=1)
    y = layer(torch.randn(1, 2, 5, 5, requires_grad=needs_input_gradient))
    with pytest.raises(NotFiniteError):
        y.backward(torch.full_like(y, error))
    assert not len(layer.matrices[0].analog.pending)


@pytest.mark.parametrize("size", [(7, 9), (8, 10)])
def test_a_transposed_convolution_takes_an_output_size(size: tuple[int, int]) -> None:
    analog, digital = twins(AnalogConvTranspose2d, exact(), {"kernel_size": 3, "stride": 2, "padding": 1})
    x = torch.randn(2, 4, 4, 5)
    torch.testing.assert_close(analog(x, size), digital(x, size), rtol=1e-5, atol=1e-5)
    with pytest.raises(ShapeError, match=r"from \[7, 9\] to \[8, 10\]"):
        analog(x, (9, 9))


def test_results_are_views_of_nothing_and_contiguous() -> None:
    y = AnalogConv2d(2, 3, 3, rpu_config=exact())(torch.randn(2, 2, 5, 5))
    assert y.is_contiguous()
    assert y.view(2, -1).shape == (2, 27)


def test_noise_of_outputs_has_its_standard_deviation() -> None:
    """One pixel's output is the ideal one plus noise of ``out_noise``; 4000 of them give it to 5 % with 99.9 %."""
    forward = IOParameters(inp_res=0, out_res=0, out_noise=0.1, noise_management="NONE", bound_management="NONE")
    layer = AnalogConv2d(1, 4, 3, rpu_config=SingleRPUConfig(device=ConstantStepDevice(), forward=forward), seed=3)
    x = torch.rand(10, 1, 12, 12) - 0.5
    weights, bias = layer.get_weights()
    noise = layer(x).detach() - nn.functional.conv2d(x, weights, bias)
    assert abs(float(noise.std()) / 0.1 - 1) < 0.05
    assert abs(float(noise.mean())) < 0.1 * 3.3 / noise.numel() ** 0.5


def test_state_goes_into_a_dictionary_and_back() -> None:
    one = AnalogConv2d(2, 4, 3, groups=2, rpu_config=noisy(), seed=3)
    other = AnalogConv2d(2, 4, 3, groups=2, rpu_config=noisy(), seed=3)
    x = torch.randn(2, 2, 5, 5)
    one(x).square().sum().backward()
    AnalogSGD(one.parameters(), lr=0.1).step()
    other.load_state_dict(one.state_dict())
    assert torch.equal(one(x), other(x))
    assert [name for name, _ in analog_matrices(one)] == ["matrices.0", "matrices.1"]


def test_from_and_to_digital() -> None:
    digital = nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2, padding_mode="circular")
    digital.weight.requires_grad_(False)
    analog = AnalogConv2d.from_digital(digital.eval(), exact())
    assert not analog.training
    assert not any(matrix.analog.requires_grad for matrix in analog.matrices)
    assert all(matrix.bias.requires_grad for matrix in analog.matrices)
    back = analog.to_digital()
    assert repr(back) == repr(digital)
    assert analog.extra_repr() == digital.extra_repr()
    assert torch.equal(back.weight, digital.weight)
    assert torch.equal(back.bias, digital.bias)


@pytest.mark.parametrize("reach", [False, True], ids=["plain", "input range"])
@pytest.mark.parametrize(
    ("layer", "axes"), [(AnalogConv1d, 1), (AnalogConv2d, 2), (AnalogConv3d, 3), (AnalogConvTranspose2d, 2)]
)
def test_devices_that_count_batches_get_one_and_never_hold_it(
    layer: Any, axes: int, reach: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Portions of a few patches: the bits of the arrays of all, put together patch by patch."""
    device = ChoppedTransferCompound(
        [SoftBoundsDevice(), LinearStepDevice()], auto_scale=True, in_chop_prob=0.2, transfer_lr=20.0
    )
    config = UnitCellRPUConfig(device=device)
    if reach:
        config = config.replace(pre_post=fixed_range(0.7))
    monkeypatch.setattr("analog.cell.vectors.PORTION", 1)
    model = layer(2, 3, 3, bias=False, rpu_config=config, seed=5)
    grid = model.matrices[0].grid.copy()
    lengths: list[int] = []
    learn = type(grid).learn_

    def watched(self: Any, x: Any, d: Any, lr: float) -> Any:
        whole = [np.concatenate([part[n : n + 1] for n in range(part.shape[0])]) for part in (x, d)]
        learn(grid, *whole, lr)
        lengths.append(x.shape[0])
        return learn(self, x, d, lr)

    monkeypatch.setattr(type(grid), "learn_", watched)
    optimizer, before = AnalogSGD(model.parameters(), lr=0.1), model.get_weights()[0]
    for items in (3, 2):
        optimizer.zero_grad()
        for _ in range(items - 1):
            y = model(torch.randn(items, 2, *(5,) * axes))
            y.backward(torch.randn(y.shape))
        optimizer.step()
    assert not torch.equal(model.get_weights()[0], before)
    assert len(lengths) == 2, "one batch per step, also of several backward passes"
    found, expected = (dict(one.crossbars[0, 0].state.to_numpy()) for one in (model.matrices[0].grid, grid))
    for name, value in expected.items():
        if not name.startswith(("forward", "backward")):
            np.testing.assert_array_equal(found[name], value, err_msg=name)
