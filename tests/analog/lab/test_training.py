"""Curves of training, drawn."""

from __future__ import annotations

import numpy as np
import pytest

from analog.errors import CurveError
from analog.lab import plot_responses, plot_training
from analog.presets import CapacitorPresetDevice


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
    with pytest.raises(CurveError, match="nothing to draw"):
        plot_responses({})


def test_many_devices_fit_into_one_picture() -> None:
    figure = plot_responses({str(i): CapacitorPresetDevice() for i in range(5)}, pulses=3, cycles=1, devices=2)
    assert [axes.get_title() for axes in figure.axes] == ["0", "1", "2", "3", "4"]
    assert {len(axes.lines) for axes in figure.axes} == {2 + 1}
    # At rest, three pulses up, three down.
    assert len(figure.axes[0].lines[0].get_ydata()) == 7
    assert figure.axes[0].lines[-1].get_ydata()[3] == pytest.approx(0.015, rel=0.6)
