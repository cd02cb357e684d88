"""Where a cell is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from analog.cell.storage import Storage
from analog.kernels import Target
from analog.random import RandomKey

__all__ = ["Site"]


@dataclass(frozen=True)
class Site:
    """The place of a cell: how many crosspoints it has, in which memory, and by which key it draws.

    Parameters
    ----------
    shape : tuple of int
        (outputs, inputs).
    storage : Storage
        Makes its arrays.
    key : RandomKey
        Its part of the address of every random draw.
    """

    shape: tuple[int, int]
    storage: Storage
    key: RandomKey

    @property
    def target(self) -> Target:
        """Where kernels run."""
        return self.storage.target

    def child(self, number: int, shape: tuple[int, int] | None = None) -> Site:
        """The place of a cell inside this one; of the same shape unless told otherwise."""
        return replace(self, shape=shape or self.shape, key=self.key.child(number))
