"""Vectors that nobody holds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from analog.cell import Vectors

__all__ = ["Lazy"]


@dataclass(frozen=True)
class Lazy(Vectors):
    """Rows of an array, copied when they are asked for; `asked` is how many were asked for, each time."""

    array: np.ndarray
    asked: list[int] = field(default_factory=list)

    @property
    def shape(self) -> tuple[int, int]:
        return self.array.shape

    def __getitem__(self, some: slice) -> np.ndarray:
        rows = self.array[some].copy()
        self.asked.append(len(rows))
        return rows
