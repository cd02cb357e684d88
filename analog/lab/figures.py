"""Empty figures of matplotlib, and the colours of the lab."""

from __future__ import annotations

import importlib
from typing import Any

from tensorlayer.errors import LibraryNotInstalledError

__all__ = ["DOWN", "MODEL", "UP", "new_figure"]

UP, DOWN, MODEL = "#1f77b4", "#d62728", "#222222"
#: Inches.
WIDTH, HEIGHT = 5.2, 3.8


def new_figure(columns: int, rows: int = 1, *, scale: float = 1.0) -> tuple[Any, Any]:
    """A figure and its axes, row by row.

    Raises
    ------
    LibraryNotInstalledError
        If matplotlib is missing.
    """
    try:
        module = importlib.import_module("matplotlib.figure")
    except ImportError:
        raise LibraryNotInstalledError("pictures need matplotlib: pip install 'tensorlayer-graph[lab]'") from None
    # Not by pyplot, which keeps every figure alive and opens windows.
    figure = module.Figure(figsize=(scale * WIDTH * columns, scale * HEIGHT * rows), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False).ravel()
