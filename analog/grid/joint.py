"""Exact crossbars whose weights lie side by side, so that together they are the matrix."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from analog.cell import Storage
from analog.crossbar import Crossbar
from analog.grid.blocks import Block

__all__ = ["Joint"]


class Joint:
    """One array for the weights of all crossbars of a grid.

    Parameters
    ----------
    shape : tuple of int
        (outputs, inputs) of the grid.
    parts : iterable of (Crossbar, tuple of slice)
        Crossbars that are exact, with their places; each keeps its weights in a part of the array from now on.
    storage : Storage
        Makes the array.

    Attributes
    ----------
    matrix : array
        The weights of the grid: who writes to it writes to the crossbars.
    """

    def __init__(self, shape: tuple[int, int], parts: Iterable[tuple[Crossbar, Block]], storage: Storage) -> None:
        self.matrix = storage.empty(shape)
        self._parts: list[Any] = []
        for crossbar, block in parts:
            self._parts.append(self.matrix[block])
            crossbar.keep_in_(self._parts[-1])

    def is_of(self, crossbars: Iterable[Crossbar]) -> bool:
        """Whether these still keep their weights there: one that was loaded or replaced does not."""
        return all(crossbar.exact_target() is part for crossbar, part in zip(crossbars, self._parts, strict=True))
