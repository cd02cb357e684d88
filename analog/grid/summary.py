"""A grid of crossbars in words."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from analog.crossbar import Crossbar
from analog.crossbar.summary import as_html

__all__ = ["grid_as_html"]


def grid_as_html(title: str, crossbars: Mapping[tuple[int, int], Crossbar]) -> str:
    """A table for notebooks, with the crossbars where they are in the matrix."""
    rows: dict[int, str] = {}
    for (row, _), crossbar in crossbars.items():
        rows[row] = rows.get(row, "") + f"<td>{as_html(crossbar)}</td>"
    body = "".join(f"<tr>{cells}</tr>" for cells in rows.values())
    return f"<table><caption>{escape(title)}</caption>{body}</table>"
