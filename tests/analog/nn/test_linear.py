"""Linear layers against torch's own."""

from __future__ import annotations

import copy
import pickle
import warnings

import pytest
import torch

from analog.config import (
    ConstantStepDevice,
    CustomRPUConfig,
    DriftParameter,
    FloatingPointRPUConfig,
    MappingParameter,
    RuntimeParameter,
    SingleRPUConfig,
    SoftBoundsDevice,
)
from analog.errors import ConfigError, NotFiniteError
from analog.mvm import Periphery
from analog.nn import (
    AnalogLinear,
    AnalogLSTM,
    AnalogMatrix,
    AnalogSequential,
    analog_summary,
    drift_analog_weights,
    program_analog_weights,
    remap_analog_weights,
)
from analog.optim import AnalogSGD
from tensorlayer.errors import ConversionError, DtypeError, ShapeError, UnsupportedOperationError
from tests.analog.nn.configs import MAPPINGS, exact, ideal, noisy


def twins(config, bias=True, inputs=5, outputs=4):
    torch.manual_seed(1)
    layer = AnalogLinear(inputs, outputs, bias, config)
    torch.manual_seed(1)
    return layer, torch.nn.Linear(inputs, outputs, bias)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("mapping", MAPPINGS)
@pytest.mark.parametrize("make", [exact, ideal])
def test_ideal_layers_train_as_torchs(make, mapping: str, bias: bool) -> None:
    layer, digital = twins(make(MAPPINGS[mapping]), bias)
    optimizers = AnalogSGD(layer.parameters(), lr=0.1), torch.optim.SGD(digital.parameters(), lr=0.1)
    for _ in range(100):
        x, target = torch.randn(6, 5), torch.randn(6, 4)
        inputs = x.clone().requires_grad_(), x.clone().requires_grad_()
        results = layer(inputs[0]), digital(inputs[1])
        torch.testing.assert_close(*results, rtol=1e-5, atol=1e-5)
        for optimizer, result in zip(optimizers, results, strict=True):
            optimizer.zero_grad()
            (result - target).square().mean().backward()
            optimizer.step()
        torch.testing.assert_close(inputs[0].grad, inputs[1].grad, rtol=1e-5, atol=1e-5)
    weights, offset = layer.get_weights()
    torch.testing.assert_close(weights, digital.weight.detach(), rtol=1e-5, atol=1e-5)
    if bias:
        torch.testing.assert_close(offset, digital.bias.detach(), rtol=1e-5, atol=1e-5)


def test_a_trained_output_scale_is_a_factor_of_the_weights() -> None:
    mapping = MappingParameter(learn_out_scaling=True, out_scaling_columnwise=True, weight_scaling_omega=0.6)
    layer, digital = twins(exact(mapping))
    factor = torch.nn.Parameter(torch.ones(4))
    optimizers = (
        AnalogSGD(layer.parameters(), lr=0.1),
        torch.optim.SGD([*digital.parameters(), factor], lr=0.1),
    )
    for _ in range(50):
        x, target = torch.randn(6, 5), torch.randn(6, 4)
        results = layer(x), (x @ digital.weight.T) * factor + digital.bias
        for optimizer, result in zip(optimizers, results, strict=True):
            optimizer.zero_grad()
            (result - target).square().mean().backward()
            optimizer.step()
    assert not torch.allclose(factor, torch.ones(4), atol=1e-2)
    torch.testing.assert_close(layer.matrix.out_scaling, factor)
    torch.testing.assert_close(layer.get_weights()[0], (digital.weight * factor.reshape(-1, 1)).detach())
    weights = torch.randn(4, 5)
    layer.set_weights(weights)
    torch.testing.assert_close(layer.get_weights()[0], weights)
    torch.testing.assert_close(layer.matrix.out_scaling.detach(), torch.ones(4))


@pytest.mark.parametrize("mapping", MAPPINGS)
def test_weights_are_those_of_the_devices_times_scales(mapping: str) -> None:
    layer = AnalogLinear(5, 4, rpu_config=exact(MAPPINGS[mapping]))
    weights, bias = torch.randn(4, 5), torch.randn(4)
    weights[1], bias[1] = 0.0, 0.0
    layer.set_weights(weights.numpy(), bias.tolist())
    torch.testing.assert_close(layer.get_weights()[0], weights)
    torch.testing.assert_close(layer.get_weights()[1], bias)
    omega = MAPPINGS[mapping].weight_scaling_omega
    if omega:
        largest = abs(torch.tensor(layer.matrix.grid.weights)).amax(1)
        largest = largest if MAPPINGS[mapping].weight_scaling_columnwise else largest.amax(0, keepdim=True)
        torch.testing.assert_close(largest[largest > 0], torch.full_like(largest[largest > 0], omega))
    layer.set_weights(weights)
    torch.testing.assert_close(layer.get_weights()[1], bias)


def test_mapping_anew_changes_devices_and_not_what_users_see() -> None:
    layer = AnalogLinear(5, 4, rpu_config=exact(MAPPINGS["columnwise"]))
    before = layer.get_weights()[0]
    remap_analog_weights(layer, 0.2)
    torch.testing.assert_close(abs(torch.tensor(layer.matrix.grid.weights)).amax(1), torch.full((4,), 0.2))
    torch.testing.assert_close(layer.get_weights()[0], before)
    with pytest.raises(ConfigError, match="weight_scaling_omega"):
        remap_analog_weights(AnalogLinear(2, 2))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_element_types_are_rounded_there_and_back(dtype) -> None:
    layer, digital = twins(exact())
    x = torch.randn(3, 2, 5, dtype=dtype, requires_grad=True)
    y = layer(x)
    assert y.dtype == dtype
    torch.testing.assert_close(y, digital(x.float()).to(dtype), rtol=1e-2, atol=1e-2)
    y.sum().backward()
    assert x.grad.dtype == dtype
    before = layer.matrix.grid.weights
    layer.to(dtype)
    assert layer.bias.dtype == dtype
    assert layer(x).dtype == dtype
    assert (layer.matrix.grid.weights == before).all()


def test_any_number_of_axes() -> None:
    layer, digital = twins(exact())
    for shape in ((5,), (0, 5), (2, 3, 4, 5)):
        x = torch.randn(shape)
        torch.testing.assert_close(layer(x), digital(x), rtol=1e-5, atol=1e-6)


def test_a_seed_of_torch_makes_a_model_again() -> None:
    def outputs() -> torch.Tensor:
        torch.manual_seed(3)
        layer = AnalogLinear(5, 4, rpu_config=noisy())
        return layer(torch.ones(2, 5))

    assert torch.equal(outputs(), outputs())
    layer = AnalogLinear(5, 4, seed=7)
    assert layer.matrix.grid.crossbars[0, 0].seed == 7


def test_noise_is_that_of_the_crossbar_in_training_and_in_evaluation() -> None:
    torch.manual_seed(0)
    layer = AnalogLinear(8, 1, bias=False, rpu_config=noisy(), seed=5)
    layer.set_weights(torch.zeros(1, 8))
    x = torch.ones(20000, 8)
    for mode in (True, False):
        y = layer.train(mode)(x).detach()
        # Standard errors of mean and deviation are 0.0004 and 0.0003; one in 10^5 is beyond 4.4 of them.
        assert abs(float(y.mean())) < 0.002
        assert abs(float(y.std()) - 0.06) < 0.002 + 0.001  # 0.001: the converter's step widens it


def test_realistic_writing_and_reading() -> None:
    device = ConstantStepDevice(dw_min=0.002, up_down_dtod=0.0, w_max_dtod=0.0, w_min_dtod=0.0)
    layer = AnalogLinear(6, 4, rpu_config=SingleRPUConfig(device=device), seed=2)
    weights, bias = layer.get_weights()
    program_analog_weights(layer, max_iter=300)
    written = layer.get_weights()[0]
    assert not torch.equal(written, weights)
    assert float(abs(written - weights).mean()) / 0.6 < 0.05
    assert float(abs(layer.get_weights(realistic=True)[0] - written).mean()) / 0.6 < 0.1
    layer.set_weights(weights, bias, realistic=True)
    assert float(abs(layer.get_weights()[0] - weights).mean()) / 0.6 < 0.05


def test_drift_makes_conductances_smaller_by_its_power_law() -> None:
    drift = DriftParameter(nu=0.1, t_0=1.0, nu_dtod=0.0, nu_std=0.0, w_noise_std=0.0)
    layer = AnalogLinear(3, 2, rpu_config=SingleRPUConfig(device=SoftBoundsDevice(drift=drift)), seed=1)
    layer.set_weights(torch.full((2, 3), 0.2))
    before = layer.get_weights()[0]
    drift_analog_weights(layer, 2.0)
    torch.testing.assert_close(layer.get_weights()[0], before * 2**-0.1)


def test_copies_go_on_alike_and_apart() -> None:
    layer = AnalogLinear(5, 4, rpu_config=noisy(MAPPINGS["grid"]), seed=1)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert torch.equal(copy.deepcopy(layer)(torch.ones(2, 5)), twin(torch.ones(2, 5)))
        before = layer.get_weights()[0]
        optimizer = AnalogSGD(twin.parameters(), lr=1.0)
        twin(torch.ones(2, 5)).sum().backward()
        optimizer.step()
        assert torch.equal(layer.get_weights()[0], before)
        assert not torch.equal(twin.get_weights()[0], before)


def test_pulses_are_counted_by_crossbar() -> None:
    config = SingleRPUConfig(device=ConstantStepDevice(count_pulses=True), mapping=MAPPINGS["grid"])
    layer = AnalogLinear(5, 4, rpu_config=config, seed=1)
    layer(torch.ones(2, 5)).sum().backward()
    AnalogSGD(layer.parameters(), lr=0.1).step()
    counters = layer.matrix.pulse_counters()
    assert list(counters) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert all(int(each["negative_pulses"].sum()) > 0 for each in counters.values())
    assert all(int(each["positive_pulses"].sum()) == 0 for each in counters.values())
    with pytest.raises(UnsupportedOperationError, match="count_pulses"):
        AnalogLinear(2, 2).matrix.pulse_counters()


def test_notebooks_show_the_crossbars() -> None:
    layer = AnalogLinear(5, 4, rpu_config=noisy(MAPPINGS["grid"]))
    lstm = AnalogLSTM(2, 1, rpu_config=noisy(MAPPINGS["grid"]))
    assert layer._repr_html_().count("<caption>Crossbar</caption>") == 4
    assert lstm._repr_html_().count("<caption>Crossbar</caption>") == 2 * 2
    model = AnalogSequential(torch.nn.Sequential(layer), lstm)
    assert model._repr_html_() == analog_summary(model)._repr_html_()
    assert "AnalogLSTM" in model._repr_html_()


def test_memory_of_torch_is_used_as_it_is(monkeypatch) -> None:
    layer, seen = AnalogLinear(300, 4, bias=False, rpu_config=noisy()), []
    product = Periphery.product
    monkeypatch.setattr(Periphery, "product", lambda self, *a: seen.append(a[3].ctypes.data) or product(self, *a))
    x = torch.randn(64, 300)
    layer(x)
    assert seen == [x.data_ptr()]


def test_compiled_layers_break_the_graph_and_agree() -> None:
    model = torch.nn.Sequential(AnalogLinear(5, 4, rpu_config=exact()), torch.nn.Tanh())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch's compiler about itself
        compiled = torch.compile(model, backend="eager")
        x = torch.randn(3, 5)
        torch.testing.assert_close(compiled(x), model(x))
        compiled(x).sum().backward()
    before = model[0].get_weights()[0]
    AnalogSGD(model.parameters(), lr=0.1).step()
    assert not torch.equal(model[0].get_weights()[0], before)


# -- bad input ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "error"),
    [
        (torch.ones(3, 4), ShapeError),
        (torch.tensor(1.0), ShapeError),
        (torch.ones(3, 5, dtype=torch.int64), DtypeError),
        (torch.ones(3, 5, dtype=torch.complex64), DtypeError),
        (torch.full((3, 5), torch.nan), NotFiniteError),
        (torch.full((3, 5), 1e300, dtype=torch.float64), NotFiniteError),
        (torch.ones(3, 5, device="meta"), ConversionError),
    ],
)
def test_vectors_that_do_not_fit_are_refused(x, error) -> None:
    layer = AnalogLinear(5, 4, rpu_config=noisy(), seed=1)
    before = layer.matrix.grid.crossbars[0, 0].state.copy()
    with pytest.raises(error):
        layer(x)
    assert layer.matrix.grid.crossbars[0, 0].state == before


@pytest.mark.parametrize("extents", [(-3, 1), (3.0, 1), (3, 0), (3, None)])
def test_extents_that_no_crossbar_has_are_refused(extents) -> None:
    with pytest.raises(ShapeError):
        AnalogLinear(*extents, rpu_config=exact())


def test_errors_that_are_no_numbers_reach_no_device() -> None:
    for requires_grad in (True, False):
        layer = AnalogLinear(5, 4, rpu_config=noisy(), seed=1)
        before = layer.get_weights()[0]
        with pytest.raises(NotFiniteError):
            layer(torch.ones(2, 5, requires_grad=requires_grad)).backward(torch.full((2, 4), torch.nan))
        AnalogSGD(layer.parameters(), lr=0.1).step()
        assert torch.equal(layer.get_weights()[0], before)


def test_second_derivatives_are_refused() -> None:
    x = torch.ones(2, 5, requires_grad=True)
    y = AnalogLinear(5, 4, rpu_config=exact())(x).square().sum()
    with pytest.raises(UnsupportedOperationError, match="create_graph"):
        torch.autograd.grad(y, x, create_graph=True)


def test_weights_that_do_not_fit_change_nothing() -> None:
    layer = AnalogLinear(5, 4, rpu_config=noisy(MAPPINGS["omega"]), seed=1)
    before = layer.get_weights()
    for weights, bias in (
        (torch.ones(5, 4), None),
        (torch.ones(4, 5), torch.ones(5)),
        (torch.full((4, 5), torch.inf), None),
    ):
        with pytest.raises((ShapeError, NotFiniteError)):
            layer.set_weights(weights, bias)
    with pytest.raises(ShapeError, match="no bias"):
        AnalogLinear(5, 4, bias=False).set_weights(torch.ones(4, 5), torch.ones(4))
    after = layer.get_weights()
    assert torch.equal(after[0], before[0])
    assert torch.equal(after[1], before[1])


@pytest.mark.parametrize(
    "config",
    [
        CustomRPUConfig(),
        FloatingPointRPUConfig(runtime=RuntimeParameter(data_type="HALF")),
    ],
)
def test_configurations_that_crossbars_cannot_have_are_refused(config) -> None:
    with pytest.raises(UnsupportedOperationError):
        AnalogLinear(3, 2, rpu_config=config)


def test_the_configuration_of_a_layer_is_its_for_life() -> None:
    matrix = AnalogMatrix((2, 3), exact())
    with pytest.raises(AttributeError):
        matrix.config = noisy()
    with pytest.raises(ConfigError, match="RPUConfig"):
        AnalogMatrix((2, 3), ConstantStepDevice())
