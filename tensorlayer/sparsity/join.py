"""Joining tables of coordinates on their shared labels."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tensorlayer.labels import LabelLike

__all__ = ["Table"]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of index values under distinct labels.

    Parameters
    ----------
    labels : tuple of label
        The columns.
    rows : ndarray of int64, shape (n, len(labels))
        The values; no row twice.
    """

    labels: tuple[LabelLike, ...]
    rows: NDArray[np.int64]

    @classmethod
    def from_coordinates(cls, labels: Sequence[LabelLike], rows: NDArray[np.int64]) -> Table:
        """Take the diagonal where a label is repeated."""
        places = {label: place for place, label in reversed(list(enumerate(labels)))}
        for place, label in enumerate(labels):
            rows = rows[rows[:, place] == rows[:, places[label]]]
        distinct = tuple(dict.fromkeys(labels))
        return cls(distinct, rows[:, [places[label] for label in distinct]])

    def project(self, kept: Collection[LabelLike]) -> Table:
        """Drop the columns that are not kept."""
        places = [place for place, label in enumerate(self.labels) if label in kept]
        labels = tuple(self.labels[place] for place in places)
        if not labels:
            return Table((), self.rows[: min(len(self.rows), 1), :0])
        return Table(labels, np.unique(self.rows[:, places], axis=0))

    def join(self, other: Table, extents: Mapping[LabelLike, int]) -> Table:
        """All pairs of rows that agree where the labels do."""
        shared = [label for label in self.labels if label in other.labels]
        mine, theirs = self._keys(shared, extents), other._keys(shared, extents)
        order = np.argsort(theirs, kind="stable")
        first, last = (np.searchsorted(theirs[order], mine, side=side) for side in ("left", "right"))
        counts = last - first
        left = np.repeat(np.arange(len(mine)), counts)
        starts = np.repeat(np.cumsum(counts) - counts, counts)
        right = order[np.repeat(first, counts) + np.arange(len(left)) - starts]
        new = [place for place, label in enumerate(other.labels) if label not in shared]
        labels = (*self.labels, *(other.labels[place] for place in new))
        return Table(labels, np.concatenate([self.rows[left], other.rows[right][:, new]], axis=1))

    def count_join(self, other: Table, extents: Mapping[LabelLike, int]) -> int:
        """Number of rows that `join` would have."""
        shared = [label for label in self.labels if label in other.labels]
        mine, theirs = self._keys(shared, extents), np.sort(other._keys(shared, extents))
        first, last = (np.searchsorted(theirs, mine, side=side) for side in ("left", "right"))
        return int((last - first).sum())

    def column(self, label: LabelLike) -> NDArray[np.int64]:
        """The values under one label."""
        return self.rows[:, self.labels.index(label)]

    def _keys(self, shared: Sequence[LabelLike], extents: Mapping[LabelLike, int]) -> NDArray[np.int64]:
        """One number for the values under the shared labels."""
        keys = np.zeros(len(self.rows), dtype=np.int64)
        for label in shared:
            keys = keys * extents[label] + self.column(label)
        return keys
