"""Curves of training, drawn."""

from __future__ import annotations

import numpy as np
import pytest

from analog.config import FloatingPointRPUConfig, SingleRPUConfig, SoftBoundsDevice
from analog.errors import ConfigError, CurveError
from analog.lab import learning_response, plot_learning, plot_responses, plot_training, step_response
from analog.presets import CapacitorPresetDevice
from tensorlayer.errors import ShapeError


def test_curves_and_their_standard_errors_are_drawn() -> None:
    runs = np.array([[1.0, 0.5, 0.2], [1.2, 0.7, 0.4]])
    figure = plot_training({"loss": {"twin": runs[0], "analog": runs}, "gain": {"analog": [-1.0, 1.0]}}, twin="twin")
    loss, gain = figure.axes
    twin, analog = loss.lines
    np.testing.assert_allclose(analog.get_ydata(), runs.mean(axis=0))
    assert (twin.get_linestyle(), analog.get_linestyle()) == ("--", "-")
    (band,) = loss.collections
    corners = band.get_paths()[0].vertices
    # The standard error of two runs is half their distance.
    for epoch, (low, high) in enumerate(runs.T, start=1):
        heights = corners[corners[:, 0] == epoch, 1]
        np.testing.assert_allclose([heights.min(), heights.max()], [low, high])
    assert (loss.get_yscale(), gain.get_yscale()) == ("log", "linear")
    assert loss.get_ylabel() == "loss"


def test_what_is_no_curve_is_refused() -> None:
    with pytest.raises(CurveError, match="nothing to draw"):
        plot_training({})
    with pytest.raises(CurveError, match="nothing to draw"):
        plot_training({"loss": {}})
    with pytest.raises(CurveError, match=r"'analog' has the shape \(\)"):
        plot_training({"loss": {"analog": 1.0}})
    with pytest.raises(CurveError, match="'analog' is no array of numbers"):
        plot_training({"loss": {"analog": [[1.0, 2.0], [1.0]]}})
    with pytest.raises(CurveError, match="twin is 'digital', of which there is no curve: there are analog"):
        plot_training({"loss": {"analog": [1.0]}}, twin="digital")
    with pytest.raises(ConfigError, match=r"curves\['loss'\] must be a mapping"):
        plot_training({"loss": [1.0, 2.0]})
    with pytest.raises(ConfigError, match="what is drawn must be a mapping"):
        plot_responses([CapacitorPresetDevice()])
    with pytest.raises(CurveError, match="nothing to draw"):
        plot_responses({})


def test_many_devices_fit_into_one_picture() -> None:
    figure = plot_responses({str(i): CapacitorPresetDevice() for i in range(5)}, cycles=1, devices=2)
    assert [axes.get_title() for axes in figure.axes] == ["0", "1", "2", "3", "4"]
    assert {len(axes.lines) for axes in figure.axes} == {2 + 1}
    assert tuple(figure.get_size_inches()) == pytest.approx((0.6 * 5.2 * 4, 0.6 * 3.8 * 2))
    (twice,) = plot_responses({"device": CapacitorPresetDevice()}, cycles=2, devices=1).axes
    assert twice.lines[0].get_xdata()[-1] == 4 * 58 * 7
    mean = figure.axes[0].lines[-1]
    # 400 states by 58 readings of seven pulses, up and down; up to the bound.
    assert mean.get_xdata()[-1] == 2 * 58 * 7
    assert mean.get_ydata()[58] == pytest.approx(1.0, abs=0.2)


def test_several_pulses_between_readings_are_as_many_single_ones() -> None:
    device = SoftBoundsDevice(dw_min=0.01, dw_min_std=0)
    single = step_response(device, pulses=12, devices=3, seed=4).curves.weights
    by_four = step_response(device, pulses=3, devices=3, seed=4, stride=4).curves.weights
    np.testing.assert_allclose(by_four, single[::4], atol=2e-6)
    with pytest.raises(ConfigError, match="stride is 0"):
        step_response(device, stride=0)


def test_weights_follow_a_gradient_that_turns() -> None:
    up, down = learning_response(SingleRPUConfig(), batches=3, batch=5, seed=1).mean(axis=1)[[3, 9]]
    # 15 vector pairs at rate 0.1 would be 1.5: the bounds are in between.
    assert 0.4 < up < 0.8
    assert -0.8 < down < -0.4
    figure = plot_learning({"one": SingleRPUConfig(), "exact": FloatingPointRPUConfig()}, batches=1, batch=2)
    assert figure.axes[1].lines[-1].get_ydata() == pytest.approx([0, 0.2, 0, -0.2, 0])
    slow = learning_response(FloatingPointRPUConfig(), shape=(1, 1), batches=1, batch=2, lr=0.05)
    np.testing.assert_allclose(slow[:, 0], [0, 0.1, 0, -0.1, 0], atol=1e-6)
    leaky = SingleRPUConfig(device=SoftBoundsDevice(lifetime=2.0))
    still = learning_response(leaky, shape=(20, 20), batches=1, batch=1, lr=0.001)
    held = learning_response(leaky.replace(**{"device.lifetime": 0.0}), shape=(20, 20), batches=1, batch=1, lr=0.001)
    assert np.abs(still[2:]).mean() < 0.8 * np.abs(held[2:]).mean(), "weights leak after every batch"
    with pytest.raises(CurveError, match="nothing to draw"):
        plot_learning({})
    with pytest.raises(ConfigError, match="batch is 0"):
        learning_response(SingleRPUConfig(), batch=0)
    with pytest.raises(ConfigError, match="config must be of class RPUConfig"):
        learning_response(SoftBoundsDevice())
    with pytest.raises(ShapeError, match="two integers, not 3"):
        learning_response(SingleRPUConfig(), shape=3)
