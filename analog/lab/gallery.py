"""Many devices, or many training rules, in one picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from analog.cell import Cell
from analog.config import RPUConfig
from analog.errors import CurveError
from analog.lab.arguments import as_mapping
from analog.lab.figures import MODEL, UP, new_figure
from analog.lab.learning import learning_response
from analog.lab.response import step_response

__all__ = ["plot_learning", "plot_responses"]

COLUMNS = 4
#: Readings on the way from bound to bound: more than can be told apart in a small panel would only take time.
READINGS = 60
#: What a panel shows: where on the x axis, and the weights there, (points, crosspoints).
Panel = tuple[npt.NDArray[Any], npt.NDArray[np.float32]]


def plot_responses(cells: Mapping[str, Cell], *, cycles: int = 2, devices: int = 6, seed: int = 0) -> Any:
    """Draw how several devices answer pulses that lead from bound to bound, each in a small panel.

    Parameters
    ----------
    cells : mapping of str to Cell
        Devices or compounds by their titles.
    cycles, devices, seed : int, optional
        As for `step_response`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    CurveError
        If there is no cell.
    LibraryNotInstalledError
        If matplotlib is missing.

    Examples
    --------
    >>> from analog.presets import CapacitorPresetDevice, EcRamPresetDevice
    >>> figure = plot_responses({"capacitor": CapacitorPresetDevice(), "ECRAM": EcRamPresetDevice()}, cycles=1)
    >>> [axes.get_title() for axes in figure.axes]
    ['capacitor', 'ECRAM']
    """

    def panel(cell: Any) -> Panel:
        states = math.ceil(getattr(cell, "num_states", READINGS))
        stride = -(-states // READINGS)
        pulses = -(-states // stride)
        curves = step_response(cell, pulses=pulses, cycles=cycles, devices=devices, seed=seed, stride=stride).curves
        return stride * np.arange(len(curves.weights)), curves.weights

    return _grid(cells, panel, "pulse")


def plot_learning(configs: Mapping[str, RPUConfig], *, seed: int = 0, **options: Any) -> Any:
    """Draw how the weights of several configurations follow a gradient that turns, each in a small panel.

    Parameters
    ----------
    configs : mapping of str to RPUConfig
        By their titles.
    seed : int, optional
        Of all draws.
    **options
        As for `learning_response`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    CurveError
        If there is no configuration.
    LibraryNotInstalledError
        If matplotlib is missing.
    """

    def panel(config: Any) -> Panel:
        weights = learning_response(config, seed=seed, **options)
        return np.arange(len(weights)), weights

    return _grid(configs, panel, "batch")


def _grid(shown: Mapping[str, Any], panel: Callable[[Any], Panel], xlabel: str) -> Any:
    """Panels with single weights, faint, and their mean."""
    if not as_mapping("what is drawn", shown):
        raise CurveError("there is nothing to draw: give devices or configurations by their titles")
    columns = min(COLUMNS, len(shown))
    figure, places = new_figure(columns, -(-len(shown) // columns), scale=0.6)
    for axes, (title, thing) in zip(places, shown.items(), strict=False):
        x, weights = panel(thing)
        axes.plot(x, weights, color=UP, alpha=0.35, linewidth=0.6)
        axes.plot(x, weights.mean(axis=1), color=MODEL, linewidth=1.2)
        axes.set_title(title, fontsize="medium")
        axes.tick_params(labelsize="small")
    for axes in places[len(shown) :]:
        axes.remove()
    figure.supxlabel(xlabel, fontsize="medium")
    figure.supylabel("weight", fontsize="medium")
    return figure
