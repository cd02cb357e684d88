"""Philox4x32-10: four random words of 32 bits as a pure function of an address.

Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. The variant of Random123 and cuRAND.
Functions of numbers in plain Python; kernels call them on every target.
"""

from __future__ import annotations

import numpy as np

__all__ = ["philox", "words"]

Words = tuple[np.uint32, np.uint32, np.uint32, np.uint32]

FIRST_MULTIPLIER = np.uint64(0xD2511F53)
SECOND_MULTIPLIER = np.uint64(0xCD9E8D57)
FIRST_KEY_STEP = np.uint64(0x9E3779B9)
SECOND_KEY_STEP = np.uint64(0xBB67AE85)
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)


def philox(c0: np.uint32, c1: np.uint32, c2: np.uint32, c3: np.uint32, key0: np.uint32, key1: np.uint32) -> Words:
    """Ten rounds on the counter (c0, c1, c2, c3) with the key (key0, key1)."""
    for _ in range(10):
        first = FIRST_MULTIPLIER * np.uint64(c0)
        second = SECOND_MULTIPLIER * np.uint64(c2)
        c0 = np.uint32(np.uint32(second >> HALF) ^ c1 ^ key0)
        c1 = np.uint32(second & LOW)
        c2 = np.uint32(np.uint32(first >> HALF) ^ c3 ^ key1)
        c3 = np.uint32(first & LOW)
        key0 = np.uint32((np.uint64(key0) + FIRST_KEY_STEP) & LOW)
        key1 = np.uint32((np.uint64(key1) + SECOND_KEY_STEP) & LOW)
    return c0, c1, c2, c3


def words(element: int, draw: int, step: int, stream: int, seed: int, tile: int) -> Words:
    """The four words at an address.

    Parameters
    ----------
    element : int
        Which element of an array, below 2**32.
    draw : int
        Which block of four draws for that element, below 2**32.
    step : int
        When: below 2**40, what it counts depends on the stream.
    stream : int
        What is drawn (`Stream`), plus 256 times the number of the cell inside a compound; below 2**24.
    seed, tile : int
        The key, each below 2**32.
    """
    late = np.uint64(step) >> HALF
    return philox(
        np.uint32(element),
        np.uint32(draw),
        np.uint32(np.uint64(step) & LOW),
        np.uint32(np.uint64(stream) | (late << np.uint64(24))),
        np.uint32(seed),
        np.uint32(tile),
    )
