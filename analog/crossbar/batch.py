"""The vectors of an update as cells take them: arrays, or what makes them portion by portion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from analog.cell import Storage, Vectors
from analog.cell.vectors import portions
from analog.crossbar.operands import Rows, require_finite, take_rows
from tensorlayer.errors import ShapeError

__all__ = ["take_batch"]


@dataclass(frozen=True)
class Taken(Vectors):
    """Vectors that are taken into the memory of a crossbar when they are needed; all finite.

    Parameters
    ----------
    vectors : Vectors
        Which.
    storage : Storage
        Of the crossbar.
    name : str
        What they are called in messages.
    """

    vectors: Vectors
    storage: Storage
    name: str

    @property
    def shape(self) -> tuple[int, int]:
        """(batch, elements of a vector)."""
        return self.vectors.shape

    def __getitem__(self, some: slice) -> Any:
        """Consecutive rows."""
        return take_rows(self.vectors[some], self.shape[1], self.storage, self.name, check=False).array


def take_batch(value: Any, extent: int, storage: Storage, name: str) -> Rows:
    """As `take_rows`; `Vectors` stay what they are.

    Raises
    ------
    ShapeError, DtypeError, NotFiniteError, ConversionError
        As `take_rows`.
    """
    if not isinstance(value, Vectors):
        return take_rows(value, extent, storage, name)
    batch, elements = value.shape
    if elements != extent:
        raise ShapeError(f"{name} is {[batch, elements]}: its last axis must have {extent} elements")
    taken = Taken(value, storage, name)
    for some in portions(batch, (1, extent)):
        require_finite(taken[some], name)
    return Rows(taken, (batch,))
