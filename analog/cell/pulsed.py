"""Cells that pulses change."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from analog.cell.cell import Cell
from analog.cell.site import Site
from analog.cell.state import CellState

__all__ = ["PulsedCell"]


class PulsedCell(Cell):
    """A cell that pulses change, whoever makes them: its crosspoints do not depend on one another.

    Beside `update`, which makes its own pulses, such a cell can share pulses with others and be written line by line.
    """

    @property
    def separable(self) -> bool:
        """Whether each line may go through a batch by itself: nothing that is drawn or counted is common to several."""
        return True

    @abstractmethod
    def apply(self, state: CellState, site: Site, pulses: Any) -> None:
        """Go through pulses that were made beforehand (see `analog.pulses`).

        Parameters
        ----------
        pulses : Trains or Counts
            Pulses of all crosspoints, vector pair after vector pair.
        """

    @abstractmethod
    def write(
        self,
        state: CellState,
        site: Site,
        counts: Any,
        rows: Sequence[int] | None = None,
        columns: Sequence[int] | None = None,
    ) -> None:
        """Exactly these pulses, without chance.

        Parameters
        ----------
        counts : array of int32, (rows, columns)
            Negative ones decrease the weight.
        rows, columns : sequence of int, optional
            Which lines of the array the counts are for, without repetition; all when left out.
        """
