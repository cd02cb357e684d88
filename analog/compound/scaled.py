"""Vectors with factors, which they get when they are needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from analog.cell import Vectors

__all__ = ["Scaled"]


@dataclass(frozen=True)
class Scaled(Vectors):
    """Vectors of a batch, each times a number, or each of their elements times one.

    Parameters
    ----------
    vectors : array or Vectors
        (batch, elements).
    factors : array
        (batch, 1) or (elements,), native float32.
    """

    vectors: Any
    factors: Any

    @property
    def shape(self) -> tuple[int, int]:
        """(batch, elements of a vector)."""
        batch, elements = self.vectors.shape
        return batch, elements

    def __getitem__(self, some: slice) -> Any:
        """Consecutive rows."""
        return self.vectors[some] * (self.factors[some] if self.factors.ndim == 2 else self.factors)
