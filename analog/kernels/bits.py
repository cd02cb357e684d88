"""Instructions on the bits of a word, for kernels: functions of numbers in plain Python.

`ones` is the only one that plain code cannot say well; `analog.kernels.compile` puts the machine's instruction in its
place. All others are made of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = [
    "bits_of_float32",
    "float32_of_bits",
    "ones",
    "popcount32",
    "popcount64",
    "trailing_zeros32",
    "trailing_zeros64",
]


def ones(word: Any) -> Any:
    """How many bits of an unsigned word are set; a number of the word's type."""
    return type(word)(np.bitwise_count(word))


def bits_of_float32(number: np.float32) -> np.uint32:
    """The word that a float32 is made of."""
    return np.float32(number).view(np.uint32)


def float32_of_bits(word: np.uint32) -> np.float32:
    """The float32 that is made of a word."""
    return np.uint32(word).view(np.float32)


def popcount32(word: np.uint32) -> np.uint32:
    """How many bits of 32 are set."""
    return np.uint32(ones(np.uint32(word)))


def popcount64(word: np.uint64) -> np.uint64:
    """How many bits of 64 are set."""
    return np.uint64(ones(np.uint64(word)))


def trailing_zeros32(word: np.uint32) -> np.uint32:
    """The position of the lowest set bit of a word that is not zero."""
    word = np.uint32(word)
    return np.uint32(ones(np.uint32(~word & np.uint32(word - np.uint32(1)))))


def trailing_zeros64(word: np.uint64) -> np.uint64:
    """The position of the lowest set bit of a word that is not zero."""
    word = np.uint64(word)
    return np.uint64(ones(np.uint64(~word & (word - np.uint64(1)))))
