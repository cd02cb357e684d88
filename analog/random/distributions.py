"""From random words to numbers. Functions of numbers in plain Python; kernels call them on every target."""

from __future__ import annotations

import math

import numpy as np

from analog.random.philox import words

__all__ = ["normal_at", "normal_pair", "normals4", "uniform", "uniform_at", "uniforms4", "word_at"]

Four = tuple[np.float32, np.float32, np.float32, np.float32]


def uniform(word: np.uint32) -> np.float32:
    """A uniform number in (0, 1): the middle of one of 2**23 equal intervals, without rounding."""
    return (np.float32(word >> np.uint32(9)) + np.float32(0.5)) * np.float32(2.0**-23)


def normal_pair(first: np.uint32, second: np.uint32) -> tuple[np.float32, np.float32]:
    """Two independent standard normal numbers (Box and Muller, Ann. Math. Stat. 29, 1958)."""
    radius = np.float32(math.sqrt(-2.0 * math.log((float(first) + 0.5) * 2.0**-32)))
    angle = float(second) * (2.0 * math.pi * 2.0**-32)
    return radius * np.float32(math.cos(angle)), radius * np.float32(math.sin(angle))


def normals4(element: int, draw: int, step: int, stream: int, seed: int, tile: int) -> Four:
    """The four standard normal numbers at an address (see `analog.random.philox.words`)."""
    word0, word1, word2, word3 = words(element, draw, step, stream, seed, tile)
    one, two = normal_pair(word0, word1)
    three, four = normal_pair(word2, word3)
    return one, two, three, four


def uniforms4(element: int, draw: int, step: int, stream: int, seed: int, tile: int) -> Four:
    """The four uniform numbers at an address."""
    word0, word1, word2, word3 = words(element, draw, step, stream, seed, tile)
    return uniform(word0), uniform(word1), uniform(word2), uniform(word3)


def word_at(element: int, step: int, stream: int, seed: int, tile: int) -> np.uint32:
    """The word of one element of an array: lane ``element % 4`` at ``element // 4``."""
    word0, word1, word2, word3 = words(element // 4, 0, step, stream, seed, tile)
    lane = element % 4
    return (word0 if lane == 0 else word1) if lane < 2 else (word2 if lane == 2 else word3)


def uniform_at(element: int, step: int, stream: int, seed: int, tile: int) -> np.float32:
    """The uniform number of one element of an array."""
    return uniform(word_at(element, step, stream, seed, tile))


def normal_at(element: int, step: int, stream: int, seed: int, tile: int) -> np.float32:
    """The standard normal number of one element of an array."""
    word0, word1, word2, word3 = words(element // 4, 0, step, stream, seed, tile)
    early = element % 4 < 2
    even, odd = normal_pair(word0 if early else word2, word1 if early else word3)
    return even if element % 2 == 0 else odd
