"""Seeds for the matrices of one layer."""

from __future__ import annotations

import numpy as np

__all__ = ["seeds"]


def seeds(seed: int | None, count: int) -> list[int | None]:
    """One seed for each of several matrices, which then draw independently; a single matrix takes the seed itself.

    Parameters
    ----------
    seed : int or None
        Of the layer; without one there are none, and every matrix draws its own from torch's generator.
    count : int
        How many matrices.

    Examples
    --------
    >>> seeds(7, 1), seeds(None, 2)
    ([7], [None, None])
    >>> seeds(7, 3) == seeds(7, 3), len(set(seeds(7, 3)))
    (True, 3)
    """
    if seed is None or count == 1:
        return [seed] * count
    return [int(number) for number in np.random.SeedSequence(seed).generate_state(count)]
