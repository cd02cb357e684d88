"""Random numbers by their definition, in NumPy and float64: what the kernels are tested against."""

from __future__ import annotations

import numpy as np

MASK = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)


def philox(counter: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Philox4x32-10 of Salmon et al., figure 1: counters (..., 4) and keys (..., 2) to words (..., 4)."""
    c = [counter[..., lane].astype(np.uint64) for lane in range(4)]
    k = [key[..., lane].astype(np.uint64) for lane in range(2)]
    for number in range(10):
        if number:
            k = [(k[0] + np.uint64(0x9E3779B9)) & MASK, (k[1] + np.uint64(0xBB67AE85)) & MASK]
        product0, product1 = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        c = [(product1 >> HALF) ^ c[1] ^ k[0], product1 & MASK, (product0 >> HALF) ^ c[3] ^ k[1], product0 & MASK]
    return np.stack(c, axis=-1).astype(np.uint32)


def words(element, draw, step, stream, seed, tile) -> np.ndarray:
    """The four words at addresses (arrays that broadcast), (..., 4)."""
    parts = [np.asarray(part, np.uint64) for part in (element, draw, step, stream, seed, tile)]
    element, draw, step, stream, seed, tile = np.broadcast_arrays(*parts)
    last = stream + (step >> HALF) * np.uint64(1 << 24)
    counter = np.stack([element, draw, step & MASK, last], axis=-1)
    return philox(counter, np.stack([seed, tile], axis=-1))


def integers(size: int, step: int, stream: int, seed: int, tile: int) -> np.ndarray:
    """The words of an array of `size` elements."""
    return words(np.arange(-(-size // 4)), 0, step, stream, seed, tile).reshape(-1)[:size]


def uniforms(drawn: np.ndarray) -> np.ndarray:
    """Middles of 2**23 intervals."""
    return ((drawn >> np.uint32(9)) + 0.5) / 2.0**23


def logarithm(drawn: np.ndarray) -> np.ndarray:
    """ln((word + 1/2) / 2**32); from the distance to 1 in the upper half, where that loses no digits."""
    whole = drawn.astype(np.float64)
    below = (2.0**32 - 1 - whole + 0.5) / 2.0**32
    return np.where(whole < 2.0**31, np.log((whole + 0.5) / 2.0**32), np.log1p(-below))


def circle(drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cosine and sine of 2 pi word / 2**32; from the distance to the nearest quarter, whose zeros are exact."""
    signed = drawn.astype(np.int64)
    quarter = (signed + (1 << 29)) >> 30
    angle = (signed - (quarter << 30)) * (2.0 * np.pi / 2.0**32)
    turns = np.array([1, 1j, -1, -1j])[quarter % 4] * (np.cos(angle) + 1j * np.sin(angle))
    return turns.real, turns.imag


def normals(drawn: np.ndarray) -> np.ndarray:
    """Box and Muller: (..., 2) words to (..., 2) numbers."""
    radius = np.sqrt(-2.0 * logarithm(drawn[..., 0]))
    cosine, sine = circle(drawn[..., 1])
    return np.stack([radius * cosine, radius * sine], axis=-1)
