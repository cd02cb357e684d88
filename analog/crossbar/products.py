"""Vectors through the arrays of a crossbar, in one direction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from analog.cell import Cell, CellState, Site
from analog.mvm import Periphery
from analog.parameters import IOParameters

__all__ = ["Direction", "at_step", "counted"]

#: Where the peripheries of further arrays draw: the last children of the root, which no cell of several arrays has.
LAST_CHILD = 15


@dataclass(frozen=True)
class Direction:
    """The peripheries of the arrays of a cell, in one direction.

    Parameters
    ----------
    cell : Cell
        Whose arrays they are.
    io : IOParameters
        What the peripheries do.
    transposed : bool
        Whether vectors enter at the outputs.
    """

    cell: Cell
    io: IOParameters
    transposed: bool

    def create(self, site: Site) -> CellState:
        """A new state: one for each array, by its name."""
        periphery = self._periphery()
        return CellState(cells={name: periphery.create(place) for name, place in self._sites(site).items()})

    def product(self, state: CellState, of_cell: CellState, site: Site, x: Any) -> Any:
        """The rows of `x` through the crossbar; counts them in the state."""
        periphery, sites = self._periphery(), self._sites(site)

        def multiply(name: str, weights: Any, vectors: Any) -> Any:
            return periphery.product(state.cells[name], sites[name], weights, vectors)

        return self.cell.product(of_cell, site, multiply, x, self.transposed)

    def _periphery(self) -> Periphery:
        return Periphery(self.io, transposed=self.transposed)

    def _sites(self, site: Site) -> dict[str, Site]:
        first, *others = self.cell.arrays(site).items()
        sites = {first[0]: replace(site, shape=first[1])}
        return sites | {name: site.child(LAST_CHILD - i, shape) for i, (name, shape) in enumerate(others)}


def at_step(state: CellState, step: int) -> CellState:
    """The same state with the vectors counted from `step`; its arrays are shared."""
    cells = {name: at_step(cell, step) for name, cell in state.cells.items()}
    numbers = state.numbers | ({"vectors": step} if "vectors" in state.numbers else {})
    return CellState(dict(state.arrays), numbers, cells)


def counted(state: CellState) -> int:
    """How many vectors went through a direction."""
    first, *_ = state.cells.values()
    return int(first.numbers["vectors"])
