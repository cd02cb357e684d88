"""Products of many vectors with a small matrix: against exact sums, and the same whatever comes with a vector."""

from __future__ import annotations

import numpy as np
import pytest

from analog.kernels import CPU, recording
from analog.mvm.thin import LEAST, MOST, multiply

RNG = np.random.default_rng(5)


def product(u: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, int]:
    """And how many kernels made it."""
    out = np.full((len(u), len(weights)), np.nan, np.float32)
    with recording() as launches:
        multiply(u, weights, out, CPU)
    return out, len(launches)


@pytest.mark.parametrize(("count", "inputs", "outputs"), [(1000, 25, 6), (300, 17, 15), (16, 400, 11), (65, 3, 340)])
@pytest.mark.parametrize("turned", [False, True])
def test_sums_are_exact_to_rounding(count: int, inputs: int, outputs: int, turned: bool) -> None:
    u, weights = (RNG.normal(size=(lines, inputs)).astype(np.float32) for lines in (count, outputs))
    if turned:
        weights = np.asfortranarray(weights)
    y, launches = product(u, weights)
    assert launches == 1
    # Summing n products makes errors of at most n roundings of the sum of their sizes.
    bound = inputs * 2.0**-24 * (abs(u.astype(float)) @ abs(weights.astype(float)).T)
    assert (abs(y - u.astype(float) @ weights.astype(float).T) <= bound).all()


def test_a_vector_gives_the_same_bits_in_any_batch() -> None:
    u, weights = (RNG.normal(size=(lines, 50)).astype(np.float32) for lines in (700, 30))
    (whole, _), (part, _) = product(u, weights), product(u[650:], weights)
    assert whole[650:].tobytes() == part.tobytes()


@pytest.mark.parametrize("shape", [(16, 64, LEAST // 16 // 64), (15, 100, 100), (16, 1024, MOST // 16 // 1024 + 1)])
def test_libraries_make_the_others(shape: tuple[int, int, int]) -> None:
    count, inputs, outputs = shape
    u, weights = np.ones((count, inputs), np.float32), np.ones((outputs, inputs), np.float32)
    y, launches = product(u, weights)
    assert launches == 0
    assert (y == inputs).all()
