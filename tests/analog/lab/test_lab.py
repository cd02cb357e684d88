"""The device lab: known laws are found again in what is measured of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from analog import Crossbar
from analog.config import (
    ConstantStepDevice,
    IdealDevice,
    LinearStepDevice,
    MappingParameter,
    SingleRPUConfig,
    SoftBoundsDevice,
    TransferCompound,
    VectorUnitCell,
)
from analog.errors import ConfigError, CurveError
from analog.grid import CrossbarGrid
from analog.lab import (
    Curves,
    PulseStatistics,
    fit_device,
    plot_fit,
    plot_response,
    plot_statistics,
    plot_weights,
    pulse_statistics,
    read_curves,
    step_response,
)
from analog.lab.statistics import statistics_of
from tensorlayer.errors import FileAccessError, MissingFileError

QUIET = {"dw_min_std": 0, "dw_min_dtod": 0, "up_down_dtod": 0, "w_max_dtod": 0, "w_min_dtod": 0}


def test_a_response_is_the_law_pulse_by_pulse() -> None:
    curves = step_response(SoftBoundsDevice(dw_min=0.01, **QUIET), pulses=60, devices=2).curves
    w, expected = 0.0, [0.0]
    for direction in curves.directions:
        w += 0.01 * (1 - w / 0.6) if direction > 0 else -0.01 * (1 - w / -0.6)
        expected.append(w)
    np.testing.assert_allclose(curves.weights, np.array(expected)[:, None].repeat(2, 1), atol=2e-6)


@pytest.mark.parametrize(
    "cell",
    [
        VectorUnitCell(unit_cell_devices=[ConstantStepDevice(**QUIET)] * 2),
        TransferCompound(unit_cell_devices=[ConstantStepDevice(**QUIET)] * 2, gamma=1.0),
    ],
)
def test_compounds_have_a_response(cell) -> None:
    curves = step_response(cell, pulses=20, devices=1).curves
    assert np.all(np.diff(curves.weights[:21, 0]) >= 0)
    assert curves.weights[20, 0] > 5 * cell.granularity


def test_statistics_separate_the_noise_of_pulses_from_the_spread_between_devices() -> None:
    device = ConstantStepDevice(**QUIET | {"dw_min_std": 0.5, "dw_min_dtod": 0.2, "w_max": 10, "w_min": -10})
    found = pulse_statistics(device, bins=1, pulses=400, devices=400, seed=1)
    # Five standard errors: of 160,000 steps in each direction, and of 400 devices.
    assert abs(found.mean[0, 0] / 0.001 - 1) < 5 * 0.2 / 20
    assert abs(found.cycle_to_cycle[0, 0] / (0.001 * 0.5) - 1) < 5 / np.sqrt(2 * 160_000) + 0.03
    assert abs(found.device_to_device[0, 0] / (0.001 * 0.2) - 1) < 5 / np.sqrt(2 * 400) + 0.02


def test_statistics_are_those_of_the_steps_one_by_one() -> None:
    """Three devices, two bins, counted by hand; a bound cuts the first device short."""
    weights = np.array(
        [[0.0, 0.0, 0.0], [0.4, 0.2, 0.3], [0.5, 0.5, 0.6], [0.5, 0.9, 0.8], [0.5, 1.0, 1.0], [0.1, 0.6, 0.8]]
    )
    curves = Curves([1, 1, 1, 1, -1], weights)
    np.testing.assert_array_equal(curves.free[:, 0], [True, False, False, False, True])
    found = statistics_of(curves, bins=2)
    low = [[0.4], [0.2, 0.3], [0.3, 0.3]]  # steps up that begin below 0.5, by device
    high = [[0.4, 0.1], [0.2, 0.2]]  # and from 0.5 on
    assert found.counts.tolist() == [[5, 4], [0, 3]]
    for place, devices in enumerate((low, high)):
        steps, means = [step for device in devices for step in device], [np.mean(device) for device in devices]
        residues = [np.square(np.array(device) - np.mean(device)).sum() for device in devices]
        freedom = sum(len(device) - 1 for device in devices)
        np.testing.assert_allclose(found.mean[0, place], np.mean(steps), rtol=1e-5)
        np.testing.assert_allclose(found.cycle_to_cycle[0, place], np.sqrt(np.sum(residues) / freedom), rtol=1e-5)
        np.testing.assert_allclose(found.device_to_device[0, place], np.std(means, ddof=1), rtol=1e-5)
    assert np.isnan(found.mean[1, 0])


def test_symmetry_points_that_are_not_seen_are_not_given() -> None:
    edges, counts = np.linspace(-1, 1, 6), np.full((2, 5), 100)
    spread = np.full((2, 5), 1e-3)

    def point(mean_up: list[float], counts: np.ndarray = counts) -> float:
        return PulseStatistics(edges, counts, np.array([mean_up, [-0.1] * 5]), spread, spread).symmetry_point

    falling = [0.18, 0.14, 0.10, 0.06, 0.02]
    assert point(falling) == pytest.approx(0.0, abs=1e-6)
    assert np.isnan(point([value + 0.3 for value in falling])), "outside"
    assert np.isnan(point([0.1001, 0.1, 0.1, 0.1, 0.0999])), "not clear"
    few = counts.copy()
    few[0, :3] = 1
    assert np.isnan(point(falling, few)), "two bins with a spread"


def test_curves_at_both_bounds_are_cut() -> None:
    free = Curves([1, 1, -1, -1, -1], [[0], [0.5], [0.5], [0.1], [-0.2], [-0.2]]).free[:, 0]
    assert free.tolist() == [False, False, True, False, False]


def test_long_devices_are_measured_for_a_thousand_pulses() -> None:
    assert len(step_response(ConstantStepDevice(dw_min=1e-5), devices=1).curves.directions) == 2000
    assert len(step_response(ConstantStepDevice(dw_min=0.35, w_max=0.5, w_min=-0.5), devices=1).curves.directions) == 6


def test_the_symmetry_point_is_where_the_law_says() -> None:
    # up: u (1 - w / b), down: u (1 + w / c) are equal at w (1 / b + 1 / c) = 0, so with other steps at
    # (u - v) / (u / b + v / c); up_down 0.2 makes v = 0.8 u.
    device = SoftBoundsDevice(dw_min=0.01, up_down=0.2, **QUIET | {"dw_min_std": 0.3})
    expected = 0.2 / (1 / 0.6 + 0.8 / 0.6)
    found = pulse_statistics(device, devices=64, cycles=3).symmetry_point
    assert found == pytest.approx(expected, abs=0.02)
    assert np.isnan(pulse_statistics(ConstantStepDevice(**QUIET), pulses=50, devices=4).symmetry_point)


def test_a_fit_finds_the_parameters_behind_noise() -> None:
    true = LinearStepDevice(
        dw_min=0.01, w_max=0.8, w_min=-0.7, gamma_up=0.6, gamma_down=0.3, gamma_up_dtod=0, gamma_down_dtod=0,
        **QUIET | {"dw_min_std": 0.4, "dw_min_dtod": 0.15},
    )  # fmt: skip
    fields = ("dw_min", "gamma_up", "gamma_down")
    start = LinearStepDevice(w_max=0.8, w_min=-0.7)
    fit = fit_device(start, step_response(true, pulses=60, cycles=4, devices=60, seed=2).curves, fields=fields)
    assert fit.device.dw_min == pytest.approx(0.01, rel=0.08)
    assert fit.device.gamma_up == pytest.approx(0.6, abs=0.08)
    assert fit.device.gamma_down == pytest.approx(0.3, abs=0.08)
    assert fit.device.dw_min_std == pytest.approx(0.4, rel=0.05)
    assert fit.device.dw_min_dtod == pytest.approx(0.15, rel=0.4)
    assert fit.device.w_max_dtod == start.w_max_dtod
    assert fit.config.device is fit.device
    steps = fit.curves.changes[fit.curves.free].astype(np.float64)
    # What the mean law leaves over is its noise: 0.4 of the mean step, whose square is about a share of the variance.
    left = fit.device.dw_min_std**2 / (1 + fit.device.dw_min_std**2)
    assert fit.share == pytest.approx(1 - left * np.square(steps).mean() / steps.var(), abs=0.05)


def test_the_spread_of_two_devices_is_that_of_a_sample() -> None:
    """Two devices with steps of 0.01 and 0.014 fitted together: relative to their mean law, 2 / 12 to both sides."""
    quiet = LinearStepDevice(gamma_up_dtod=0, gamma_down_dtod=0, **QUIET)
    slow, fast = (step_response(quiet.replace(dw_min=size), pulses=30, devices=1).curves for size in (0.010, 0.014))
    both = Curves(slow.directions, np.hstack([slow.weights, fast.weights]))
    fit = fit_device(quiet, both, fields="dw_min")
    scales = np.array([0.010, 0.014]) / fit.device.dw_min
    assert fit.device.dw_min_dtod == pytest.approx(scales.std(ddof=1), rel=1e-3)
    assert fit_device(quiet, slow, fields="dw_min").device.dw_min_dtod == 0


def test_curves_go_through_files(tmp_path: Path) -> None:
    curves = step_response(ConstantStepDevice(), pulses=5, devices=3).curves
    curves.write(tmp_path / "curves.csv")
    back = read_curves(tmp_path / "curves.csv")
    np.testing.assert_array_equal(back.weights, curves.weights)
    np.testing.assert_array_equal(back.directions, curves.directions)


def test_conductances_become_weights(tmp_path: Path) -> None:
    file = tmp_path / "measured.csv"
    file.write_text("direction,conductance\n0,2e-6\n1,4e-6\n1,6e-6\n-1,4e-6\n")
    np.testing.assert_allclose(read_curves(file).weights[:, 0], [-1, 0, 1, 0], atol=1e-6)
    by_hand = read_curves(file, conductance_range=(0, 8e-6)).weights[:, 0]
    np.testing.assert_allclose(by_hand, [-0.5, 0, 0.5, 0], atol=1e-6)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pulse,weight\n1,2\n", "'direction' and 'weight'"),
        ("direction,weight\n0,0\n1,abc\n", "line 3: weight is 'abc'"),
        ("direction,weight\n1,0\n1,0.1\n", "before any pulse"),
        ("direction,weight\n0,0\n2,0.1\n", "line 3: direction is 2"),
        ("direction,weight\n0,0\n1,nan\n", "NaN"),
        ("direction,weight\n", "no rows"),
        ("device,direction,weight\na,0,0\na,1,1\nb,0,0\nb,-1,0\n", "other pulses"),
    ],
)
def test_files_that_are_no_curves_are_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(text)
    with pytest.raises(CurveError, match=message):
        read_curves(file)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("direction, weight\n0, 0\n1, 0.5\n", "utf-8"), ("direction,weight\r\n0,0\r\n1,0.5\r\n", "utf-8-sig")],
)
def test_files_of_spreadsheets_are_read(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "curves.csv"
    path.write_bytes(text.encode(encoding))
    np.testing.assert_array_equal(read_curves(path).weights, [[0], [0.5]])


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "curves.csv"
    path.write_bytes("direction,weight".encode("utf-16"))
    with pytest.raises(CurveError, match="UTF-8"):
        read_curves(path)
    with pytest.raises(FileAccessError, match="directory"):
        read_curves(tmp_path)


def test_what_cannot_be_fitted_or_measured_is_refused(tmp_path: Path) -> None:
    two = Curves(np.array([1, -1], np.int8), np.zeros((3, 1), np.float32))
    with pytest.raises(CurveError, match="0 steps between the bounds"):
        fit_device(SoftBoundsDevice(), two)
    with pytest.raises(CurveError, match="no number 'speed'"):
        fit_device(SoftBoundsDevice(), two, fields=["speed"])
    with pytest.raises(MissingFileError, match="no file"):
        fit_device(SoftBoundsDevice(), tmp_path / "nothing.csv")
    with pytest.raises(ConfigError, match="pulses is 0"):
        step_response(ConstantStepDevice(), pulses=0)


CURVES = step_response(SoftBoundsDevice(dw_min=0.05), devices=2).curves


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: step_response(SoftBoundsDevice), r"cell must be of class Cell, not .*: write SoftBoundsDevice\(\)"),
        (lambda: step_response(SingleRPUConfig()), "cell must be of class Cell, not SingleRPUConfig"),
        (lambda: step_response(ConstantStepDevice(), pulses="a"), "pulses is an integer, not 'a'"),
        (lambda: step_response(ConstantStepDevice(), devices=1.5), "devices is an integer, not 1.5"),
        (lambda: step_response(ConstantStepDevice(), start=np.nan), "start is nan"),
        (lambda: pulse_statistics(ConstantStepDevice(), bins=0), "bins is 0: it must be at least 1"),
        (lambda: plot_response(3), "cell must be of class Cell, not int"),
        (lambda: plot_weights(np.zeros((2, 2))), "crossbar must be of class Crossbar, not ndarray"),
        (lambda: plot_fit(CURVES), "fit must be of class DeviceFit, not Curves"),
        (lambda: plot_statistics(CURVES), "statistics must be of class PulseStatistics, not Curves"),
        (lambda: fit_device(IdealDevice(), CURVES), "device must be of class PulsedDevice, not IdealDevice"),
        (lambda: fit_device(SoftBoundsDevice(), None), "path must be a path, not NoneType"),
        (lambda: fit_device(SoftBoundsDevice(), CURVES, fields=3), "fields must be names, not 3"),
        (lambda: fit_device(SoftBoundsDevice(), CURVES, fields=[]), "fields is empty: name what to fit, of corrupt"),
        (lambda: Curves([1, -1], [[0], ["x"], [0]]), "weights are no array of numbers"),
        (lambda: Curves([1, 2], [[0], [1], [0]]), "direction of every pulse is 1 or -1"),
        (lambda: Curves([1], [0, 1]), r"\(2, devices\) are wanted"),
    ],
    ids=range(17),
)
def test_arguments_of_other_kinds_are_refused(act: Callable[[], object], message: str) -> None:
    with pytest.raises((ConfigError, CurveError), match=message):
        act()


@pytest.mark.parametrize("given", [3, "ab", (1,), (1, 1), (0, "a"), (np.nan, 1)])
def test_ranges_of_conductances_that_are_none_are_refused(tmp_path: Path, given: object) -> None:
    file = tmp_path / "measured.csv"
    file.write_text("direction,conductance\n0,2e-6\n1,4e-6\n")
    with pytest.raises(CurveError, match=r"conductance_range is|a range from low to high"):
        read_curves(file, conductance_range=given)


def test_curves_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileAccessError, match="No such file or directory"):
        CURVES.write(tmp_path / "no folder" / "curves.csv")


def test_one_field_may_be_named_alone_or_twice() -> None:
    alone = fit_device(SoftBoundsDevice(), CURVES, fields="dw_min")
    assert alone.fields == ("dw_min",)
    assert fit_device(SoftBoundsDevice(), CURVES, fields=["dw_min", "dw_min"]).device == alone.device


def test_a_fit_is_drawn_from_where_the_measurement_began_and_as_often() -> None:
    measured = step_response(SoftBoundsDevice(dw_min=0.05), pulses=8, cycles=2, devices=2, start=0.3).curves
    lines = plot_fit(fit_device(SoftBoundsDevice(), measured, fields="dw_min")).axes[0].lines
    simulated = [line.get_ydata() for line in lines[2:10]]
    assert {len(line) for line in simulated} == {len(measured.weights)}
    assert np.mean([line[0] for line in simulated]) == pytest.approx(0.3, abs=0.02)


def test_bands_and_bars_are_the_two_spreads() -> None:
    found = pulse_statistics(SoftBoundsDevice(dw_min=0.02), bins=4, devices=16)
    axes = plot_statistics(found).axes[0]
    up_bars, up_band = axes.collections[0], axes.collections[1]
    bars = np.array([np.ptp(segment[:, 1]) / 2 for segment in up_bars.get_segments()])
    np.testing.assert_allclose(bars, found.cycle_to_cycle[0], rtol=1e-6)
    corners = up_band.get_paths()[0].vertices
    for center, between in zip(found.centers, found.device_to_device[0], strict=True):
        assert np.ptp(corners[np.isclose(corners[:, 0], center), 1]) == pytest.approx(2 * between)


def test_mean_steps_of_a_response_are_of_eight_times_as_many_devices() -> None:
    device = SoftBoundsDevice(dw_min=0.05)
    line = plot_response(device, devices=2, seed=4).axes[1].lines[0]
    expected = statistics_of(step_response(device, devices=16, seed=4).curves).mean[0]
    np.testing.assert_allclose(line.get_ydata(), expected)


def test_a_picture_of_a_grid_is_one_of_the_whole_matrix() -> None:
    config = SingleRPUConfig(mapping=MappingParameter(max_input_size=4, max_output_size=3))
    grid = CrossbarGrid((4, 6), config, seed=1)
    assert len(grid.crossbars) == 4
    (image,) = plot_weights(grid).axes[0].images
    np.testing.assert_array_equal(image.get_array(), grid.weights)


def test_pictures_show_what_they_are_given(tmp_path: Path) -> None:
    device = SoftBoundsDevice(dw_min=0.02)
    curves = step_response(device, devices=3).curves
    figures = {
        "response": plot_response(device, devices=2),
        "statistics": plot_statistics(pulse_statistics(device, devices=4)),
        "weights": plot_weights(Crossbar((4, 6), SingleRPUConfig(), seed=1)),
        "fit": plot_fit(fit_device(device, curves)),
    }
    lines = {name: len(figure.axes[0].lines) for name, figure in figures.items()}
    assert lines["response"] == 2 + 1
    assert lines["fit"] == 3 + 8 + 2
    left, right, bar = figures["weights"].axes
    image = left.images[0]
    weights = np.asarray(image.get_array())
    assert weights.shape == (4, 6)
    assert -image.get_clim()[0] == image.get_clim()[1] == np.abs(weights).max()
    assert sum(patch.get_height() for patch in right.patches) == 24
    assert bar.get_ylabel() == "weight"
    axes = figures["statistics"].axes[0]
    assert axes.get_xlabel() == "weight before the pulse"
    heights = axes.collections[-1].get_paths()[0].vertices[:, 1]
    assert np.isfinite(heights).all()
    assert np.ptp(heights) > 0
    for name, figure in figures.items():
        figure.savefig(tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").stat().st_size > 5000
