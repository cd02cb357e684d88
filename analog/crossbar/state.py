"""What a crossbar holds, as users see it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from analog.cell import CellState, Storage
from tensorlayer.buffer import Buffer

__all__ = ["State", "flat"]


class State(Mapping[str, Any]):
    """The arrays and counters of a crossbar by name: ``"weights"``, ``"0/weights"``, ``"forward/weights/vectors"``.

    It is no copy: arrays are buffers of the crossbar's allocator, and what is done to the crossbar in place shows.
    Two states are equal if they have the same names and the same bits, wherever they are.

    Parameters
    ----------
    state : CellState
        With the cells ``"cell"``, ``"forward"`` and ``"backward"``.
    storage : Storage
        Where the arrays are.
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, state: CellState, storage: Storage) -> None:
        self._state = state
        self._storage = storage

    def __getitem__(self, name: str) -> Buffer | int | float:
        value = flat(self._state)[name]
        return value if isinstance(value, int | float) else self._storage.buffer(value)

    def __iter__(self) -> Iterator[str]:
        return iter(flat(self._state))

    def __len__(self) -> int:
        return len(flat(self._state))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, State):
            return NotImplemented
        mine, others = self.to_numpy(), other.to_numpy()
        return mine.keys() == others.keys() and all(_same_bits(mine[name], others[name]) for name in mine)

    def to_numpy(self) -> dict[str, Any]:
        """The elements: NumPy arrays, which may share memory with the crossbar, and numbers."""
        read = self._storage.allocator.backend.to_numpy
        return {n: value if isinstance(value, int | float) else read(value) for n, value in flat(self._state).items()}

    def copy(self) -> State:
        """The present state, kept."""
        return State(self._state.copy(), self._storage)

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(value.nbytes for value in flat(self._state).values() if not isinstance(value, int | float))

    def __repr__(self) -> str:
        lines = (f"  {name}: {_shown(value)}" for name, value in flat(self._state).items())
        return "\n".join(("State", *lines))


def flat(state: CellState) -> dict[str, Any]:
    """Arrays and numbers by path; those of the cell without a prefix."""
    paths: dict[str, Any] = {}
    for name, part in state.cells.items():
        paths |= part.items("" if name == "cell" else f"{name}/")
    return paths


def _same_bits(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if not isinstance(one, np.ndarray):
        return bool(one == other or (math.isnan(one) and math.isnan(other)))
    return bool(one.shape == other.shape and one.dtype == other.dtype and one.tobytes() == other.tobytes())


def _shown(value: Any) -> str:
    return repr(value) if isinstance(value, int | float) else f"{value.dtype}{list(value.shape)}"
