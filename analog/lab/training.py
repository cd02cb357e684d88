"""Pictures of how networks learn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from analog.errors import CurveError
from analog.lab.arguments import as_mapping
from analog.lab.figures import MODEL, new_figure

__all__ = ["plot_training"]

Array = npt.NDArray[np.float64]


def plot_training(curves: Mapping[str, Mapping[str, npt.ArrayLike]], *, twin: str | None = None) -> Any:
    """Draw quantities such as the loss of several networks, epoch by epoch.

    Parameters
    ----------
    curves : mapping of str to mapping of str to array
        By quantity, then by network: (epochs,), or (runs, epochs), of which the mean is drawn with a band of its
        standard error.
    twin : str, optional
        The network that the others are compared with, drawn dashed and black.

    Returns
    -------
    matplotlib.figure.Figure
        With one panel for each quantity.

    Raises
    ------
    CurveError
        If there is nothing to draw, or an array has another rank.
    ConfigError
        If there is no mapping.
    LibraryNotInstalledError
        If matplotlib is missing.

    Examples
    --------
    >>> figure = plot_training({"loss": {"digital": [1.0, 0.5], "analog": [[1.0, 0.7], [1.1, 0.6]]}}, twin="digital")
    >>> [line.get_label() for line in figure.axes[0].lines]
    ['digital', 'analog']
    """
    panels = _panels(curves)
    if twin is not None and not any(twin in panel for panel in panels.values()):
        raise CurveError(
            f"twin is {twin!r}, of which there is no curve: there are {', '.join(panels[next(iter(panels))])}"
        )
    figure, columns = new_figure(len(panels))
    for axes, (quantity, panel) in zip(columns, panels.items(), strict=True):
        for name, runs in panel.items():
            _draw(axes, name, runs, is_twin=name == twin)
        is_positive = all((runs > 0).all() for runs in panel.values())
        axes.set(xlabel="epoch", ylabel=quantity, yscale="log" if is_positive else "linear")
        axes.grid(alpha=0.3, which="both")
    columns[-1].legend(frameon=False, fontsize="small", loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def _panels(curves: Any) -> dict[str, dict[str, Array]]:
    """The curves by quantity, then by network."""
    panels = {
        quantity: {name: _runs(name, values) for name, values in as_mapping(f"curves[{quantity!r}]", by).items()}
        for quantity, by in as_mapping("curves", curves).items()
    }
    if not all(panels.values()) or not panels:
        raise CurveError("there is nothing to draw: give curves by quantity, then by network")
    return panels


def _runs(name: str, values: npt.ArrayLike) -> Array:
    """As (runs, epochs)."""
    try:
        array = np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise CurveError(f"the curve {name!r} is no array of numbers: {error}") from None
    if array.ndim not in (1, 2) or not array.size:
        raise CurveError(f"the curve {name!r} has the shape {array.shape}: (epochs,) or (runs, epochs) is wanted")
    return np.atleast_2d(array)


def _draw(axes: Any, name: str, runs: Array, *, is_twin: bool) -> None:
    epochs, mean = np.arange(1, runs.shape[1] + 1), runs.mean(axis=0)
    style = {"color": MODEL, "linestyle": "--", "zorder": 3} if is_twin else {}
    (line,) = axes.plot(epochs, mean, marker=".", label=name, **style)
    if len(runs) > 1:
        error = runs.std(axis=0, ddof=1) / np.sqrt(len(runs))
        axes.fill_between(epochs, mean - error, mean + error, color=line.get_color(), alpha=0.2, linewidth=0)
