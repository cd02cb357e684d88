"""Vectors through the arrays of a crossbar, in one direction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from analog.cell import Cell, CellState, Site
from analog.mvm import Periphery
from analog.parameters import IOParameters

__all__ = ["Direction", "at_step", "count", "counted"]

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
    site : Site
        Where the cell is.
    transposed : bool
        Whether vectors enter at the outputs.
    """

    cell: Cell
    io: IOParameters
    site: Site
    transposed: bool

    def create(self) -> CellState:
        """A new state: one for each array, by its name."""
        return CellState(cells={name: self._periphery.create(place) for name, place in self._sites.items()})

    def product(self, state: CellState, of_cell: CellState, x: Any) -> Any:
        """The rows of `x` through the crossbar; counts them in the state."""

        def multiply(name: str, weights: Any, vectors: Any) -> Any:
            return self._periphery.product(state.cells[name], self._sites[name], weights, vectors)

        return self.cell.product(of_cell, self.site, multiply, x, self.transposed)

    @cached_property
    def is_exact(self) -> bool:
        """Whether a product is one with the weights of the cell, and nothing else."""
        return self._periphery.is_exact and type(self.cell).product is Cell.product

    @cached_property
    def _periphery(self) -> Periphery:
        return Periphery(self.io, transposed=self.transposed)

    @cached_property
    def _sites(self) -> dict[str, Site]:
        first, *others = self.cell.arrays(self.site).items()
        sites = {first[0]: replace(self.site, shape=first[1])}
        return sites | {name: self.site.child(LAST_CHILD - i, shape) for i, (name, shape) in enumerate(others)}


def at_step(state: CellState, step: int) -> CellState:
    """The same state with the vectors counted from `step`; its arrays are shared."""
    cells = {name: at_step(cell, step) for name, cell in state.cells.items()}
    numbers = state.numbers | ({"vectors": step} if "vectors" in state.numbers else {})
    return CellState(dict(state.arrays), numbers, cells)


def count(state: CellState, vectors: int) -> None:
    """Count vectors that went through the only array of a direction."""
    (periphery,) = state.cells.values()
    periphery.numbers["vectors"] += vectors


def counted(state: CellState) -> int:
    """How many vectors went through a direction."""
    first, *_ = state.cells.values()
    return int(first.numbers["vectors"])
