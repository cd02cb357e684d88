"""Pictures that explain devices and crossbars, by matplotlib."""

from __future__ import annotations

from typing import Any

import numpy as np

from analog.cell import Cell
from analog.crossbar import Crossbar
from analog.grid import CrossbarGrid
from analog.lab.arguments import require_instance
from analog.lab.figures import DOWN, MODEL, UP, new_figure
from analog.lab.fit import DeviceFit
from analog.lab.response import step_response
from analog.lab.statistics import PulseStatistics, statistics_of

__all__ = ["plot_fit", "plot_response", "plot_statistics", "plot_weights"]


def plot_response(cell: Cell, *, pulses: int | None = None, cycles: int = 2, devices: int = 8, seed: int = 0) -> Any:
    """Draw how a device answers single pulses: its weight pulse by pulse, and its steps by the weight they find.

    Parameters
    ----------
    cell : Cell
        A device or compound.
    pulses, cycles, devices, seed : int, optional
        As for `step_response`; the steps are averaged over one cycle of eight times as many devices.

    Returns
    -------
    matplotlib.figure.Figure
        Shown by notebooks; elsewhere ``figure.savefig(path)``.

    Raises
    ------
    ConfigError
        As of `step_response`.
    LibraryNotInstalledError
        If matplotlib is missing.
    """
    figure, (left, right) = new_figure(2)
    curves = step_response(cell, pulses=pulses, cycles=cycles, devices=devices, seed=seed).curves
    left.plot(curves.weights, color=UP, alpha=0.35, linewidth=0.8)
    left.plot(curves.weights.mean(axis=1), color=MODEL, linewidth=1.6, label=f"mean of {devices}")
    left.set(xlabel="pulse", ylabel="weight", title=type(cell).__name__)
    left.legend(frameon=False)
    many = step_response(cell, pulses=pulses, devices=8 * devices, seed=seed).curves
    _draw_statistics(right, statistics_of(many))
    return figure


def plot_statistics(statistics: PulseStatistics) -> Any:
    """Draw mean steps with the noise of single pulses (bars) and the spread between devices (bands).

    Parameters
    ----------
    statistics : PulseStatistics
        From `pulse_statistics`, or of measured curves.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ConfigError
        If they are no statistics.
    LibraryNotInstalledError
        If matplotlib is missing.
    """
    require_instance("statistics", statistics, PulseStatistics)
    figure, (axes,) = new_figure(1)
    _draw_statistics(axes, statistics)
    return figure


def plot_weights(crossbar: Crossbar | CrossbarGrid) -> Any:
    """Draw the weights of a crossbar as a map, beside their histogram.

    Parameters
    ----------
    crossbar : Crossbar or CrossbarGrid
        Its weights are read exactly. The grid of a layer is ``layer.matrix.grid``.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ConfigError
        If it is no crossbar.
    LibraryNotInstalledError
        If matplotlib is missing.
    """
    first = crossbar.crossbars[0, 0] if isinstance(crossbar, CrossbarGrid) else crossbar
    require_instance("crossbar", first, Crossbar)
    figure, (left, right) = new_figure(2)
    weights = np.asarray(first.allocator.backend.to_numpy(crossbar.weights))
    largest = float(np.abs(weights).max()) or 1.0
    image = left.imshow(weights, cmap="RdBu_r", vmin=-largest, vmax=largest, aspect="auto", interpolation="nearest")
    left.set(xlabel="input", ylabel="output", title=f"{weights.shape[0]} x {weights.shape[1]}, {first.cell!r}"[:60])
    figure.colorbar(image, ax=left, label="weight")
    right.hist(weights.ravel(), bins=60, color=UP)
    right.axvline(float(weights.mean()), color=MODEL, linewidth=1)
    right.set(xlabel="weight", ylabel="crosspoints", title=f"mean {weights.mean():.3g}, std {weights.std():.3g}")
    return figure


def plot_fit(fit: DeviceFit, *, seed: int = 0) -> Any:
    """Draw measured curves, and devices with the fitted parameters that get the same pulses.

    Parameters
    ----------
    fit : DeviceFit
        From `fit_device`.
    seed : int, optional
        Of the devices and of the noise of their pulses.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ConfigError
        If it is no fit.
    LibraryNotInstalledError
        If matplotlib is missing.
    """
    require_instance("fit", fit, DeviceFit)
    figure, (left, right) = new_figure(2)
    measured = fit.curves
    left.plot(measured.weights, color=UP, alpha=0.4, linewidth=0.8)
    turns = np.flatnonzero(np.diff(measured.directions))
    pulses = int(turns[0]) + 1 if len(turns) else len(measured.directions)
    cycles = max(1, -(-len(measured.directions) // (2 * pulses)))
    start = float(measured.weights[0].mean())
    simulated = step_response(fit.device, pulses=pulses, cycles=cycles, devices=8, start=start, seed=seed).curves
    left.plot(simulated.weights[: len(measured.weights)], color=MODEL, alpha=0.4, linewidth=0.8)
    left.plot([], color=UP, label="measured")
    left.plot([], color=MODEL, label="fitted, with its noise")
    left.legend(frameon=False)
    left.set(xlabel="pulse", ylabel="weight", title=f"{type(fit.device).__name__}, R² of single steps {fit.share:.2f}")
    _draw_statistics(right, statistics_of(measured))
    model = statistics_of(simulated)
    for direction, name in enumerate(("fitted, up", "fitted, down")):
        style = ("-", "--")[direction]
        right.plot(model.centers, model.mean[direction], color=MODEL, linestyle=style, linewidth=1.4, label=name)
    right.legend(frameon=False)
    return figure


def _draw_statistics(axes: Any, statistics: PulseStatistics) -> None:
    for direction, (name, color) in enumerate((("up", UP), ("down", DOWN))):
        mean, between = statistics.mean[direction], statistics.device_to_device[direction]
        axes.errorbar(
            statistics.centers, mean, statistics.cycle_to_cycle[direction],
            color=color, marker=".", linewidth=1, elinewidth=0.6, label=f"{name}, mean and noise of a pulse",
        )  # fmt: skip
        axes.fill_between(statistics.centers, mean - between, mean + between, color=color, alpha=0.15)
    axes.axhline(0, color="gray", linewidth=0.6)
    point = statistics.symmetry_point
    if np.isfinite(point):
        axes.axvline(point, color="gray", linestyle=":", label=f"symmetry point {point:.2g}")
    axes.set(xlabel="weight before the pulse", ylabel="step", title="Single steps; bands: between devices")
    axes.legend(frameon=False)
