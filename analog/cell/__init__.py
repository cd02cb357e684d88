"""The contract between a crossbar and what sits at its crosspoints."""

from analog.cell.cell import Cell
from analog.cell.pulsed import PulsedCell
from analog.cell.site import Site
from analog.cell.state import CellState
from analog.cell.storage import Storage, read_only
from analog.cell.vectors import Vectors

__all__ = ["Cell", "CellState", "PulsedCell", "Site", "Storage", "Vectors", "read_only"]
