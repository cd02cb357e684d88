"""The parts of vectors that the rows or columns of a grid take."""

from __future__ import annotations

from collections.abc import Collection
from itertools import accumulate, pairwise
from typing import Any, final

from analog.distributed.part import Place
from tensorlayer.shape import Nested

__all__ = ["Bands"]


@final
class Bands:
    """Vectors, cut where the rows (0) or columns (1) of a grid are.

    Parameters
    ----------
    layout : Nested
        The grid.
    vectors : array
        (batch, extent).
    axis : int
        What is cut.
    """

    def __init__(self, layout: Nested, vectors: Any, axis: int) -> None:
        self.vectors, self._axis = vectors, axis
        self._ends = list(pairwise(accumulate(layout.layers[0][axis], initial=0)))

    def of(self, places: Collection[Place]) -> dict[int, Any]:
        """What crossbars at these places take, each band once: views."""
        return {place[self._axis]: self.vectors[:, slice(*self._ends[place[self._axis]])] for place in places}
