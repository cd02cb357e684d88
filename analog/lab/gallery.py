"""Many devices in one picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analog.cell import Cell
from analog.errors import CurveError
from analog.lab.figures import MODEL, UP, new_figure
from analog.lab.response import step_response

__all__ = ["plot_responses"]

COLUMNS = 4


def plot_responses(
    cells: Mapping[str, Cell], *, pulses: int | None = None, cycles: int = 2, devices: int = 6, seed: int = 0
) -> Any:
    """Draw how several devices answer single pulses up and down, each in a small panel.

    Parameters
    ----------
    cells : mapping of str to Cell
        Devices or compounds by their titles.
    pulses, cycles, devices, seed : int, optional
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
    >>> figure = plot_responses({"capacitor": CapacitorPresetDevice(), "ECRAM": EcRamPresetDevice()}, pulses=20)
    >>> [axes.get_title() for axes in figure.axes]
    ['capacitor', 'ECRAM']
    """
    if not cells:
        raise CurveError("there is nothing to draw: give devices by their titles")
    columns = min(COLUMNS, len(cells))
    figure, panels = new_figure(columns, -(-len(cells) // columns), scale=0.6)
    for axes, (title, cell) in zip(panels, cells.items(), strict=False):
        weights = step_response(cell, pulses=pulses, cycles=cycles, devices=devices, seed=seed).curves.weights
        axes.plot(weights, color=UP, alpha=0.35, linewidth=0.6)
        axes.plot(weights.mean(axis=1), color=MODEL, linewidth=1.2)
        axes.set_title(title, fontsize="medium")
        axes.tick_params(labelsize="small")
    for axes in panels[len(cells) :]:
        axes.remove()
    figure.supxlabel("pulse", fontsize="medium")
    figure.supylabel("weight", fontsize="medium")
    return figure
