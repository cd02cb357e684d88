"""Loops over the rows of the same data: every block of rows goes through all of them while it is in the cache."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, final

import numpy as np

from backends.numba.blocks import Blocks, Step
from backends.numba.loop import Bound, CompiledLoop, plain_memory
from backends.numba.memory import empty

__all__ = ["Chain", "Link"]

Array = np.ndarray[Any, Any]

#: Bytes of one block of rows, in all arrays together.
BLOCK = 1 << 19

#: More axes than any nest has.
NEVER = 1 << 16


class Link(NamedTuple):
    """One loop of a chain.

    Attributes
    ----------
    kernel : CompiledLoop
        Computes it.
    reads : tuple of int
        Which arrays: those given to the chain come first, then the results of the links before.
    row : int
        The axis of the loop along the rows.
    wanted : bool
        Whether the result is one of the chain's.
    """

    kernel: CompiledLoop
    reads: tuple[int, ...]
    row: int
    wanted: bool


@final
class Chain:
    """Runs a `Group`; `plain` does where a loop cannot be done by rows, or could not be compiled.

    Parameters
    ----------
    links : sequence of Link
        The loops, in order.
    extent : int
        Number of rows.
    plain : callable
        Computes the same one loop after the other.
    threads : int
        How many threads compute.
    """

    __slots__ = ("_bound", "_extent", "_links", "_plain", "_threads")

    def __init__(self, links: Sequence[Link], extent: int, plain: Callable[..., Any], threads: int) -> None:
        self._links = tuple(links)
        self._extent = extent
        self._plain = plain
        self._threads = threads
        self._bound = lru_cache(maxsize=16)(self._bind)

    @property
    def __name__(self) -> str:
        """What runs, for `tensorlayer.explain`."""
        return f"{len(self._links)} kernels, by blocks of rows"

    def __call__(self, *arrays: Any) -> Any:
        """Native arrays in, the wanted results out: a tuple if there are several."""
        dtypes = {
            place: dtype
            for link in self._links
            for place, dtype in zip(link.reads, link.kernel.loop.dtypes, strict=True)
        }
        given = [plain_memory(array, dtypes[place]) for place, array in enumerate(arrays)]
        bound = self._bound(tuple([array.strides for array in given]))
        results = None if bound is None else self._run(bound, given)
        return self._plain(*arrays) if results is None else results

    def _run(self, blocks: Blocks, given: list[Array]) -> Any:
        outs = [empty(one.bound.parts if not one.row_bytes else (0,), one.bound.stored) for one in blocks.steps]
        far = np.zeros(1, np.int64)
        blocks.run(given, outs, far, self._threads)
        if far[0]:
            return None
        finished = zip(blocks.steps, outs, self._links, strict=True)
        wanted = [one.bound.finished(out) for one, out, link in finished if link.wanted]
        return wanted[0] if len(wanted) == 1 else tuple(wanted)

    # -- for arrays of certain strides ---------------------------------------------------------------------

    def _bind(self, strides: tuple[tuple[int, ...], ...]) -> Blocks | None:
        read = {place for link in self._links for place in link.reads}
        known, row_bytes, step = list(strides), 0, 1
        bounds = []
        for number, link in enumerate(self._links, len(strides)):
            read_strides, fetched = tuple(known[place] for place in link.reads), self._fetched(link, len(strides))
            # Blocks end at whole rows, which begin at whole lines of the cache only if they are an axis of their own.
            bound = link.kernel.bound(read_strides, fetched, NEVER if number in read else 2)
            if bound is None or not _by_rows(bound, link, internal=number in read):
                return None
            bounds.append(bound)
            known.append(_row_major(bound.parts[1:], bound.stored.itemsize))
            row_bytes += link.kernel.row_bytes(link.row)
            if bound.nest.gathered or (bound.nest.folded[0] and max(link.reads) >= len(strides)):
                # Such tiles are fixed; those of a fold may not read rows that are not there yet.
                tile = bound.nest.tiles[0]
                step = math.lcm(step, tile // math.gcd(tile, _unit(bound, link)))
        rows = self._rows(row_bytes, step)
        if rows > self._extent:
            return None
        steps = [
            _step(bound, link, rows, internal=number in read)
            for number, (bound, link) in enumerate(zip(bounds, self._links, strict=True), len(strides))
        ]
        return Blocks(steps, len(strides), rows, self._extent)

    def _fetched(self, link: Link, given: int) -> tuple[int, ...]:
        """Operands that links before this one have read and none reads after it: time for those of the next block."""
        number = self._links.index(link)
        before = {place for other in self._links[:number] for place in other.reads}
        after = {place for other in self._links[number + 1 :] for place in other.reads}
        return tuple(i for i, place in enumerate(link.reads) if place < given and place in before - after)

    def _rows(self, row_bytes: int, step: int) -> int:
        """Rows per block, in steps: as many as the cache holds, but a few blocks for every thread."""
        rows = min(BLOCK // max(row_bytes, 1), -(-self._extent // (4 * self._threads)))
        return max(rows - rows % step, step)


def _step(bound: Bound, link: Link, rows: int, *, internal: bool) -> Step:
    nest = bound.nest
    unit = _unit(bound, link)
    # What fetches does so for the next tile.
    if not nest.folded[0] and (bound.fetches or rows * unit % nest.tiles[0]):
        bound = bound.with_tiles((rows * unit, *nest.tiles[1:]))
    local = internal and not link.wanted and not bound.loop.kind
    return Step(bound, link.reads, unit, math.prod(bound.parts[2:]) * bound.stored.itemsize if local else 0)


def _row_major(shape: Sequence[int], itemsize: int) -> tuple[int, ...]:
    """Strides of an array without gaps."""
    return tuple(itemsize * math.prod(shape[axis + 1 :]) for axis in range(len(shape)))


def _unit(bound: Bound, link: Link) -> int:
    """Elements per row along the outermost merged axis."""
    return math.prod(link.kernel.loop.extents[axis] for axis in bound.nest.groups[0][1:])


def _by_rows(bound: Bound, link: Link, *, internal: bool) -> bool:
    """Whether rows are the outermost axis; what others read must lie as they expect it."""
    outermost = bool(bound.nest.groups) and bound.nest.groups[0][:1] == (link.row,)
    as_read = bound.order is None and bound.parts[0] == 1 and not bound.nest.folded[0] and not bound.rounds
    return outermost and (as_read or not internal)
