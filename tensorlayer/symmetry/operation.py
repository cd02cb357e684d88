"""Symmetry operations: a permutation of modes, a sign, and whether the values are conjugated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from tensorlayer.errors import LayoutError
from tensorlayer.symmetry.permutation import Permutation

__all__ = ["Operation"]


@final
@dataclass(frozen=True, slots=True)
class Operation:
    """One equality between the elements of a tensor.

    It says ``T[x] == sign * T[permutation.apply(x)]`` for every index ``x``, with the right side
    conjugated where `conjugate` is set.

    Parameters
    ----------
    permutation : Permutation
        What happens to the index.
    sign : {1, -1}, optional
        What happens to the value.
    conjugate : bool, optional
        Whether the value is conjugated as well.

    Raises
    ------
    LayoutError
        If `sign` is neither 1 nor -1.

    Examples
    --------
    >>> import numpy as np
    >>> swap = Operation(Permutation((1, 0)), sign=-1)
    >>> swap.transform(np.array([[0, 1], [-1, 0]]))
    array([[ 0,  1],
           [-1,  0]])
    """

    permutation: Permutation
    sign: int = 1
    conjugate: bool = False

    def __post_init__(self) -> None:
        if self.sign not in (1, -1):
            raise LayoutError(f"the sign of a symmetry operation is 1 or -1, got {self.sign!r}")

    @property
    def rank(self) -> int:
        """Number of modes."""
        return self.permutation.rank

    @property
    def is_zero(self) -> bool:
        """Whether it says that every element is its own negative."""
        return self.sign < 0 and not self.conjugate and self.permutation.is_identity

    def compose(self, first: Operation) -> Operation:
        """The equality that follows from `first`, then this one."""
        permutation = self.permutation.compose(first.permutation)
        return Operation(permutation, self.sign * first.sign, self.conjugate != first.conjugate)

    def transform(self, array: NDArray[Any]) -> NDArray[Any]:
        """The array as the equality says it is; unchanged where the array has the symmetry.

        Applied to the block of elements at ``permutation.apply(b)`` of a grid of blocks it gives the
        block at ``b``. A view where sign and conjugation allow it.
        """
        moved = np.transpose(array, self.permutation.images)
        if self.conjugate:
            moved = np.conjugate(moved)
        return moved if self.sign > 0 else np.negative(moved)
