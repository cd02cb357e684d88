"""What the parts of a crossbar's face share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Self

from analog.cell import Cell, CellState, Site, Storage, read_only

__all__ = ["Face"]


class Face(ABC):
    """A configuration's cell, its state, and where both are."""

    _cell: Cell
    _site: Site
    _state: CellState

    @property
    def shape(self) -> tuple[int, int]:
        """(outputs, inputs)."""
        return self._site.shape

    @property
    def storage(self) -> Storage:
        """The memory of its arrays."""
        return self._site.storage

    @property
    def weights(self) -> Any:
        """The present weights, (outputs, inputs), float32: a copy, in an array of the allocator's library.

        To write to it would change nothing, so NumPy refuses that: `set_weights` writes, and ``weights.copy()`` is one
        to work with.
        """
        return self._copies({"weights": self._cell.weights(*self._place())})["weights"]

    @staticmethod
    def _copies(arrays: Mapping[str, Any]) -> dict[str, Any]:
        """Arrays to be handed out."""
        return {name: read_only(array) for name, array in CellState(dict(arrays)).copy().arrays.items()}

    @abstractmethod
    def copy(self) -> Self:
        """An independent copy."""

    def _place(self) -> tuple[CellState, Site]:
        """State and site of the cell."""
        return self._state.cells["cell"], self._site

    def _become(self, state: CellState) -> None:
        """Take another state, also for those who look at the present one."""
        self._state.cells |= state.cells
