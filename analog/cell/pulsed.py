"""Cells that pulses change."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from analog.cell.cell import Cell
from analog.cell.site import Site
from analog.cell.state import CellState

__all__ = ["PulsedCell"]


class PulsedCell(Cell):
    """A cell that pulses change, whoever makes them: its crosspoints do not depend on one another.

    Beside `update`, which makes its own pulses, such a cell can share pulses with others and be written line by line.
    """

    @abstractmethod
    def apply(self, state: CellState, site: Site, pulses: Any) -> None:
        """Go through pulses that were made beforehand (see `analog.pulses`).

        Parameters
        ----------
        pulses : Trains or Counts
            Pulses of all crosspoints, vector pair after vector pair.
        """

    @abstractmethod
    def write(self, state: CellState, site: Site, lines: Any, counts: Any, rows: bool = False) -> None:
        """Exactly these pulses at the crosspoints of some columns, or of some rows.

        Parameters
        ----------
        lines : array of int32
            Which columns (or rows), none twice.
        counts : array of float32
            Whole numbers, (lines, crosspoints of a line); negative ones decrease the weight.
        rows : bool, optional
            Whether lines are rows.
        """
