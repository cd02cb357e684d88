"""Moving the bits of a word that a mask selects next to each other, at its low end.

Warren, "Hacker's Delight", 2nd edition, section 7-4: the moves depend on the mask only, so that many words follow them.
"""

from __future__ import annotations

import numpy as np

__all__ = ["squeeze", "squeezing"]

Moves = tuple[np.uint32, np.uint32, np.uint32, np.uint32, np.uint32, np.uint32]


def squeezing(mask: np.uint32) -> Moves:
    """The mask, and the bits that move by 1, 2, 4, 8 and 16 places."""
    rest, gaps = mask, np.uint32(~mask << np.uint32(1))
    one, rest, gaps = _moving(rest, gaps, np.uint32(1))
    two, rest, gaps = _moving(rest, gaps, np.uint32(2))
    four, rest, gaps = _moving(rest, gaps, np.uint32(4))
    eight, rest, gaps = _moving(rest, gaps, np.uint32(8))
    sixteen, rest, gaps = _moving(rest, gaps, np.uint32(16))
    return mask, one, two, four, eight, sixteen


def _moving(rest: np.uint32, gaps: np.uint32, places: np.uint32) -> tuple[np.uint32, np.uint32, np.uint32]:
    """Which bits of `rest` have an odd number of `gaps` below them; `rest` after the move; every second gap."""
    odd = np.uint32(gaps ^ (gaps << np.uint32(1)))
    odd = np.uint32(odd ^ (odd << np.uint32(2)))
    odd = np.uint32(odd ^ (odd << np.uint32(4)))
    odd = np.uint32(odd ^ (odd << np.uint32(8)))
    odd = np.uint32(odd ^ (odd << np.uint32(16)))
    moving = np.uint32(odd & rest)
    return moving, np.uint32((rest ^ moving) | (moving >> places)), np.uint32(gaps & ~odd)


def squeeze(word: np.uint32, moves: Moves) -> np.uint32:
    """The bits of `word` that the mask of `moves` selects, at the low end, in order.

    Examples
    --------
    >>> int(squeeze(np.uint32(0b1010_0110), squeezing(np.uint32(0b1110_0010))))
    11
    """
    mask, one, two, four, eight, sixteen = moves
    word = np.uint32(word & mask)
    word = _move(word, one, np.uint32(1))
    word = _move(word, two, np.uint32(2))
    word = _move(word, four, np.uint32(4))
    word = _move(word, eight, np.uint32(8))
    return _move(word, sixteen, np.uint32(16))


def _move(word: np.uint32, moving: np.uint32, places: np.uint32) -> np.uint32:
    part = np.uint32(word & moving)
    return np.uint32((word ^ part) | (part >> places))
