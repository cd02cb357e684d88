"""Which worker holds which crossbar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from analog.distributed.part import Place
from tensorlayer.errors import LayoutError
from tensorlayer.shape import Nested

__all__ = ["contiguous", "placed"]


def contiguous(layout: Nested, workers: int) -> dict[Place, int]:
    """Crossbars in order, row by row, with about as many crosspoints for each worker.

    Whole rows of the grid in one worker are summed there, so less has to move.

    Examples
    --------
    >>> contiguous(Nested(((2, 2), (3, 3))), 2)
    {(0, 0): 0, (0, 1): 0, (1, 0): 1, (1, 1): 1}
    """
    places = [(row, column) for (row, column), _ in layout.blocks()]
    sizes = [layout.inner(place).size for place in places]
    middles = [end - size / 2 for end, size in zip(accumulate(sizes), sizes, strict=True)]
    return {place: int(workers * middle / sum(sizes)) for place, middle in zip(places, middles, strict=True)}


def placed(
    layout: Nested, placement: Mapping[Place, int] | None, addresses: Sequence[str]
) -> dict[str, tuple[Place, ...]]:
    """The crossbars of each worker that gets some, by its address.

    Raises
    ------
    LayoutError
        If a crossbar has no worker, or one that is not there.
    """
    chosen = contiguous(layout, len(addresses)) if placement is None else dict(placement)
    expected = {(row, column) for (row, column), _ in layout.blocks()}
    if chosen.keys() != expected:
        wrong = sorted(chosen.keys() ^ expected)
        raise LayoutError(f"placement must name each crossbar of the grid once; it is wrong about {wrong[:5]}")
    if not all(number in range(len(addresses)) for number in chosen.values()):
        raise LayoutError(
            f"placement names the workers {sorted(set(chosen.values()))}: there are {len(addresses)}, counted from 0"
        )
    held: dict[str, tuple[Place, ...]] = {}
    for place in sorted(expected):
        held[addresses[chosen[place]]] = (*held.get(addresses[chosen[place]], ()), place)
    return held
