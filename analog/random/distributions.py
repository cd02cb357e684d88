"""From random words to numbers. Functions of numbers in plain Python; kernels call them on every target.

The logarithm, the sine and the cosine are polynomials in float32 without branches and without calls, so that compilers
make vector instructions of them. No multiplication is merged with an addition, so all processors get the same bits.
"""

from __future__ import annotations

import math

import numpy as np

from analog.kernels.bits import bits_of_float32, float32_of_bits
from analog.kernels.logarithm import logarithm_of, split
from analog.random.philox import words

__all__ = [
    "bernoulli",
    "normal_at",
    "normal_of",
    "normal_pair",
    "normals4",
    "threshold",
    "uniform",
    "uniform_at",
    "uniforms4",
    "word_at",
]

Four = tuple[np.float32, np.float32, np.float32, np.float32]

ONE, HALF = np.float32(1.0), np.float32(0.5)
#: Words from here on are nearer to 1 than to 1/sqrt(2), when divided by 2**32.
NEAR_ONE = np.uint32(0xB504F334)
#: The angle of one unit of a word shifted left by two.
TURN = np.float32(2.0 * math.pi * 2.0**-34)


def uniform(word: np.uint32) -> np.float32:
    """A uniform number in (0, 1): the middle of one of 2**23 equal intervals, without rounding."""
    return (np.float32(word >> np.uint32(9)) + HALF) * np.float32(2.0**-23)


def threshold(probability: float) -> np.uint64:
    """How many of the 2**32 words are successes; 0 for probabilities up to 0, and all of them from 1 on."""
    inside = min(max(np.float64(probability), np.float64(0.0)), np.float64(1.0))
    return np.uint64(inside * np.float64(2.0**32) + np.float64(0.5))


def bernoulli(word: np.uint32, successes: np.uint64) -> bool:
    """Whether a draw succeeds, with a probability of ``successes / 2**32`` (see `threshold`)."""
    return bool(np.uint64(word) < np.uint64(successes))


def logarithm(word: np.uint32) -> np.float32:
    """ln((word + 1/2) / 2**32), with a relative error below 2e-7 wherever it lies (Moshier, Cephes, logf).

    Near 1 it is computed from the distance to 1, which the word gives exactly.
    """
    near = word >= NEAR_ONE
    exponent, fraction = split(np.float32(word) + HALF)
    e = np.float32(0.0) if near else exponent - np.float32(32)
    f = (np.float32(np.uint32(~word)) + HALF) * np.float32(-(2.0**-32)) if near else fraction
    result: np.float32 = logarithm_of(e, f)
    return result


def circle(word: np.uint32) -> tuple[np.float32, np.float32]:
    """Cosine and sine of 2 pi word / 2**32, with relative errors below 2e-7 (Moshier, Cephes, sinf and cosf)."""
    t = np.float32(np.uint32(word << np.uint32(2)).view(np.int32)) * TURN
    z = t * t
    sine = ((np.float32(-1.9515295891e-4) * z + np.float32(8.3321608736e-3)) * z + np.float32(-1.6666654611e-1)) * z
    sine = sine * t + t
    cosine = (np.float32(2.443315711809948e-5) * z + np.float32(-1.388731625493765e-3)) * z
    cosine = (cosine + np.float32(4.166664568298827e-2)) * z * z - HALF * z + ONE
    quarter = ((word >> np.uint32(29)) + np.uint32(1)) >> np.uint32(1)
    swapped = (quarter & np.uint32(1)) == np.uint32(1)
    first = sine if swapped else cosine
    second = cosine if swapped else sine
    first_sign = np.uint32(((quarter + np.uint32(1)) & np.uint32(2)) << np.uint32(30))
    second_sign = np.uint32((quarter & np.uint32(2)) << np.uint32(30))
    return (
        float32_of_bits(np.uint32(bits_of_float32(first) ^ first_sign)),
        float32_of_bits(np.uint32(bits_of_float32(second) ^ second_sign)),
    )


def normal_pair(first: np.uint32, second: np.uint32) -> tuple[np.float32, np.float32]:
    """Two independent standard normal numbers (Box and Muller, Ann. Math. Stat. 29, 1958), up to 6.76 in size."""
    radius = np.float32(math.sqrt(np.float32(-2.0) * logarithm(first)))
    cosine, sine = circle(second)
    return radius * cosine, radius * sine


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
    return normal_of(element, 0, step, stream, seed, tile)


def normal_of(element: int, draw: int, step: int, stream: int, seed: int, tile: int) -> np.float32:
    """The standard normal number of one element in one of several draws: lane ``element % 4`` at ``element // 4``."""
    word0, word1, word2, word3 = words(element // 4, draw, step, stream, seed, tile)
    early = element % 4 < 2
    even, odd = normal_pair(word0 if early else word2, word1 if early else word3)
    return even if element % 2 == 0 else odd
