"""Elements made on demand that are kept for the next time, within a number of bytes."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Iterator
from threading import Lock
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from tensorlayer.buffer.generator import Generator, shape_of_region
from tensorlayer.buffer.region import Region
from tensorlayer.layout import PhysicalLayout
from tensorlayer.shape import Nested
from tensorlayer.shape.tiling import Tiling, boundaries

__all__ = ["Cached"]

Bounds = tuple[int, int, int]


@final
class Cached(Generator):
    """A generator that keeps what it made, block by block of a tiling.

    Parameters
    ----------
    generator : Generator
        Makes the elements.
    layout : PhysicalLayout
        Its tiling says what is kept together; without one, whatever was asked for.
    limit : int
        Bytes that may be kept; the least recently used go first.

    Notes
    -----
    Nothing is made that was not asked for: a part of a block is kept as that part.
    """

    __slots__ = ("_kept", "_lock", "_nbytes", "generator", "limit", "tiling")

    def __init__(self, generator: Generator, layout: PhysicalLayout, limit: int) -> None:
        self.generator = generator
        self.tiling = layout.tiling or Nested.from_tiling(layout.extents, [[n] for n in layout.extents])
        self.limit = limit
        self._kept: OrderedDict[Region, NDArray[Any]] = OrderedDict()
        self._nbytes = 0
        self._lock = Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        # What is kept stays behind: it can be made again.
        return Cached, (self.generator, PhysicalLayout(self.tiling, np.int8, tiling=self.tiling), self.limit)

    @property
    def nbytes(self) -> int:
        """Bytes that are kept now."""
        return self._nbytes

    def generate(self, region: Region) -> NDArray[Any]:
        """The elements of a region, from what is kept as far as it goes."""
        modes = [list(_cut(bounds, tiling)) for bounds, tiling in zip(region, self.tiling.tilings, strict=True)]
        pieces = [tuple(zip(*chosen, strict=True)) or ((), (), ()) for chosen in itertools.product(*modes)]
        parts = [(at, self._part(tile, read)) for at, tile, read in pieces]
        if len(parts) == 1:
            return parts[0][1]
        whole = np.empty(shape_of_region(region), np.result_type(*(part for _, part in parts)) if parts else None)
        for at, part in parts:
            whole[at] = part
        return whole

    def _part(self, tile: Region, read: Region) -> NDArray[Any]:
        """What is read of a tile: from the whole tile, or that very part, if it is kept."""
        with self._lock:
            for region in (tile, read):
                if region in self._kept:
                    self._kept.move_to_end(region)
                    inside = tuple(slice(r[0] - t[0], r[1] - t[0], r[2]) for r, t in zip(read, tile, strict=True))
                    return self._kept[region][inside] if region == tile else self._kept[region]
        made = np.array(self.generator.generate(read))
        made.flags.writeable = False
        self._keep(read, made)
        return made

    def _keep(self, region: Region, made: NDArray[Any]) -> None:
        with self._lock:
            if made.nbytes > self.limit or region in self._kept:
                return
            self._kept[region] = made
            self._nbytes += made.nbytes
            while self._nbytes > self.limit:
                self._nbytes -= self._kept.popitem(last=False)[1].nbytes


def _cut(bounds: Bounds, tiling: Tiling) -> Iterator[tuple[slice, Bounds, Bounds]]:
    """For every tile that a range meets: the place in the range, the tile, and what is read of it."""
    start, stop, step = bounds
    count = len(range(start, stop, step))
    for first, last in itertools.pairwise(boundaries(tiling)):
        low, high = (min(max(-((start - edge) // step), 0), count) for edge in (first, last))
        if low < high:
            read = (start + low * step, start + (high - 1) * step + 1, step if high - low > 1 else 1)
            yield slice(low, high), (first, last, 1), read
