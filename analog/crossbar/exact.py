"""What is exact about a crossbar: whoever has a faster way to the same numbers may take it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from analog.crossbar.parts import Face
from analog.crossbar.products import Direction, count

__all__ = ["Exactness"]


class Exactness(Face):
    """Products that are products of matrices, and updates that are sums."""

    _forward: Direction
    _backward: Direction

    @cached_property
    def is_exact(self) -> bool:
        """Whether products of both directions and updates are exact: a matrix of numbers."""
        return self._forward.is_exact and self._backward.is_exact and self._cell.adds_exactly

    def exact_weights(self, *, transposed: bool = False) -> Any | None:
        """What a product of that direction multiplies with, if it does nothing else: to be read, not a copy.

        Who multiplies with it instead says so to `count_`.

        Returns
        -------
        array or None
            (outputs, inputs), also when transposed; None if anything about the product is analog.
        """
        direction = self._backward if transposed else self._forward
        return self._cell.weights(*self._place()) if direction.is_exact else None

    def count_(self, vectors: int, *, transposed: bool = False) -> None:
        """Count vectors that were multiplied with `exact_weights`, as a product counts its own."""
        count(self._state.cells["backward" if transposed else "forward"], vectors)

    def exact_target(self) -> Any | None:
        """What an update adds ``-lr * d.T @ x`` to, if it does nothing else: to be written, not a copy.

        Returns
        -------
        array or None
            (outputs, inputs); None if devices take pulses.
        """
        return self._cell.weights(*self._place()) if self._cell.adds_exactly else None

    def keep_in_(self, memory: Any) -> None:
        """Keep the weights elsewhere from now on, as side by side with those of others.

        Parameters
        ----------
        memory : array
            (outputs, inputs), float32, of the allocator's library; it may be a part of an array.
        """
        state, site = self._place()
        weights = self._cell.weights(state, site)
        memory[...] = weights
        for name, array in state.arrays.items():
            if array is weights:
                state.arrays[name] = memory
