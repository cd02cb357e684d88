"""What a cell holds besides its parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

__all__ = ["CellState"]


@dataclass(slots=True)
class CellState:
    """The arrays and counters of a cell and of the cells inside it.

    Transitions change a state in place; whoever wants the old one too copies it first.

    Attributes
    ----------
    arrays : dict of str to array
        Native arrays, by name.
    numbers : dict of str to int or float
        Counters and running values.
    cells : dict of str to CellState
        The states of the cells inside, by name.
    """

    arrays: dict[str, Any] = field(default_factory=dict)
    numbers: dict[str, int | float] = field(default_factory=dict)
    cells: dict[str, CellState] = field(default_factory=dict)

    def copy(self) -> CellState:
        """An independent copy."""
        return self.map(lambda array: array.copy() if hasattr(array, "copy") else array.clone())

    def map(self, function: Callable[[Any], Any]) -> CellState:
        """The state with `function` of every array."""
        return CellState(
            {name: function(array) for name, array in self.arrays.items()},
            dict(self.numbers),
            {name: cell.map(function) for name, cell in self.cells.items()},
        )

    def items(self, prefix: str = "") -> Iterator[tuple[str, Any]]:
        """Arrays and numbers with their paths: ``"weights"``, ``"fast/weights"``."""
        for name, value in (*self.arrays.items(), *self.numbers.items()):
            yield prefix + name, value
        for name, cell in self.cells.items():
            yield from cell.items(f"{prefix}{name}/")
