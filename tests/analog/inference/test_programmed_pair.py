"""Crossbars that are programmed: statistics of the published formulas, drift, compensation, files."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from analog import Crossbar
from analog.config import (
    ActivationQuantConfig,
    InferenceRPUConfig,
    IOParameters,
    MappingParameter,
    PCMLikeNoiseModel,
    QuantizedTorchInferenceRPUConfig,
)
from analog.errors import ConfigError
from analog.nn import AnalogLinear, convert_to_analog, drift_analog_weights, program_analog_weights
from analog.optim import AnalogSGD
from analog.presets import StandardHWATrainingPreset
from tensorlayer.errors import UnsupportedOperationError

PERFECT = IOParameters(is_perfect=True)
SIZE = 200


def programmed(weight: float, duration: float, **model: float) -> Crossbar:
    """All weights are `weight` but one, which is 1 and so has the largest conductance."""
    config = InferenceRPUConfig(forward=PERFECT, noise_model=PCMLikeNoiseModel(**model), drift_compensation=None)
    weights = np.full((SIZE, SIZE), weight)
    weights[0, 0] = 1.0
    return Crossbar((SIZE, SIZE), config, seed=3).set_weights(weights).drift_weights_(duration)


def moments(tile: Crossbar) -> tuple[float, float]:
    weights = np.asarray(tile.weights, np.float64).ravel()[1:]
    return float(weights.mean()), float(weights.std())


@pytest.mark.parametrize("weight", [0.4, -0.9])
def test_programming_has_the_published_spread(weight: float) -> None:
    """Four standard errors; the device of the other side is half of a normal distribution around zero."""
    tile = programmed(weight, 0.0, read_noise_scale=0, drift_scale=0)
    share = abs(weight)
    deviation = (0.26348 + 1.9650 * share - 1.1731 * share**2) / 25
    idle = 0.26348 / 25  # of the device that is to be zero: |N| cut at zero has mean s / sqrt(2 pi)
    variance = deviation**2 + idle**2 * (1 / 2 - 1 / (2 * math.pi))
    mean, std = moments(tile)
    assert mean == pytest.approx(weight - math.copysign(idle / math.sqrt(2 * math.pi), weight), abs=4 * std / SIZE)
    assert std == pytest.approx(math.sqrt(variance), rel=4 / (SIZE * math.sqrt(2)))


def test_programming_is_drift_of_no_time() -> None:
    config = InferenceRPUConfig(forward=PERFECT)
    weights = np.random.default_rng(0).uniform(-1, 1, (SIZE, 10))
    tile = Crossbar((SIZE, 10), config, seed=3).set_weights(weights)
    programmed = tile.program_weights()
    assert programmed.state == tile.copy().drift_weights_(0.0).state
    assert 0.01 < (programmed.weights - weights).std() < 0.1
    again = programmed.program_weights()
    np.testing.assert_array_equal(again.hidden_parameters["wanted"], tile.weights)  # noise does not add up
    assert (again.weights != programmed.weights).mean() > 0.9
    other = programmed.drift_weights(1e6).program_weights_(0.5 * weights)
    assert (other.weights - 0.5 * weights).std() < 0.1
    assert other.state["time"] == 0.0


def test_a_model_is_programmed_and_drifts() -> None:
    torch.manual_seed(0)
    model, x = torch.nn.Linear(20, 30), torch.randn(50, 20)
    config = InferenceRPUConfig(forward=PERFECT, mapping=MappingParameter(max_input_size=8, weight_scaling_omega=1.0))
    analog = convert_to_analog(model, config, seed=1).eval()
    with torch.no_grad():
        error = [float((analog(x) - model(x)).std())]
        for change in (program_analog_weights, partial(drift_analog_weights, duration=1e7)):
            change(analog)
            error.append(float((analog(x) - model(x)).std()))
    assert error[0] < 1e-6 < 0.01 < error[1] < error[2] < 0.3


@pytest.mark.parametrize("weight", [0.2, 0.9])
def test_exponents_have_the_published_spread(weight: float) -> None:
    time = 1e6
    tile = programmed(weight, time, prog_noise_scale=0, read_noise_scale=0)
    exponents = -np.log(np.asarray(tile.weights, np.float64).ravel()[1:] / weight) / math.log((time + 20) / 20)
    mean = np.clip(-0.0155 * math.log(weight) + 0.0244, 0.049, 0.1)
    deviation = np.clip(-0.0125 * math.log(weight) - 0.0059, 0.008, 0.045)
    assert exponents.mean() == pytest.approx(mean, abs=4 * deviation / SIZE)
    assert exponents.std() == pytest.approx(deviation, rel=4 / (SIZE * math.sqrt(2)))


def deviation_of_reads(share: float, duration: float) -> float:
    flicker = min(0.0088 / max(share**0.65, 1e-3), 0.2)
    return share * flicker * math.sqrt(math.log((duration + 20 + 250e-9) / (2 * 250e-9)))


@pytest.mark.parametrize(("weight", "duration"), [(0.5, 0.0), (0.5, 3600.0), (0.1, 10.0)])
def test_reads_have_the_published_noise(weight: float, duration: float) -> None:
    tile = programmed(weight, duration, prog_noise_scale=0, drift_scale=0)
    assert moments(tile)[1] == pytest.approx(deviation_of_reads(weight, duration), rel=4 / (SIZE * math.sqrt(2)))


@pytest.mark.parametrize("share", [0.9, 0.01, 1e-6])
def test_noise_of_small_conductances_is_bounded(share: float) -> None:
    model, g = PCMLikeNoiseModel(), np.array([25 * share])
    found = model.read(g, np.zeros(1), 5.0, np.array([0.3]))
    np.testing.assert_allclose(found / 25, share + 0.3 * deviation_of_reads(share, 5.0), rtol=1e-12)
    assert model.read(g, np.zeros(1), 5.0, np.array([-50.0])) == 0
    assert model.programmed(g, np.array([-500.0])) == 0


def test_a_model_of_larger_conductances_scales_its_noise() -> None:
    small, large = PCMLikeNoiseModel(), PCMLikeNoiseModel(g_max=50, prog_noise_scale=0.5)
    np.testing.assert_allclose(
        (large.programmed(np.array([20.0]), 1.0 * np.ones(1)) - 20), small.programmed(np.array([10.0]), np.ones(1)) - 10
    )
    doubled, logarithm = PCMLikeNoiseModel(drift_scale=2).exponents(np.ones(1), np.ones(1)), math.log(1 / 25)
    np.testing.assert_allclose(doubled, 2 * (-0.0155 * logarithm + 0.0244 - 0.0125 * logarithm - 0.0059))
    with pytest.raises(ConfigError, match="prog_coeff is empty"):
        PCMLikeNoiseModel(prog_coeff=())


def test_time_adds_up_and_every_call_reads_anew() -> None:
    quiet = {"read_noise_scale": 0.0}
    once, twice = programmed(0.5, 300.0, **quiet), programmed(0.5, 100.0, **quiet).drift_weights_(200.0)
    np.testing.assert_array_equal(once.weights, twice.weights)
    assert twice.state["time"] == 300.0
    noisy = programmed(0.5, 100.0)
    first = noisy.weights
    second = noisy.drift_weights_(0.0).weights
    assert 0.001 < np.abs(first - second).mean() < 0.1
    np.testing.assert_array_equal(second, noisy.weights)


def test_weights_are_exact_until_they_are_programmed_and_may_be_written_again() -> None:
    tile = programmed(0.5, 1e6)
    fresh = np.random.default_rng(1).uniform(-1, 1, (SIZE, SIZE)).astype(np.float32)
    tile.set_weights(fresh)
    np.testing.assert_array_equal(tile.weights, fresh)
    assert tile.state["time"] == 0
    x = np.eye(SIZE, dtype=np.float32)
    np.testing.assert_allclose(tile.mvm(x).T, fresh, atol=1e-6)
    first = tile.drift_weights(0.0).weights
    second = tile.set_weights(first * 0 + fresh).drift_weights_(0.0).weights
    assert np.abs(first - fresh).max() > 0.05
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(tile.set_weights(fresh).drift_weights_(0.0).weights, second), "programmed anew"


def test_one_exponent_for_all_is_compensated_exactly() -> None:
    """Exponents of 0.1 without spread: 1000 seconds after programming, the factor is (1020 / 20) ** 0.1."""
    model = PCMLikeNoiseModel(prog_noise_scale=0, read_noise_scale=0)
    config = InferenceRPUConfig(forward=PERFECT, noise_model=model)
    weights = np.array([[0.5, -1.0], [1.0, -0.25]], np.float32)
    tile = Crossbar((2, 2), config, seed=1).set_weights(weights).drift_weights_(0.0)
    for side in tile._state.cells["cell"].cells.values():
        side.arrays["exponents"][...] = 0.1
    tile.drift_weights_(1000.0)
    assert tile.state["compensation"] == pytest.approx(1.48169, abs=1e-5)
    np.testing.assert_allclose(tile.weights, weights / 1.48169, rtol=1e-5)
    np.testing.assert_allclose(tile.mvm(np.eye(2)).T, weights, rtol=1e-5)
    np.testing.assert_allclose(tile.mvm_transposed(np.eye(2)), weights, rtol=1e-5)


def test_compensation_makes_old_networks_better() -> None:
    rng = np.random.default_rng(5)
    weights, x = rng.normal(0, 0.3, (50, 60)), rng.uniform(-1, 1, (100, 60))
    errors = []
    for compensation in (InferenceRPUConfig().drift_compensation, None):
        config = InferenceRPUConfig(forward=PERFECT, drift_compensation=compensation)
        tile = Crossbar((50, 60), config, seed=1).set_weights(weights).drift_weights_(3.15e7)
        errors.append(np.square(tile.mvm(x) - x @ weights.T).mean())
    assert errors[0] < 0.3 * errors[1]


def test_a_file_in_the_middle_of_a_life_goes_on(tmp_path: Path) -> None:
    tile = programmed(0.5, 100.0)
    tile.save(tmp_path / "tile")
    back = Crossbar.load(tmp_path / "tile")
    assert back.state == tile.state
    assert back.drift_weights_(50.0).state == tile.drift_weights_(50.0).state


def test_weights_of_zero_and_no_model_are_no_trouble() -> None:
    zero = programmed(0.0, 0.0).set_weights(np.zeros((SIZE, SIZE))).drift_weights_(10.0)
    assert np.isfinite(zero.weights).all()
    plain = Crossbar((2, 2), InferenceRPUConfig(forward=PERFECT, noise_model=None)).set_weights(np.eye(2))
    np.testing.assert_array_equal(plain.drift_weights_(1e9).weights, np.eye(2))


def test_updates_are_refused_and_change_nothing() -> None:
    layer = AnalogLinear(3, 2, rpu_config=StandardHWATrainingPreset(), seed=1)
    before = layer.matrix.grid.weights.copy()
    layer(torch.ones(4, 3)).sum().backward()
    with pytest.raises(UnsupportedOperationError, match="programmed, not trained: train with another configuration"):
        AnalogSGD(layer.parameters(), lr=0.1).step()
    np.testing.assert_array_equal(layer.matrix.grid.weights, before)
    with pytest.raises(ConfigError, match="no field 'update'"):
        InferenceRPUConfig(update=None)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (QuantizedTorchInferenceRPUConfig(act_quant_config=ActivationQuantConfig(n_bits=8)), "do it behind the layer"),
    ],
)
def test_what_is_not_simulated_is_refused(config: InferenceRPUConfig, message: str) -> None:
    with pytest.raises(UnsupportedOperationError, match=message):
        Crossbar((2, 2), config)


def test_models_age() -> None:
    """Errors grow with time, by every layer; the model that was converted stays as it is."""
    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Linear(20, 30), torch.nn.Tanh(), torch.nn.Linear(30, 5))
    analog, x = convert_to_analog(model, StandardHWATrainingPreset(), seed=1).eval(), torch.randn(200, 20)
    with torch.no_grad():
        wanted, errors = model(x), []
        for duration in (0.0, 86400.0, 3e8):
            drift_analog_weights(analog, duration)
            errors.append(float((analog(x) - wanted).square().mean()))
    assert errors == sorted(errors)
    assert errors[0] < 0.1 * float(wanted.var())
