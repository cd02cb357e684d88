"""Words to numbers: exact where they can be, and within the stated errors, at every size and at the extremes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

from analog.kernels import Kernel, target_of
from analog.random import bernoulli, normal_pair, threshold, uniform
from analog.random.distributions import circle, logarithm
from tests.analog.random import fused, reference

LAST = 2**32 - 1
#: Where a polynomial changes to another: 1/sqrt(2) and 1 for the logarithm, eighths of a turn for the circle.
SEAMS = [0, 0xB504F334, *(eighth << 29 for eighth in range(1, 8)), LAST]
NEAR_SEAMS = np.unique(np.clip(np.add.outer(SEAMS, np.arange(-1000, 1001)), 0, LAST)).astype(np.uint32)
POWERS = np.array([1 << bit for bit in range(32)] + [LAST - (1 << bit) for bit in range(32)], np.uint32)
SCATTERED = np.random.default_rng(11).integers(0, LAST, 1 << 19, dtype=np.uint32, endpoint=True)
WORDS = np.concatenate([NEAR_SEAMS, POWERS, SCATTERED])


def numbers(row: int, first: int, last: int, drawn: Any, out: Any) -> None:
    for column in range(first, last):
        word = drawn[column]
        out[0, column] = uniform(word)
        out[1, column] = logarithm(word)
        out[2, column], out[3, column] = circle(word)


def pairs(row: int, first: int, last: int, drawn: Any, out: Any) -> None:
    for column in range(first, last):
        out[column, 0], out[column, 1] = normal_pair(drawn[column, 0], drawn[column, 1])


def chances(row: int, first: int, last: int, drawn: Any, probabilities: Any, out: Any) -> None:
    for column in range(first, last):
        out[row, column] = bernoulli(drawn[column], threshold(probabilities[row]))


NUMBERS, PAIRS, CHANCES = Kernel(numbers), Kernel(pairs), Kernel(chances)


def functions_of(drawn: np.ndarray) -> np.ndarray:
    out = np.zeros((4, len(drawn)), np.float32)
    target_of(out).launch(NUMBERS, 1, len(drawn), drawn, out)
    return out


def normals_of(drawn: np.ndarray) -> np.ndarray:
    out = np.zeros((len(drawn), 2), np.float32)
    target_of(out).launch(PAIRS, 1, len(drawn), drawn, out)
    return out


def chances_of(drawn: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    out = np.zeros((len(probabilities), len(drawn)), np.bool_)
    target_of(out).launch(CHANCES, len(probabilities), len(drawn), drawn, probabilities, out)
    return out


def error(found: np.ndarray, exact: np.ndarray) -> float:
    """The largest relative error; where the exact value is 0, the found one must be too."""
    return np.max(np.abs(found - exact) / np.where(exact == 0, np.finfo(float).tiny, np.abs(exact)))


def test_uniform_numbers_are_exact_and_inside() -> None:
    found = functions_of(WORDS)[0]
    np.testing.assert_array_equal(found, reference.uniforms(WORDS))
    assert (found.min(), found.max()) == (2.0**-24, 1.0 - 2.0**-24)


def test_errors_are_as_stated() -> None:
    _, log, cosine, sine = functions_of(WORDS).astype(float)
    assert error(log, reference.logarithm(WORDS)) < 2e-7
    assert error(cosine, reference.circle(WORDS)[0]) < 2e-7
    assert error(sine, reference.circle(WORDS)[1]) < 2e-7


def test_normal_numbers_are_those_of_the_definition() -> None:
    both = np.stack([WORDS, np.random.default_rng(5).permutation(WORDS)], axis=-1)
    assert error(normals_of(both), reference.normals(both)) < 6e-7


def test_the_simulator_computes_the_same_bits(simulator) -> None:
    some = np.concatenate([POWERS, SCATTERED[:64]])
    np.testing.assert_array_equal(simulator(functions_of, some), functions_of(some))
    both = np.stack([some, some[::-1]], axis=-1)
    np.testing.assert_array_equal(simulator(normals_of, both), normals_of(both))


@pytest.mark.parametrize("sigmas", [0.001, 0.1, 1.0, 3.0, 5.0, 6.0, 6.5])
def test_tails_have_their_weight(sigmas: float) -> None:
    """The radius exceeds r for a share exp(-r**2 / 2) of the words: counted exactly, by where the map crosses r."""
    exact = np.exp(-(sigmas**2) / 2)
    guess = int(exact * 2**32)
    # 40 ulp of the radius, and two words, on either side.
    width = 2 + int(40 * 2.0**-24 * sigmas**2 * guess)
    low, high = max(guess - width, 0), min(guess + width, LAST)
    ends = np.array([[low, 0], [high, 0]], np.uint32)
    (outer, _), (inner, _) = normals_of(ends)
    assert inner <= sigmas <= outer


def test_the_radius_falls_as_the_word_grows() -> None:
    steps = np.linspace(0, LAST, 1 << 16).astype(np.uint32)
    radius = normals_of(np.stack([steps, np.zeros_like(steps)], axis=-1))[:, 0]
    assert np.all(np.diff(radius) < 0)


def test_the_largest_normal_number() -> None:
    assert normals_of(np.array([[0, 0]], np.uint32))[0, 0] == pytest.approx(np.sqrt(66 * np.log(2)), rel=3e-7)


def test_bernoulli_draws_are_exact_to_32_bits(simulator) -> None:
    probabilities = np.array([-1.0, 0.0, 2.0**-32, 0.5, 1.0 - 2.0**-32, 1.0, 2.0])
    drawn = np.array([0, 1, 2**31 - 1, 2**31, LAST - 1, LAST], np.uint32)
    successes = [0, 0, 1, 2**31, 2**32 - 1, 2**32, 2**32]
    expected = drawn.astype(np.uint64) < np.array(successes, np.uint64)[:, None]
    np.testing.assert_array_equal(chances_of(drawn, probabilities), expected)
    np.testing.assert_array_equal(simulator(chances_of, drawn, probabilities), expected)
    single = probabilities.astype(np.float32)
    np.testing.assert_array_equal(chances_of(drawn, single), chances_of(drawn, single.astype(float)))


def test_merged_multiplications_change_normals_by_less_than_a_millionth() -> None:
    both = np.stack([WORDS, np.random.default_rng(5).permutation(WORDS)], axis=-1)
    assert 0 < error(fused.normals(both), normals_of(both).astype(float)) < 1e-6


def test_as_many_words_lie_beyond_five_and_six_sigma_as_should() -> None:
    drawn = np.arange(1 << 14, dtype=np.uint32)
    radius = normals_of(np.stack([drawn, np.zeros_like(drawn)], axis=-1))[:, 0].astype(float)
    assert np.sum(radius > 6.0) == round(np.exp(-18.0) * 2**32)
    # One coordinate of the point at that radius, averaged over all angles.
    share = np.sum(2 * np.arccos(5.0 / radius[radius > 5.0]) / np.pi) / 2.0**32
    assert share == pytest.approx(special.erfc(5.0 / np.sqrt(2)), rel=1e-4)
